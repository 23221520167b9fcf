"""What cases keeps of a person in words, and how it is forgotten."""

from typing import Final
from uuid import UUID

from shared.database import Tx

FORGOTTEN_WORDS: Final = "(dianonimkan)"
"""In place of a need."""
_FORGET: Final = (
    """
    update referral_steps set note = null, service = null
    where referral_id = any($1::uuid[]) and (note is not null or service is not null)
    """,
    "update glass_grants set reason = '' where referral_id = any($1::uuid[])",
    # The sweeper deletes files that belong to no step, their bytes first.
    "update attachments set step_version = null where referral_id = any($1::uuid[])",
    f"""
    update referrals set need = '{FORGOTTEN_WORDS}', attributes = '{{}}'
    where id = any($1::uuid[])
    """,  # noqa: S608 - our own words
)
"""What is emptied of referrals that have ended, given their ids."""
_ENDED_SQL: Final = """
    select coalesce(array_agg(id), '{}') from referrals where beneficiary_id = $1
      and status in ('completed', 'rerouted', 'recalled', 'cancelled', 'entered_in_error')
"""
_FORGET_CASES_SQL: Final = """
    update case_steps set note = null, reason = null
    where case_id in (select id from cases where beneficiary_id = $1 and not is_open)
"""
# Answers kept for a repeat of their key, some of which hold a need.
_FORGET_ANSWERS_SQL: Final = """
    delete from idempotency_keys where position(convert_to($1::uuid::text, 'UTF8') in body) > 0
"""
_MARK_SQL: Final = """
    update known_beneficiaries set anonymised = true, version = greatest(version, $2)
    where beneficiary_id = $1
"""


async def forget(tx: Tx, beneficiary_id: UUID, version: int) -> None:
    """Empty what ended referrals and closed cases of the person say in words, for good.

    Nobody can be sent for this person any more.
    """
    ended = await tx.fetchval(_ENDED_SQL, beneficiary_id)
    for statement in _FORGET:
        await tx.fetch(statement, ended)
    await tx.fetch(_FORGET_CASES_SQL, beneficiary_id)
    await tx.fetch(_FORGET_ANSWERS_SQL, beneficiary_id)
    await tx.fetch(_MARK_SQL, beneficiary_id, version)
