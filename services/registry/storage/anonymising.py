"""Anonymising: when a record's time is over, and what of it is forgotten for good.

Village, sex, year of birth and categories stay, under an id that leads to nobody. A new table with
words about a person gets its line in `FORGOTTEN`; a test looks for a seeded person everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from shared.database import Tx
from shared.reference.retention import RETENTION_YEARS, SHORTEST_YEARS

ANONYMOUS: Final = "(dianonimkan)"
"""In place of the name."""
FORGOTTEN: Final = (
    "delete from nik_index where beneficiary_id = any($1::uuid[])",
    "delete from marks where beneficiary_id = any($1::uuid[])",
    """
    update category_periods set evidence = null
    where beneficiary_id = any($1::uuid[]) and evidence is not null
    """,
    """
    update legal_bases set guardian = null
    where beneficiary_id = any($1::uuid[]) and guardian is not null
    """,
    """
    update services_received set service = null
    where beneficiary_id = any($1::uuid[]) and service is not null
    """,
    """
    update requests
    set words = null, answer = null, state = case state when 'open' then 'done' else state end,
        handled_at = coalesce(handled_at, now())
    where beneficiary_id = any($1::uuid[])
    """,
    # That somebody was told of, and by whom, no longer leads to whom.
    "update reports set beneficiary_id = null where beneficiary_id = any($1::uuid[])",
    "delete from family_cards where beneficiary_id = any($1::uuid[])",
    "delete from kk_index where beneficiary_id = any($1::uuid[])",
    # The key of a row of a list is made of what the row says of the person.
    "delete from registration_keys where beneficiary_id = any($1::uuid[])",
    # Who is known by name would lead to the relative who is not.
    """
    delete from family_members
    where person_id = any($1::uuid[]) or family_id = any($1::uuid[])
    """,
)
"""What is forgotten beside the record itself; each statement is given the ids."""
PAGE: Final = 5000
"""How many kept answers are looked through by one statement, so that none takes too long."""
# Answers kept for a repeat of their key, some of which hold the whole record.
_FORGET_ANSWERS_SQL: Final = """
    with page as materialized (
        select actor_id, key, body from idempotency_keys
        where $2::uuid is null or (actor_id, key) > ($2, $3::text)
        order by actor_id, key limit $4
    ), gone as (
        delete from idempotency_keys k using page p
        where (k.actor_id, k.key) = (p.actor_id, p.key) and exists (
            select from regexp_matches(
                convert_from(p.body, 'UTF8'), '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'g'
            ) named (id) where named.id[1]::uuid = any($1::uuid[]))
    )
    select actor_id, key from page order by actor_id, key offset $4 - 1
"""
_FORGET_RECORD_SQL: Final = """
    update beneficiaries
    set version = version + 1, name = $2, name_key = '', nik_sealed = null,
        nik_absent_reason = null, birth_on = null,
        birth_precision = case birth_precision when 'day' then 'year' else birth_precision end,
        address = null, phone = null, safe_contact = null, erase_at = null, aliases = '{}',
        disabilities = '{}', latitude = null, longitude = null,
        anonymised_at = $3::timestamptz, changed_at = $3
    where id = any($1::uuid[])
    returning id, version, kind, area, confidentiality, categories
"""
_WITH_MERGED_SQL: Final = """
    select id from unnest($1::uuid[]) id
    union select merged_id from merges where remains_id = any($1) and undone_at is null
"""
# A merged record is of the same person: what happened to it happened to the one that remains.
_WHOLE: Final = """
    beneficiaries b cross join lateral (
        select array_append(array_agg(m.merged_id), b.id) as ids from merges m
        where m.remains_id = b.id and m.undone_at is null
    ) whole
"""
# A referral that waits for somebody is open too, whoever may read the record for it.
_IS_OPEN: Final = """
    exists (select from access_grants a where a.beneficiary_id = any(whole.ids) and a.is_open)
"""
_LOOK_SQL: Final = f"""
    select b.id, {_IS_OPEN} as is_open, b.erase_at is not null as is_asked_for, (
        greatest(
            (select max(o.changed_at) from beneficiaries o where o.id = any(whole.ids)),
            (select max(coalesce(p.ended_at, p.given_at)) from category_periods p
             where p.beneficiary_id = any(whole.ids)),
            (select max(s.at) from services_received s where s.beneficiary_id = any(whole.ids)),
            (select max(l.at) from legal_bases l where l.beneficiary_id = any(whole.ids)),
            (select max(coalesce(r.handled_at, r.received_at)) from requests r
              where r.beneficiary_id = any(whole.ids))
        ) + make_interval(years => coalesce((
            select max(k.years) from unnest($1::text[], $2::int[]) as k (code, years)
            where exists (select from beneficiaries o
                          where o.id = any(whole.ids) and k.code = any(o.categories))),
            {SHORTEST_YEARS}))
    )::date as retain_until
    from {_WHOLE}
