"""Who is registered under a NIK, and how often a worker has asked."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from services.registry.domain.lookalike import Lookalike, same_nik
from services.registry.domain.name import key_of
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.standing import known_by_name
from shared.auth import Actor
from shared.database import Tx
from shared.errors import TooMany
from shared.reference.areas import label_of
from shared.trips import Opening

Number = TypeVar("Number", str, bytes)
Same = Callable[..., Lookalike]
"""Makes a candidate of a record with the very same number."""
SEARCHES_PER_WINDOW: Final = 20
WINDOW: Final = timedelta(minutes=1)

# In one order for everybody, so that two batches never wait for each other.
_LOCK_SQL: Final = """
    select pg_advisory_xact_lock(turn)
    from (select distinct turn from unnest($1::bigint[]) turn order by 1) turns
"""
# A record that was merged answers with the one that remains.
_HELD: Final = """
    nik_index n left join merges m on m.merged_id = n.beneficiary_id and m.undone_at is null
"""
_FIND_ALL_SQL: Final = f"""
    select distinct n.blind_index, coalesce(m.remains_id, n.beneficiary_id) as beneficiary_id
    from {_HELD} where n.blind_index = any($1) order by 2
"""  # noqa: S608 - our own join
_SHARED_SQL: Final = """
    select distinct coalesce(m.remains_id, theirs.beneficiary_id) as beneficiary_id
    from nik_index own join nik_index theirs using (blind_index)
    left join merges m on m.merged_id = theirs.beneficiary_id and m.undone_at is null
    where own.beneficiary_id = $1
"""
_NAME_KEYS_SQL: Final = "select id, name_key from beneficiaries where id = any($1)"
# What one more question would make of it.
_COUNTED_SQL: Final = """
    select searches + (last_asked is distinct from $4)::int from nik_searches
    where actor_id = $1 and window_started_at > $2::timestamptz - $3::interval
