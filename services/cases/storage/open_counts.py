"""How many referrals are open: counts, and the changes not yet folded into them.

Counted by kecamatan, and in each kabupaten by the day they were sent. A trigger on referrals
states each change; boards add both, so they are never behind.
"""

from typing import Final

from shared.database import Tx

BATCH: Final = 20_000
_LOCK_SQL: Final = "select pg_try_advisory_xact_lock(hashtextextended('open_counts', 0))"
_FOLD_SQL: Final = """
    with taken as (
        delete from open_changes where id in (select id from open_changes order by id limit $1)
        returning *
    ), summed as (
        select regency, area, pillar, status, urgency, organisation_id,
               sum(open) as open, sum(escalated) as escalated
        from taken group by 1, 2, 3, 4, 5, 6
    ), folded as (
        insert into open_counts as c
        select * from summed where open <> 0 or escalated <> 0
        on conflict (regency, area, pillar, status, urgency, organisation_id) do update
        set open = c.open + excluded.open, escalated = c.escalated + excluded.escalated
    ), aged as (
        insert into open_ages as a
        select regency, pillar, organisation_id, date_trunc('day', sent_at, 'Asia/Jakarta'),
               sum(open), sum(escalated)
        from taken group by 1, 2, 3, 4 having sum(open) <> 0 or sum(escalated) <> 0
        on conflict (regency, pillar, organisation_id, sent_day) do update
        set open = a.open + excluded.open, escalated = a.escalated + excluded.escalated
    )
    select count(*) from taken
"""
# Days go by, and of most nothing stays open.
_FORGET_SQL: Final = "delete from open_ages where open = 0 and escalated = 0"
OPEN_NOW_SQL: Final = """
    select regency, district, pillar, status, urgency, organisation_id,
           count(*), count(*) filter (where not calm)
    from cases.referrals where status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned')
    group by 1, 2, 3, 4, 5, 6
"""
AGES_NOW_SQL: Final = """
    select regency, pillar, organisation_id, date_trunc('day', sent_at, 'Asia/Jakarta'),
           count(*), count(*) filter (where not calm)
    from cases.referrals where status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned')
    group by 1, 2, 3, 4
"""

COUNTED_SQL: Final = """
    select regency, area, pillar, status, urgency, organisation_id, open, escalated from open_counts
    union all
    select regency, area, pillar, status, urgency, organisation_id, open, escalated
    from open_changes
"""
"""Rows to be added up; of kecamatan, and of wider areas for themselves."""
AGED_SQL: Final = """
    select regency, regency as area, pillar, organisation_id, sent_day as sent_at, open, escalated
    from open_ages
    union all
    select regency, area, pillar, organisation_id, sent_at, open, escalated from open_changes
"""
"""The same of kabupaten, by the beginning of the day of sending."""


async def fold(tx: Tx) -> int:
    """Bring changes into the counts, for all areas; how many those were."""
    if not await tx.fetchval(_LOCK_SQL):
        return 0
    folded: int = await tx.fetchval(_FOLD_SQL, BATCH)
    if folded:
        await tx.fetch(_FORGET_SQL)
    return folded


async def recount(tx: Tx) -> None:
    """Count anew, for rows that were loaded past the trigger."""
    await tx.fetch("delete from open_changes")
    for table, now in (("open_counts", OPEN_NOW_SQL), ("open_ages", AGES_NOW_SQL)):
        await tx.fetch(f"delete from {table}")  # noqa: S608 - our own words
        await tx.fetch(f"insert into {table} {now}")
