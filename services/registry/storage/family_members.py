"""Who belongs to which family, each told only to those who may know both by name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from services.registry.domain.family import AlreadyMember, HasHead, Membership, Relation
from services.registry.storage import merges, told_merges
from services.registry.storage.access import allowed, shown_by_name
from services.registry.storage.family_tables import family_members as m
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.database import Tx
from shared.ids import new_id
from shared.policy import Action

_ADD_SQL: Final = """
    insert into family_members
        (id, family_id, person_id, relation, joined_on, added_at, added_by)
    values ($1, $2, $3, $4, $5, $6, $7)
"""
_ADD_NEW_SQL: Final = """
    insert into family_members (id, family_id, person_id, relation, added_at, added_by)
    select id, family_id, person_id, $4, $5, $6
    from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as m (id, family_id, person_id)
"""
_CURRENT_SQL: Final = """
    select joined_on from family_members
    where family_id = any($1::uuid[]) and person_id = $2 and removed_at is null
    order by joined_on desc nulls last for update
"""
_REMOVE_SQL: Final = """
    update family_members set left_on = $3, removed_at = $4, removed_by = $5
    where family_id = any($1::uuid[]) and person_id = $2 and removed_at is null
"""
_ELSEWHERE_SQL: Final = """
    select exists (
        select from family_members
        where person_id = $1 and family_id <> $2 and removed_at is null
    )
"""
_REFUSALS: Final[Mapping[str, type[AlreadyMember | HasHead]]] = {
    "uq_family_members_current": AlreadyMember,
    "uq_family_members_head": HasHead,
}


@dataclass(frozen=True, slots=True)
class Member:
    """A stay in a family: `id` and `name` are those of the other one, person or family."""

    id: UUID
    name: str
    area: str
    sex: str | None
    birth_year: int | None
    relation: str
    joined_on: date | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay that goes on."""

    joined_on: date | None


async def add(tx: Tx, actor: Actor, membership: Membership) -> None:
    """Store it; raises `AlreadyMember` or `HasHead`."""
    try:
        async with tx.savepoint():
            await tx.fetch(
                _ADD_SQL,
                new_id(),
                membership.family_id,
                membership.person_id,
                membership.relation,
                membership.joined_on,
                tx.now,
                actor.id,
            )
    except asyncpg.UniqueViolationError as taken:
        raise _REFUSALS[taken.constraint_name or ""] from taken


async def add_new(
    tx: Tx, actor: Actor, pairs: Sequence[tuple[UUID, UUID]], relation: Relation
) -> None:
    """Store pairs of a family and a person who has just been registered."""
    families, persons = zip(*pairs, strict=True)
    ids = [new_id() for _ in pairs]
    await tx.fetch(_ADD_NEW_SQL, ids, list(families), list(persons), relation, tx.now, actor.id)


async def is_elsewhere(tx: Tx, person_id: UUID, family_id: UUID) -> bool:
    """Whether the person is a member of another family that the caller may see."""
    found: bool = await tx.fetchval(_ELSEWHERE_SQL, person_id, family_id)
    return found


async def current(tx: Tx, family_ids: Collection[UUID], person_id: UUID) -> Stay | None:
    """The person's newest stay in the family, locked; None when it is no member now.

    The ids are of one family, whose records were merged.
    """
    row = await tx.fetchrow(_CURRENT_SQL, list(family_ids), person_id)
    return None if row is None else Stay(row["joined_on"])


async def remove(
    tx: Tx, actor: Actor, family_ids: Collection[UUID], person_id: UUID, *, left_on: date
) -> None:
    """End the stay in each of these on this day; it stays in the family's history."""
    await tx.fetch(_REMOVE_SQL, list(family_ids), person_id, left_on, tx.now, actor.id)


async def of_family(tx: Tx, actor: Actor, family_id: UUID) -> list[Member]:
    """Its members, those of today first and the head before all, with those of merged records."""
    ids = await told_merges.whole(tx, actor, family_id)
    return await _shown(tx, actor, m.c.family_id.in_(ids), m.c.person_id)


async def of_person(tx: Tx, actor: Actor, person_id: UUID) -> list[Member]:
    """The families the person belongs or belonged to, those of today first, under any record."""
    ids = await told_merges.whole(tx, actor, person_id)
    return await _shown(tx, actor, m.c.person_id.in_(ids), m.c.family_id)


async def _shown(
    tx: Tx, actor: Actor, mine: sa.ColumnElement[bool], other: sa.ColumnElement[Any]
) -> list[Member]:
    """Left out is whom a list would hide: with those around it, its place names it."""
    rows = await tx.execute(
        sa.select(
            b.c.id, b.c.name, b.c.area, b.c.sex, b.c.birth_year,
            m.c.relation, m.c.joined_on, m.c.left_on, m.c.removed_at,
        )
        .join_from(m, b, b.c.id == other)
        .where(mine, allowed(actor, Action.BENEFICIARY_READ), shown_by_name(actor))
        .order_by(m.c.removed_at.isnot(None), m.c.relation != "head", m.c.added_at, m.c.id)
    )  # fmt: skip
    found: Sequence[Any] = rows.all()
    remaining = await merges.remaining(tx, {row.id for row in found})
    # Who is a member today is told once, though two records of theirs or of the family say so.
    today = {remaining.get(row.id, row.id): row for row in reversed(found) if not row.removed_at}
    return [
        Member(*row[:-1])
        for row in found
        if row.removed_at or today[remaining.get(row.id, row.id)] is row
    ]