"""


def _holders_text(first: int) -> str:
    return f"""
        select array_agg(coalesce(m.remains_id, n.beneficiary_id))
        from context cross join {_HELD} where n.blind_index = ${first}::bytea
    """  # noqa: S608 - our own join and a parameter number


def _count_text(first: int) -> str:
    actor_id, asked, window = (f"${first + place}" for place in range(3))
    return f"""
        insert into nik_searches as n (actor_id, window_started_at, searches, last_asked)
        select {actor_id}::uuid, now, 1, {asked}::uuid from context
        on conflict (actor_id) do update set (window_started_at, searches, last_asked) = (
            select case when running then n.window_started_at else excluded.window_started_at end,
                   case when running then n.searches + is_another::int else 1 end,
                   excluded.last_asked
            from (select n.window_started_at > excluded.window_started_at - {window}::interval
                             as running,
                         n.last_asked is distinct from excluded.last_asked as is_another) was
        )
        returning searches
    """  # noqa: S608 - parameter numbers


_COUNT_SQL: Final = f"with context as (select now() as now) {_count_text(1)}"


def asked_for(vault: NikVault, actor: Actor, nik: str) -> list[Opening]:
    """One search for a NIK, counted, to ride with the beginning of its transaction."""
    # Each index by itself: what looks for a list of them PostgreSQL plans anew each time.
    held = (Opening(_holders_text, index) for index in vault.indexes(nik))
    return [Opening(_count_text, actor.id, vault.asked(nik, actor.id), WINDOW), *held]


def holders(opened: Sequence[Any]) -> list[UUID]:
    """The ids of all records with the NIK asked for, in anybody's area, the oldest first.

    Raises `TooMany` past the caller's share of the minute.
    """
    searches, *held = opened
    if searches > SEARCHES_PER_WINDOW:
        raise TooMany
    return sorted({one for ids in held for one in ids or ()})


@dataclass(frozen=True, slots=True)
class Held:
    """A record with a certain number, a NIK if nothing else is said.

    Where lists do not show the caller whose it is, place and name are None.
    """

    id: UUID
    place: str | None
    name_key: str | None
    same: Same = same_nik

    def as_lookalike(self, name: str) -> Lookalike:
        """The record as a candidate for somebody of this name."""
        return self.same(self.id, place=self.place, same_name=self.name_key == key_of(name))


async def held(
    tx: Tx, vault: NikVault, actor: Actor, niks: Collection[str]
) -> dict[str, list[Held]]:
    """The records with each of these NIKs, told only as far as lists name them to the caller.

    Registrations with one NIK take turns here until the transaction ends, so that two at the
    same moment cannot both find nobody.
    """
    return await held_under(tx, actor, {nik: vault.indexes(nik) for nik in niks})


async def held_under(
    tx: Tx, actor: Actor, indexes: Mapping[Number, Sequence[bytes]]
) -> dict[Number, list[Held]]:
    """The same, by whatever stands for each NIK, for those whose blind indexes are made."""
    return await found_under(tx, actor, indexes, _FIND_ALL_SQL, same_nik)


async def found_under(
    tx: Tx, actor: Actor, indexes: Mapping[Number, Sequence[bytes]], find_sql: str, same: Same
) -> dict[Number, list[Held]]:
    """The same for numbers of any kind, found by their blind indexes with this SQL."""
    number_of = {index: number for number, some in indexes.items() for index in some}
    await tx.fetch(_LOCK_SQL, [int.from_bytes(key[-8:], signed=True) for key in number_of])
    found = await tx.fetch(find_sql, list(number_of))
    by_number: dict[Number, list[Held]] = {number: [] for number in indexes}
    if not found:
        return by_number
    told = await _told(tx, actor, [row["beneficiary_id"] for row in found], same)
    for row in found:
        by_number[number_of[row["blind_index"]]].append(told[row["beneficiary_id"]])
    return by_number


async def name_keys(tx: Tx, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of records as they are compared, whoever may know them: never to be told."""
    rows = await tx.fetch(_NAME_KEYS_SQL, list(ids)) if ids else []
    return {row["id"]: row["name_key"] for row in rows}


async def sharing(tx: Tx, actor: Actor, beneficiary_id: UUID) -> list[Held]:
    """The records with the NIK of this one, itself among them if it has one."""
    rows = await tx.fetch(_SHARED_SQL, beneficiary_id)
    ids = [row["beneficiary_id"] for row in rows]
    return list((await _told(tx, actor, ids, same_nik)).values())


async def _told(tx: Tx, actor: Actor, ids: Collection[UUID], same: Same) -> dict[UUID, Held]:
    """These records, as far as lists show them to the caller by name."""
    known = await known_by_name(tx, actor, ids)
    return {
        one: Held(one, label_of(known[one].area), known[one].name_key, same)
        if one in known
        else Held(one, None, None, same)
        for one in ids
    }


async def count_search(tx: Tx, actor: Actor, asked: UUID) -> bool:
    """Count one question about a number; returns whether it is in the caller's share of the minute.

    `asked` is `NikVault.asked` of the number. Asking for the same again in a row costs nothing: a
    form asks at each of its changes, and nothing more is told.
    """
    searches: int = await tx.fetchval(_COUNT_SQL, actor.id, asked, WINDOW)
    return searches <= SEARCHES_PER_WINDOW


async def may_search(tx: Tx, actor: Actor, asked: UUID | None = None) -> bool:
    """Whether one more question would be in the caller's share; counts nothing."""
    searches = await tx.fetchval(_COUNTED_SQL, actor.id, tx.now, WINDOW, asked)
    return searches is None or searches <= SEARCHES_PER_WINDOW


async def require_searches_left(tx: Tx, actor: Actor, asked: UUID) -> None:
    """Raises `TooMany` where `may_search` says no."""
    if not await may_search(tx, actor, asked):
        raise TooMany
