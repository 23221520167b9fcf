"""What a list leaves out and a sheet of the same people says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.domain.nik import mask
from services.registry.storage.access import allowed, shown_by_name
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.tables import access_grants as g
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action

_COLUMNS: Final = (
    b.c.id, b.c.nik_sealed, b.c.birth_on, b.c.address, b.c.phone, b.c.safe_contact,
    b.c.registered_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detail:
    """The rest of one record; the NIK only as screens show it."""

    nik: str | None = field(default=None, repr=False)
    birth_on: date | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    safe_contact: bool | None = None
    registered_at: datetime | None = None


async def details(tx: Tx, vault: NikVault, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Detail]:
    """Of those whom the caller may take away; of the masked nothing but when they came.

    Telephone and address are left out where the record itself withholds them.
    """
    named = shown_by_name(actor).label("named")
    withheld = _only_by_safe_contact(actor).label("withheld")
    found = await tx.execute(
        sa.select(*_COLUMNS, named, withheld).where(
            b.c.id.in_(ids), allowed(actor, Action.BENEFICIARY_EXPORT)
        )
    )
    return {row.id: _detail(vault, row) for row in found}


def _only_by_safe_contact(actor: Actor) -> sa.ColumnElement[bool]:
    """Whether a referral to the caller forbids any other contact; who registered it knows all."""
    forbidden = sa.exists().where(
        g.c.beneficiary_id == b.c.id, g.c.worker_id == actor.id, g.c.safe_contact_only
    )
    return sa.and_(b.c.safe_contact.isnot(True), b.c.registered_by != actor.id, forbidden)


def _detail(vault: NikVault, row: Any) -> Detail:
    if not row.named:
        return Detail(registered_at=row.registered_at)
    return Detail(
        nik=mask(vault.open(row.nik_sealed, row.id)) if row.nik_sealed else None,
        birth_on=row.birth_on,
        address=None if row.withheld else row.address,
        phone=None if row.withheld else row.phone,
        safe_contact=row.safe_contact,
        registered_at=row.registered_at,
    )
