"""What referrals leave with a record: who may read it for now, and which service it received."""

from datetime import datetime
from typing import Final
from uuid import UUID

from shared.contracts.cases import ReferralCompleted
from shared.database import Tx

_LOCK_SQL: Final = "select from beneficiaries where id = $1 for no key update"
_GRANT_SQL: Final = """
    insert into access_grants as held
        (referral_id, beneficiary_id, worker_id, version, is_open, safe_contact_only)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (referral_id) do update
    set worker_id = excluded.worker_id, version = excluded.version, is_open = excluded.is_open,
        safe_contact_only = excluded.safe_contact_only
    where held.version < excluded.version
    returning true
"""
_REPEAT_SQL: Final = """
    update beneficiaries set granted_to = array(
        select distinct worker_id from access_grants
        where beneficiary_id = $1 and worker_id is not null order by worker_id
    )
    where id = $1
"""
_RECEIVED_SQL: Final = """
    insert into services_received as known
        (referral_id, beneficiary_id, outcome, service, confidentiality, version, at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (referral_id) do update
    set outcome = excluded.outcome, service = excluded.service,
        confidentiality = excluded.confidentiality, version = excluded.version, at = excluded.at
    where known.version < excluded.version
"""


async def set_grant(
    tx: Tx,
    *,
    referral_id: UUID,
    beneficiary_id: UUID,
    worker_id: UUID | None,
    version: int,
    is_open: bool,
    safe_contact_only: bool,
) -> None:
    """Let this worker alone read the record for this referral; None ends it.

    While it `is_open` the record is not anonymised. With `safe_contact_only` phone and address are
    withheld unless they are a safe contact. A version not above the known one changes nothing.
    """
    # Two referrals of one record at once: the second must see the first one's row below.
    await tx.fetch(_LOCK_SQL, beneficiary_id)
    if await tx.fetchval(
        _GRANT_SQL, referral_id, beneficiary_id, worker_id, version, is_open, safe_contact_only
    ):
        await tx.fetch(_REPEAT_SQL, beneficiary_id)


async def add_service(tx: Tx, completed: ReferralCompleted, *, version: int, at: datetime) -> None:
    """Remember what the referral achieved, once; an older version changes nothing."""
    await tx.fetch(
        _RECEIVED_SQL,
        completed.referral_id,
        completed.beneficiary_id,
        completed.outcome,
        completed.service,
        completed.confidentiality,
        version,
        at,
    )
