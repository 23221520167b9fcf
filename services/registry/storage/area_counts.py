"""Counts per area: kept by the records' triggers, folded here, and asked for at one moment.

A trigger states each change; whoever asks gets the counts and the changes not yet folded into
them added up, so an answer is never behind.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.database import Tx

ALL: Final = "*"
"""Stands for any sex, any age band, or any open category."""
BATCH: Final = 5_000
BIRTHDAYS: Final = 1_000
_LOCK_SQL: Final = "select pg_try_advisory_xact_lock(hashtextextended('area_counts', 0))"
_WAIT_SQL: Final = "select pg_advisory_xact_lock(hashtextextended('area_counts', 0))"
_FOLD_SQL: Final = """
    with taken as (
        delete from count_changes
        where id in (select id from count_changes order by id limit $1) returning *
    ), summed as (
        select cell.area, cell.sex, cell.band, cell.category, sum(change) as records,
               max(changed_at) as changed_at
        from taken cross join lateral cells_of(taken.area, categories, taken.sex, taken.band) cell
        group by 1, 2, 3, 4
    ), folded as (
        insert into area_counts as c (area, sex, band, category, records, changed_at)
        select * from summed
        on conflict (area, sex, band, category) do update
        set records = c.records + excluded.records,
            changed_at = greatest(c.changed_at, excluded.changed_at)
    )
    select count(*) from taken
"""
_BIRTHDAYS_SQL: Final = """
    with due as (
        select beneficiary_id from counted_records where band_until <= local_today()
        order by band_until, beneficiary_id limit $1 for update skip locked
    ), moved as (
        update counted_records
        set band = age_band(born, local_today()), band_until = band_until(born, local_today())
        where beneficiary_id in (select beneficiary_id from due) returning 1
    )
    select count(*) from moved
"""
RECOUNT_SQL: Final = (
    "select pg_advisory_xact_lock(hashtextextended('area_counts', 0))",
    # Whoever changes a record changes its row here too, and waits.
    "lock table registry.counted_records in share row exclusive mode",
    """
    delete from registry.counted_records c where not exists (
        select from registry.beneficiaries b where b.id = c.beneficiary_id and
        registry.is_counted(b))
    """,
    """
    insert into registry.counted_records as c
        (beneficiary_id, area, categories, sex, born, band, band_until, changed_at)
    select b.id, b.area, b.categories, coalesce(b.sex, 'unknown'), day.born,
           registry.age_band(day.born, registry.local_today()),
           registry.band_until(day.born, registry.local_today()), b.changed_at
    from registry.beneficiaries b
    cross join lateral (select registry.born(b.birth_year, b.birth_on) as born) day
    where registry.is_counted(b)
    on conflict (beneficiary_id) do update
    set area = excluded.area, categories = excluded.categories, sex = excluded.sex,
        born = excluded.born, band = excluded.band, band_until = excluded.band_until,
        changed_at = excluded.changed_at
    where c is distinct from excluded
    """,
    "delete from registry.count_changes",
    "delete from registry.area_counts",
    """
    insert into registry.area_counts (area, sex, band, category, records, changed_at)
    select cell.area, cell.sex, cell.band, cell.category, sum(c.records), max(c.changed_at)
    from (
        select area, categories, sex, band, count(*) as records, max(changed_at) as changed_at
        from registry.counted_records group by 1, 2, 3, 4
    ) c cross join lateral registry.cells_of(c.area, c.categories, c.sex, c.band) cell
    group by 1, 2, 3, 4
    """,
)
"""What counts anew, one statement after the other in one transaction; writers wait meanwhile."""
_COUNTS_SQL: Final = "select * from counts_of($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class Count:
    """How many records are in a cell, and when anything last changed there."""

    records: int
    changed_at: datetime


Cell = tuple[str, str, str, str]
"""Area, sex, age band and category; `ALL` for any."""


async def counts_of(
    tx: Tx, *, areas: Collection[str], in_detail: Collection[str], codes: Collection[str]
) -> dict[Cell, Count]:
    """The counts of `areas`, and by sex and age band those of `in_detail`, of these categories.

    Real numbers of anywhere: whoever shows them asks `domain/suppression.py` first.
    """
    rows = await tx.fetch(_COUNTS_SQL, list(areas), list(in_detail), list(codes))
    return {
        (area, sex, band, category): Count(records, changed_at)
        for area, sex, band, category, records, changed_at in rows
    }


async def fold(tx: Tx) -> int:
    """Bring changes into the counts, for all areas; how many those were."""
    if not await tx.fetchval(_LOCK_SQL):
        return 0
    folded: int = await tx.fetchval(_FOLD_SQL, BATCH)
    return folded


async def keep_birthdays(tx: Tx) -> int:
    """Move those who are too old for their age band into the next; how many those were."""
    moved: int = await tx.fetchval(_BIRTHDAYS_SQL, BIRTHDAYS)
    return moved


async def recount(tx: Tx) -> None:
    """Count anew, for rows that were loaded past the triggers."""
    for statement in RECOUNT_SQL:
        await tx.fetch(statement)
