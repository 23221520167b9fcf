"""Counts per area: kept by the records' triggers, folded here, and asked for at one moment.

A trigger states each change; whoever asks gets the counts and the changes not yet folded into
them added up, so an answer is never behind.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.registry.domain.age_bands import LEAVES
from services.registry.domain.sight_of_counts import Leaf
from shared.database import Tx

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
        on conflict (area, category, sex, band) do update
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
_LEAF: Final[Mapping[tuple[str, str], Leaf]] = {(sex, band): (sex, band) for sex, band in LEAVES}
_COUNTS_SQL: Final = "select * from counts_of($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class Counts:
    """What was asked for, by area and category; nobody is where nothing is named."""

    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    by_leaf: dict[tuple[str, str], dict[Leaf, int]] = field(default_factory=dict)
    changed_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When anything last changed in an area and category, of those by sex and age band."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which counts are asked for: of areas and categories as a whole, and by sex and age band."""

    areas: Collection[str]
    codes: Collection[str]
    areas_by: Collection[str]
    codes_by: Collection[str]


async def counts_of(tx: Tx, wanted: Wanted) -> Counts:
    """The counts asked for, all of one moment.

    Real numbers of anywhere: whoever shows them asks `domain/suppression.py` first.
    """
    rows = await tx.fetch(
        _COUNTS_SQL,
        list(wanted.areas),
        list(wanted.codes),
        list(wanted.areas_by),
        list(wanted.codes_by),
    )
    found = Counts()
    for area, sex, band, category, records, changed_at in rows:
        if sex is None:
            totals = found.totals.setdefault(area, {})
            totals[category] = totals.get(category, 0) + records
            if changed_at is not None:
                before = found.changed_at.get((area, category), changed_at)
                found.changed_at[area, category] = max(before, changed_at)
        else:
            leaves = found.by_leaf.setdefault((area, category), {})
            leaf = _LEAF[sex, band]
            leaves[leaf] = leaves.get(leaf, 0) + records
    return found


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
