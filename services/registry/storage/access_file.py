"""Everything held about a person, as the law lets them ask for it (UU 27/2022 art. 31-32)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.storage import family_cards, merges
from services.registry.storage.access import within
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action

PARTS: Final[Mapping[str, str]] = {
    "categories": """
        select code, given_at, ended_at, evidence, given_by, since, until, verified_by, verified_at,
               ended_by, end_reason
        from category_periods where beneficiary_id = any($1::uuid[]) order by given_at, code
    """,
    "families": """
        select family_id, relation, joined_on, left_on, added_at, added_by from family_members
        where person_id = any($1::uuid[]) order by added_at, id
    """,
    "legal_bases": """
        select purpose, basis, text_version, channel, at, taken_by, guardian, withdrawn_at,
               withdrawn_by, stops_at, stopped_at
        from legal_bases where beneficiary_id = any($1::uuid[]) order by at, id
    """,
    "services_received": """
        select referral_id, outcome, service, at from services_received
        where beneficiary_id = any($1::uuid[]) order by at, referral_id
    """,
    "requests": """
        select kind, state, words, taken_by, received_at, due_at, reminded_at, handled_by,
               handled_at, refusal, answer
        from requests where beneficiary_id = any($1::uuid[]) order by received_at, id
    """,
    "reports": """
        select source, received_at, settled_at, settled_by from reports
        where beneficiary_id = any($1::uuid[]) order by received_at, id
    """,
    "merges": """
        select merged_id, into_id, merged_by, merged_at, undone_by, undone_at from merges
        where merged_id = any($1::uuid[]) or into_id = any($1::uuid[]) order by merged_at, id
    """,
    "trail": """
        select at, actor_id, actor_kind, action, detail from (
            select * from audit_log where subject_id = any($1::uuid[]) order by id desc limit 2000
        ) newest order by id
    """,
}
"""What the file holds beside the records themselves, each part given their ids."""
NOT_IN_IT: Final[Mapping[str, str]] = {
    "nik_index": "a keyed hash of the NIK, which the file holds whole",
    "kk_index": "a keyed hash of the No. KK, which the file holds whole",
    "marks": "made of the record for finding look-alikes, and nothing beside it",
    "alias_marks": "made of the other names in the record for finding it by them",
    "counted_records": "made of the record for counting, and nothing beside it",
    "access_grants": "who reads for a referral stands in the record; the rest is that of cases",
    "registration_keys": "random or hashed keys against registering twice",
    "import_lines": "which line of a list became the record, for some weeks",
    "different_people": "that somebody else is somebody else",
}
"""Tables that know of a person and are no part of the file, and why."""
_TRACES_SQL: Final = "select count(*) from audit_log where subject_id = any($1::uuid[])"
_OF_RECORD: Final = (
    "id", "kind", "name", "sex", "birth_precision", "birth_year", "birth_on", "nik_absent_reason",
    "aliases", "disabilities", "latitude", "longitude", "size", "area", "address", "phone",
    "safe_contact", "confidentiality", "registered_by", "registered_at", "changed_at",
    "restricted_at", "granted_to",
)  # fmt: skip


async def whole(
    tx: Tx, vault: NikVault, actor: Actor, beneficiary_id: UUID
) -> dict[str, Any] | None:
    """The records of one person and all parts, with the whole NIK; None out of reach.

    The record asked for stands first. Of the trail the newest rows are told, and how many it has.
    """
    found = await tx.execute(
        sa.select(sa.true()).where(
            b.c.id == beneficiary_id,
            within(actor, Action.PROTECTION_HANDLE),
            b.c.anonymised_at.is_(None),
        )
    )
    if found.one_or_none() is None:
        return None
    ids = await merges.whole(tx, [beneficiary_id])
    # It is the person's own, wherever it lies; whoever hands it out answers for the one record.
    async with tx.beyond_scope():
        records = [await _record(tx, vault, one) for one in sorted(ids, key=beneficiary_id.__ne__)]
        parts = {
            name: [dict(one) for one in await tx.fetch(sql, ids)] for name, sql in PARTS.items()
        }
        traces = await tx.fetchval(_TRACES_SQL, ids)
    return {"records": records, **parts, "traces": traces}


async def _record(tx: Tx, vault: NikVault, beneficiary_id: UUID) -> dict[str, Any]:
    row = (await tx.execute(sa.select(b).where(b.c.id == beneficiary_id))).one()
    return {
        **{column: getattr(row, column) for column in _OF_RECORD},
        "nik": vault.open(row.nik_sealed, row.id) if row.nik_sealed else None,
        "kk": await family_cards.kk_of(tx, vault, row.id),
    }
