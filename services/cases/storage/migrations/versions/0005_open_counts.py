"""Counts of what is open, kept by the rows themselves, so that a board need not count."""

from alembic import op

from shared.ddl import drop_tables, grant, in_range, run_script, wall

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "cases"

# Every change is a row of its own: two referrals of one kecamatan would otherwise wait for one
# another at their count. The worker folds the changes into the counts once a second.
TABLES = """
    create table open_counts (
        regency text collate "C" not null,
        area text collate "C" not null,
        pillar text not null,
        status text not null,
        urgency text not null,
        organisation_id uuid,
        open integer not null,
        escalated integer not null,
        constraint uq_open_counts_cell unique nulls not distinct
            (regency, area, pillar, status, urgency, organisation_id)
    );
    create table open_changes (
        id bigint generated always as identity constraint pk_open_changes primary key,
        regency text collate "C" not null,
        area text collate "C" not null,
        pillar text not null,
        status text not null,
        urgency text not null,
        organisation_id uuid,
        open smallint not null,
        escalated smallint not null
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
"""
KEEPER = """
    create function count_open() returns trigger language plpgsql as $$
    begin
        if tg_op = 'UPDATE' and old.status in
                ('sent', 'accepted', 'in_progress', 'on_hold', 'returned') then
            insert into cases.open_changes
                (regency, area, pillar, status, urgency, organisation_id, open, escalated)
            values (old.regency, old.district, old.pillar, old.status, old.urgency,
                    old.organisation_id, -1, case when old.calm then 0 else -1 end);
        end if;
        if new.status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned') then
            insert into cases.open_changes
                (regency, area, pillar, status, urgency, organisation_id, open, escalated)
            values (new.regency, new.district, new.pillar, new.status, new.urgency,
                    new.organisation_id, 1, case when new.calm then 0 else 1 end);
        end if;
        return null;
    end $$
"""
ON_SENDING = """
    create trigger count_sent after insert on referrals
    for each row execute function count_open()
"""
ON_CHANGE = """
    create trigger count_changed after update on referrals for each row
    when ((old.status, old.calm, old.area, old.pillar, old.urgency, old.organisation_id)
          is distinct from
          (new.status, new.calm, new.area, new.pillar, new.urgency, new.organisation_id))
    execute function count_open()
"""
OPEN_NOW = """
    insert into open_counts
    select regency, district, pillar, status, urgency, organisation_id,
           count(*), count(*) filter (where not calm)
    from referrals where status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned')
    group by 1, 2, 3, 4, 5, 6
"""


def upgrade() -> None:
    """Create the counts, and count what is there."""
    run_script(TABLES)
    for statement in (KEEPER, ON_SENDING, ON_CHANGE, OPEN_NOW):
        op.execute(statement)
    grant(SCHEMA, "open_counts", api="select", worker="select, insert, update, delete")
    grant(SCHEMA, "open_changes", api="select, insert", worker="select, insert, delete")
    for table in ("open_counts", "open_changes"):
        wall(SCHEMA, table, in_range("area"))


def downgrade() -> None:
    """Let boards count again."""
    op.execute("drop trigger count_changed on referrals")
    op.execute("drop trigger count_sent on referrals")
    op.execute("drop function count_open()")
    drop_tables("open_changes", "open_counts")
