"""The read side: records and facts, each only as far as the caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.domain.beneficiary import open_categories
from services.registry.domain.name import HIDDEN
from services.registry.domain.nik import mask
from services.registry.storage import family_cards, merges, told_merges
from services.registry.storage.access import is_masked, may_touch, within
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind
from shared.database import Tx
from shared.policy import Action

_SERVICES_SQL: Final = """
    select referral_id, outcome, service, at from services_received
    where beneficiary_id = any($1) and confidentiality <= $2 order by at
"""
_BASES_SQL: Final = """
    select id, purpose, basis, text_version, channel, at, taken_by, withdrawn_at, stops_at,
           stopped_at
    from legal_bases
    where beneficiary_id = $1 order by at, id
"""
_SAFE_CONTACT_ONLY_SQL: Final = """
    select exists (select from access_grants
                   where beneficiary_id = $1 and worker_id = $2 and safe_contact_only)
"""
_FACTS_SQL: Final = """
    select id, version, kind, area, confidentiality, categories, merged_into from beneficiaries
    where id = any($1) and anonymised_at is null
"""
_OPEN_WALL_SQL: Final = """
    select set_config('app.area_from', '0', true), set_config('app.area_to', ':', true)
"""
_ROW: Final = sa.select(b).where(b.c.id == sa.bindparam("wanted"))
_TRAIL_SQL: Final = """
    select id, at, actor_id, actor_kind, action, detail from audit_log
    where subject_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One whole record, its numbers as screens show them; a masked one tells not whose it is."""

    id: UUID
    version: int
    kind: str
    name: str
    sex: str | None
    birth_precision: str | None
    birth_year: int | None
    birth_on: date | None
    nik: str | None
    nik_absent_reason: str | None
    kk: str | None
    aliases: list[str]
    disabilities: list[str]
    latitude: float | None
    longitude: float | None
    size: int | None
    area: str
    address: str | None
    phone: str | None
    safe_contact: bool | None
    categories: list[str]
    confidentiality: str
    masked: bool
    registered_by: UUID
    registered_at: datetime
    changed_at: datetime
    restricted_at: datetime | None
    legal_bases: list[dict[str, Any]]
    services_received: list[dict[str, Any]]
    merged_into: UUID | None
    """Set where a caller may see this record and not the one it goes on as."""
    merged_from: list[dict[str, Any]]
    """Records that go on as this one, as far as the caller may know of them."""
    contact_withheld: bool
    """Whether phone and address are left out because only a safe contact may be used."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What other services may know: ids and codes, nothing that names a person."""

    id: UUID
    version: int
    kind: str
    area: str
    confidentiality: str
    categories: list[str]
    merged_into: UUID | None


async def record(tx: Tx, vault: NikVault, actor: Actor, beneficiary_id: UUID) -> Record | None:
    """The whole record, or None when there is none the caller may read.

    A record that was merged answers with the one that remains, to whoever may read that; to
    others it stays what it was, so that a merge neither opens nor closes anything. What hides who
    it is stays hidden as well.
    """
    row = await _row(tx, actor, beneficiary_id)
    remains = (await told_merges.remaining(tx, actor, [beneficiary_id])).get(beneficiary_id)
    if remains is not None:
        row = await _row(tx, actor, remains) or row
    if row is None:
        return None
    merged = await merges.into(tx, row.id)
    # A service of a more confidential referral would tell what the record itself does not.
    services = await tx.fetch(_SERVICES_SQL, [row.id, *merged], row.confidentiality)
    bases = await tx.fetch(_BASES_SQL, row.id)
    is_family = row.kind == BeneficiaryKind.FAMILY
    kk = await family_cards.kk_of(tx, vault, row.id) if is_family else None
    masked = is_masked(actor, row)
    # With one of those it was merged from, a masked record would be told apart.
    parts = not masked or await is_allowed(tx, actor, Action.BENEFICIARY_MERGE, row.id)
    withheld = not row.safe_contact and await _safe_contact_only(tx, actor, row)
    whole = Record(
        id=row.id,
        version=row.version,
        kind=row.kind,
        name=row.name,
        sex=row.sex,
        birth_precision=row.birth_precision,
        birth_year=row.birth_year,
        birth_on=row.birth_on,
        nik=mask(vault.open(row.nik_sealed, row.id)) if row.nik_sealed else None,
        nik_absent_reason=row.nik_absent_reason,
        kk=mask(kk) if kk else None,
        aliases=row.aliases,
        disabilities=row.disabilities,
        latitude=row.latitude,
        longitude=row.longitude,
        size=row.size,
        area=row.area,
        address=None if withheld else row.address,
        phone=None if withheld else row.phone,
        safe_contact=row.safe_contact,
        categories=row.categories,
        confidentiality=row.confidentiality,
        masked=masked,
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        changed_at=row.changed_at,
        restricted_at=row.restricted_at,
        legal_bases=[dict(basis) for basis in bases],
        services_received=[dict(service) for service in services],
        merged_into=remains if row.id == beneficiary_id else None,
        merged_from=await told_merges.into(tx, actor, merged) if merged and parts else [],
        contact_withheld=withheld,
    )
    return _without_identity(whole) if whole.masked else whole


async def _safe_contact_only(tx: Tx, actor: Actor, row: Any) -> bool:
    """Whether a referral to the reader forbids any other contact; who registered it knows all."""
    if row.registered_by == actor.id:
        return False
    return bool(await tx.fetchval(_SAFE_CONTACT_ONLY_SQL, row.id, actor.id))


async def _row(
    tx: Tx, actor: Actor, beneficiary_id: UUID, action: Action = Action.BENEFICIARY_READ
) -> Any | None:
    row = (await tx.execute(_ROW, {"wanted": beneficiary_id})).one_or_none()
    return row if row is not None and may_touch(actor, row, action) else None


async def facts(tx: Tx, ids: Sequence[UUID]) -> list[Facts]:
    """What a service of ours may know of any records; services have no area of their own."""
    await tx.fetch(_OPEN_WALL_SQL)
    return [
        Facts(**{**dict(row), "categories": open_categories(row["categories"])})
        for row in await tx.fetch(_FACTS_SQL, list(ids))
    ]


async def is_allowed(tx: Tx, actor: Actor, action: Action, beneficiary_id: UUID) -> bool:
    """Whether the record exists and the caller may do this to it."""
    return await _row(tx, actor, beneficiary_id, action) is not None


async def is_within(tx: Tx, actor: Actor, action: Action, beneficiary_id: UUID) -> bool:
    """Whether the record exists, restricted or anonymised too, and duties reach it for this."""
    found = await tx.execute(
        sa.select(sa.true()).where(b.c.id == beneficiary_id, within(actor, action))
    )
    return found.one_or_none() is not None


async def trail(
    tx: Tx, beneficiary_id: UUID, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Who read or changed the record, newest first."""
    rows = await tx.fetch(_TRAIL_SQL, beneficiary_id, before, limit)
    return [dict(row) for row in rows]


def _without_identity(whole: Record) -> Record:
    """UU 11/2012 art. 19: name, address, and whatever else reveals who it is."""
    return replace(
        whole,
        name=HIDDEN,
        merged_from=[{**one, "name": None, "area": None} for one in whole.merged_from],
        aliases=[],
        sex=None,
        birth_precision=None,
        birth_year=None,
        birth_on=None,
        nik=None,
        nik_absent_reason=None,
        kk=None,
        disabilities=[],
        latitude=None,
        longitude=None,
        size=None,
        address=None,
        phone=None,
        safe_contact=None,
        categories=open_categories(whole.categories),
        services_received=[],
    )
