"""Everything held about a person, as the law lets them ask for it (UU 27/2022 art. 31-32)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.storage import family_cards
from services.registry.storage.access import within
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action

PARTS: Final[Mapping[str, str]] = {
    "categories": """
        select code, given_at, ended_at, evidence, given_by, verified_by from category_periods
        where beneficiary_id = $1 order by given_at, code
    """,
    "families": """
        select family_id, relation, joined_on, left_on from family_members
        where person_id = $1 and removed_at is null order by added_at, id
    """,
    "legal_bases": """
        select purpose, basis, text_version, channel, at, taken_by, guardian, withdrawn_at,
               stopped_at
        from legal_bases where beneficiary_id = $1 order by at, id
    """,
    "services_received": """
        select referral_id, outcome, service, at from services_received
        where beneficiary_id = $1 order by at
    """,
    "requests": """
        select kind, state, words, received_at, due_at, handled_at, refusal, answer from requests
        where beneficiary_id = $1 order by received_at, id
    """,
    "trail": """
        select at, actor_id, actor_kind, action, detail from audit_log
        where subject_id = $1 order by id
    """,
}
"""What the file holds beside the record itself, each part given the record's id."""
_OF_RECORD: Final = (
    "id", "kind", "name", "sex", "birth_precision", "birth_year", "birth_on", "nik_absent_reason",
    "aliases", "disabilities", "latitude", "longitude", "area", "address", "phone", "safe_contact",
    "confidentiality", "registered_by", "registered_at", "changed_at", "restricted_at",
)  # fmt: skip


async def whole(
    tx: Tx, vault: NikVault, actor: Actor, beneficiary_id: UUID
) -> dict[str, Any] | None:
    """Record and parts with the whole NIK, which is the person's own; None out of reach."""
    found = await tx.execute(
        sa.select(b).where(
            b.c.id == beneficiary_id,
            within(actor, Action.PROTECTION_HANDLE),
            b.c.anonymised_at.is_(None),
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    record = {column: getattr(row, column) for column in _OF_RECORD}
    record["nik"] = vault.open(row.nik_sealed, row.id) if row.nik_sealed else None
    record["kk"] = await family_cards.kk_of(tx, vault, row.id)
    parts = {
        name: [dict(one) for one in await tx.fetch(sql, beneficiary_id)]
        for name, sql in PARTS.items()
    }
    return {"record": record, **parts}