"""  # noqa: S608 - our own names
_DUE_SQL: Final = f"""
    {_LOOK_SQL}
    where b.anonymised_at is null and b.merged_into is null and b.review_on <= $3::date
    order by b.review_on limit $4 for update of b skip locked
"""
_ASKED_SQL: Final = f"""
    {_LOOK_SQL}
    where b.erase_at <= $3::timestamptz and b.merged_into is null and not {_IS_OPEN}
    order by b.erase_at limit $4 for update of b skip locked
"""
_ONE_SQL: Final = f"{_LOOK_SQL} where b.id = $3"
_COUNT_SQL: Final = f"""
    select count(*) filter (where is_asked_for and not is_open) as asked_for,
           count(*) filter (where not is_asked_for and retain_until <= $3 and not is_open) as over,
           count(*) filter (where retain_until <= $3 and is_open) as waiting
    from ({_LOOK_SQL} where b.anonymised_at is null and b.merged_into is null
          and (b.review_on <= $3::date or b.erase_at is not null)) looked
"""  # noqa: S608 - our own names
_REVIEW_SQL: Final = """
    update beneficiaries b set review_on = n.day
    from unnest($1::uuid[], $2::date[]) as n (id, day) where b.id = n.id
"""
_PERIODS: Final = (list(RETENTION_YEARS), list(RETENTION_YEARS.values()))


@dataclass(frozen=True, slots=True)
class Look:
    """How long a record is kept, and whether a referral of it is still open."""

    id: UUID
    is_open: bool
    is_asked_for: bool
    retain_until: date


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an anonymised record."""

    id: UUID
    version: int
    kind: str
    area: str
    confidentiality: str
    categories: list[str]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records would be anonymised now, and how many wait for their referrals to end."""

    asked_for: int
    over: int
    waiting: int


async def due(tx: Tx, today: date, limit: int) -> list[Look]:
    """Records to look at again today, locked; some of them turn out to be kept longer.

    None that was merged: it lives and goes with the one that remains.
    """
    return [Look(**dict(row)) for row in await tx.fetch(_DUE_SQL, *_PERIODS, today, limit)]


async def asked_for(tx: Tx, limit: int) -> list[Look]:
    """Records whose erasure was granted and of which no referral is open, locked."""
    return [Look(**dict(row)) for row in await tx.fetch(_ASKED_SQL, *_PERIODS, tx.now, limit)]


async def look_at(tx: Tx, beneficiary_id: UUID) -> Look:
    """How long this record is kept as things stand."""
    (row,) = await tx.fetch(_ONE_SQL, *_PERIODS, beneficiary_id)
    return Look(**dict(row))


async def review_later(tx: Tx, days: Sequence[tuple[UUID, date]]) -> None:
    """Look at these records again on these days."""
    await tx.fetch(_REVIEW_SQL, [one for one, _ in days], [day for _, day in days])


async def forget(tx: Tx, ids: Sequence[UUID]) -> list[Left]:
    """Remove all that leads to the person from these records, for good; what is left of each.

    What was merged into one of them is of the same person and goes with it.
    """
    gone = [row["id"] for row in await tx.fetch(_WITH_MERGED_SQL, list(ids))]
    for statement in FORGOTTEN:
        await tx.fetch(statement, gone)
    await _forget_answers(tx, gone)
    rows = await tx.fetch(_FORGET_RECORD_SQL, gone, ANONYMOUS, tx.now)
    return [Left(**dict(row)) for row in rows]


async def _forget_answers(tx: Tx, ids: Sequence[UUID]) -> None:
    last: tuple[UUID | None, str | None] | None = (None, None)
    while last is not None:
        row = await tx.fetchrow(_FORGET_ANSWERS_SQL, list(ids), *last, PAGE)
        last = None if row is None else (row["actor_id"], row["key"])


async def count(tx: Tx, today: date) -> Counts:
    """What a run would do today."""
    (row,) = await tx.fetch(_COUNT_SQL, *_PERIODS, today)
    return Counts(**dict(row))
