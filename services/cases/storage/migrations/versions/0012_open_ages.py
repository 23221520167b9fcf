"""What is open in a kabupaten is counted by the day it was sent, so that a board need not count."""

from alembic import op

from shared.ddl import drop_tables, grant, in_range, run_script, wall

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "cases"
OPEN = "('sent', 'accepted', 'in_progress', 'on_hold', 'returned')"

# A day is told by its beginning in western Indonesia, so that it compares with a time of sending.
TABLES = """
    create table open_ages (
        regency text collate "C" not null,
        pillar text not null,
        organisation_id uuid,
        sent_day timestamptz not null,
        open integer not null,
        escalated integer not null,
        constraint uq_open_ages_cell unique nulls not distinct
            (regency, pillar, organisation_id, sent_day)
    );
    create index ix_open_ages_spent on open_ages (sent_day) where open = 0 and escalated = 0;
    delete from open_changes;
    alter table open_changes add sent_at timestamptz not null
"""
KEEPER = f"""
    create or replace function count_open() returns trigger language plpgsql as $$
    begin
        if tg_op = 'UPDATE' and old.status in {OPEN} then
            insert into cases.open_changes
                (regency, area, pillar, status, urgency, organisation_id, open, escalated, sent_at)
            values (old.regency, old.district, old.pillar, old.status, old.urgency,
                    old.organisation_id, -1, case when old.calm then 0 else -1 end, old.sent_at);
        end if;
        if new.status in {OPEN} then
            insert into cases.open_changes
                (regency, area, pillar, status, urgency, organisation_id, open, escalated, sent_at)
            values (new.regency, new.district, new.pillar, new.status, new.urgency,
                    new.organisation_id, 1, case when new.calm then 0 else 1 end, new.sent_at);
        end if;
        return null;
    end $$
"""
KEEPER_BEFORE = f"""
    create or replace function count_open() returns trigger language plpgsql as $$
    begin
        if tg_op = 'UPDATE' and old.status in {OPEN} then
            insert into cases.open_changes
                (regency, area, pillar, status, urgency, organisation_id, open, escalated)
            values (old.regency, old.district, old.pillar, old.status, old.urgency,
                    old.organisation_id, -1, case when old.calm then 0 else -1 end);
        end if;
        if new.status in {OPEN} then
            insert into cases.open_changes
                (regency, area, pillar, status, urgency, organisation_id, open, escalated)
            values (new.regency, new.district, new.pillar, new.status, new.urgency,
                    new.organisation_id, 1, case when new.calm then 0 else 1 end);
        end if;
        return null;
    end $$
"""
ON_CHANGE = """
    drop trigger count_changed on referrals;
    create trigger count_changed after update on referrals for each row
    when ((old.status, old.calm, old.area, old.pillar, old.urgency, old.organisation_id{more_old})
          is distinct from
          (new.status, new.calm, new.area, new.pillar, new.urgency, new.organisation_id{more_new}))
    execute function count_open()
"""
COUNTED_NOW = f"""
    delete from open_counts;
    insert into open_counts
    select regency, district, pillar, status, urgency, organisation_id,
           count(*), count(*) filter (where not calm)
    from referrals where status in {OPEN} group by 1, 2, 3, 4, 5, 6
"""
AGED_NOW = f"""
    insert into open_ages
    select regency, pillar, organisation_id, date_trunc('day', sent_at, 'Asia/Jakarta'),
           count(*), count(*) filter (where not calm)
    from referrals where status in {OPEN} group by 1, 2, 3, 4
"""


def upgrade() -> None:
    """Create the counts, and count what is there; changes not yet folded are counted with it."""
    run_script(TABLES)
    op.execute(KEEPER)
    run_script(ON_CHANGE.format(more_old=", old.sent_at", more_new=", new.sent_at"))
    run_script(COUNTED_NOW)
    op.execute(AGED_NOW)
    grant(SCHEMA, "open_ages", api="select", worker="select, insert, update, delete")
    wall(SCHEMA, "open_ages", in_range("regency"))


def downgrade() -> None:
    """Let boards by age count again."""
    op.execute(KEEPER_BEFORE)
    run_script(ON_CHANGE.format(more_old="", more_new=""))
    op.execute("alter table open_changes drop sent_at")
    drop_tables("open_ages")
