"""The read side: records, lists and facts, each only as far as the caller may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.domain.beneficiary import open_categories
from services.registry.domain.name import HIDDEN, LAST_CHARACTER, key_of
from services.registry.domain.nik import mask
from services.registry.storage import merges
from services.registry.storage.access import allowed, hides_name, shown_by_name
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.tables import beneficiaries as b
from shared.auth import AREA_END, Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.errors import Invalid
from shared.policy import Action
from shared.reference.categories import CATEGORIES

_SERVICES_SQL: Final = """
    select referral_id, outcome, service, at from services_received
    where beneficiary_id = any($1) and confidentiality <= $2 order by at
"""
_BASES_SQL: Final = """
    select basis, text_version, channel, at, taken_by from legal_bases
    where beneficiary_id = $1 order by at, id
"""
_FACTS_SQL: Final = """
    select id, version, kind, area, confidentiality, categories, merged_into from beneficiaries
    where id = any($1)
"""
_OPEN_WALL_SQL: Final = """
    select set_config('app.area_from', '0', true), set_config('app.area_to', ':', true)
"""
_TRAIL_SQL: Final = """
    select id, at, actor_id, actor_kind, action, detail from audit_log
    where subject_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3
"""
_SUMMARY: Final = (
    b.c.id,
    b.c.name,
    b.c.kind,
    b.c.sex,
    b.c.birth_year,
    b.c.area,
    b.c.categories,
    b.c.confidentiality,
    b.c.registered_by,
    b.c.granted_to,
)


@dataclass(frozen=True, slots=True)
class Summary:
    """A beneficiary as lists show it; of a masked one, neither name nor age nor sensitive code."""

    id: UUID
    name: str
    kind: str
    sex: str | None
    birth_year: int | None
    area: str
    categories: list[str]
    confidentiality: str
    masked: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One whole record; the NIK only as screens show it."""

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
    area: str
    address: str | None
    phone: str | None
    safe_contact: bool | None
    categories: list[str]
    confidentiality: str
    registered_by: UUID
    registered_at: datetime
    changed_at: datetime
    legal_bases: list[dict[str, Any]]
    services_received: list[dict[str, Any]]
    merged_into: UUID | None
    """Set where a caller may see this record and not the one it goes on as."""
    merged_from: list[dict[str, Any]]
    """Records that go on as this one; their names where lists show them to the caller."""


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


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is asked for; `after` is the last id of the page before."""

    name: str | None = None
    area: str | None = None
    category: str | None = None
    after: UUID | None = None
    limit: int = 50


async def record(tx: Tx, vault: NikVault, actor: Actor, beneficiary_id: UUID) -> Record | None:
    """The whole record, or None when there is none the caller may read.

    A record that was merged answers with the one that remains, to whoever may read that; to
    others it stays what it was, so that a merge neither opens nor closes anything.
    """
    row = await _row(tx, actor, beneficiary_id)
    remains = (await merges.remaining(tx, [beneficiary_id])).get(beneficiary_id)
    if remains is not None:
        row = await _row(tx, actor, remains) or row
    if row is None:
        return None
    merged = await merges.into(tx, row.id)
    # A service of a more confidential referral would tell what the record itself does not.
    services = await tx.fetch(_SERVICES_SQL, [row.id, *merged], row.confidentiality)
    bases = await tx.fetch(_BASES_SQL, row.id)
    return Record(
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
        area=row.area,
        address=row.address,
        phone=row.phone,
        safe_contact=row.safe_contact,
        categories=row.categories,
        confidentiality=row.confidentiality,
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        changed_at=row.changed_at,
        legal_bases=[dict(basis) for basis in bases],
        services_received=[dict(service) for service in services],
        merged_into=row.merged_into,
        merged_from=await _merged(tx, actor, merged) if merged else [],
    )


async def _row(tx: Tx, actor: Actor, beneficiary_id: UUID) -> Any | None:
    found = await tx.execute(
        sa.select(b).where(b.c.id == beneficiary_id, allowed(actor, Action.BENEFICIARY_READ))
    )
    return found.one_or_none()


async def _merged(tx: Tx, actor: Actor, moments: Mapping[UUID, datetime]) -> list[dict[str, Any]]:
    rows = await tx.execute(
        sa.select(b.c.id, b.c.name, b.c.area).where(
            b.c.id.in_(moments), allowed(actor, Action.BENEFICIARY_READ), shown_by_name(actor)
        )
    )
    seen = {row.id: row for row in rows}
    return [
        {
            "id": one,
            "at": at,
            "name": seen[one].name if one in seen else None,
            "area": seen[one].area if one in seen else None,
        }
        for one, at in moments.items()
    ]


async def search(tx: Tx, actor: Actor, wanted: Search) -> list[Summary]:
    """One page: by name when a name is asked for, else the newest first."""
    after_key = None
    if wanted.after is not None and wanted.name is not None:
        # Under the list's own rule: the place of a hidden name in the order would tell it.
        found = await tx.execute(
            sa.select(b.c.name_key).where(
                b.c.id == wanted.after,
                allowed(actor, Action.BENEFICIARY_READ),
                shown_by_name(actor),
            )
        )
        after_key = found.scalar_one_or_none()
        if after_key is None:
            raise Invalid("Daftar sudah berubah, muat ulang dari awal.")
    rows = await tx.execute(search_statement(actor, wanted, after_key))
    return [_summary(actor, row) for row in rows]


def search_statement(actor: Actor, wanted: Search, after_key: str | None) -> sa.Select[Any]:
    """The list's query; a name is matched from its beginning.

    A record whose name the caller is not shown is found neither by that name nor by a category
    that made it confidential: finding it would say what the list hides.
    """
    statement = sa.select(*_SUMMARY).where(
        allowed(actor, Action.BENEFICIARY_READ), b.c.merged_into.is_(None)
    )
    if wanted.area is not None:
        statement = statement.where(b.c.area >= wanted.area, b.c.area < wanted.area + AREA_END)
    if wanted.category is not None:
        statement = statement.where(b.c.categories.contains([wanted.category]))
        if CATEGORIES[wanted.category].sensitivity is Confidentiality.C3:
            statement = statement.where(shown_by_name(actor))
    if wanted.name is None:
        if wanted.after is not None:
            statement = statement.where(b.c.id < wanted.after)
        return statement.order_by(b.c.id.desc()).limit(wanted.limit)
    key = key_of(wanted.name)
    statement = statement.where(
        b.c.name_key >= key, b.c.name_key < key + LAST_CHARACTER, shown_by_name(actor)
    )
    if after_key is not None:
        statement = statement.where(
            sa.tuple_(b.c.name_key, b.c.id) > sa.tuple_(after_key, wanted.after)
        )
    return statement.order_by(b.c.name_key, b.c.id).limit(wanted.limit)


async def summaries(
    tx: Tx, actor: Actor, ids: Sequence[UUID], *actions: Action
) -> dict[UUID, Summary]:
    """Those of the named records on which the caller may do all of `actions`.

    For one that was merged the one that remains, as `record` answers it.
    """
    remaining = await merges.remaining(tx, ids)
    rows = await tx.execute(
        sa.select(*_SUMMARY).where(
            b.c.id.in_({*ids, *remaining.values()}),
            *(allowed(actor, action) for action in actions),
        )
    )
    found = {row.id: _summary(actor, row) for row in rows}
    known = {one: found.get(remaining.get(one, one)) or found.get(one) for one in ids}
    return {one: summary for one, summary in known.items() if summary is not None}


async def facts(tx: Tx, ids: Sequence[UUID]) -> list[Facts]:
    """What a service of ours may know of any records; services have no area of their own."""
    await tx.fetch(_OPEN_WALL_SQL)
    return [
        Facts(**{**dict(row), "categories": open_categories(row["categories"])})
        for row in await tx.fetch(_FACTS_SQL, list(ids))
    ]


async def is_allowed(tx: Tx, actor: Actor, action: Action, beneficiary_id: UUID) -> bool:
    """Whether the record exists and the caller may do this to it."""
    found = await tx.execute(
        sa.select(sa.true()).where(b.c.id == beneficiary_id, allowed(actor, action))
    )
    return found.one_or_none() is not None


async def trail(
    tx: Tx, beneficiary_id: UUID, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Who read or changed the record, newest first."""
    rows = await tx.fetch(_TRAIL_SQL, beneficiary_id, before, limit)
    return [dict(row) for row in rows]


def _summary(actor: Actor, row: Any) -> Summary:
    masked = hides_name(
        actor,
        confidentiality=row.confidentiality,
        registered_by=row.registered_by,
        granted_to=row.granted_to,
    )
    return Summary(
        id=row.id,
        name=HIDDEN if masked else row.name,
        kind=row.kind,
        sex=None if masked else row.sex,
        birth_year=None if masked else row.birth_year,
        area=row.area,
        categories=open_categories(row.categories) if masked else row.categories,
        confidentiality=row.confidentiality,
        masked=masked,
    )
