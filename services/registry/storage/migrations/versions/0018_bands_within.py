"""Age bands are worked out within the statement that counts, not by a call for each record."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Neither has a search path of its own, nor a FROM: so PostgreSQL writes them into the statement.
BAND = """
    create or replace function age_band(born date, today date) returns text
    language sql immutable as $$
        select case
            when born is null then 'unknown'
            when today < registry.birthday(born, 5) then '0-4'
            when today < registry.birthday(born, 18) then '5-17'
            when today < registry.birthday(born, 60) then '18-59'
            else '60+'
        end
    $$
"""
BAND_UNTIL = """
    create or replace function band_until(born date, today date) returns date
    language sql immutable as $$
        select case
            when today < registry.birthday(born, 5) then registry.birthday(born, 5)
            when today < registry.birthday(born, 18) then registry.birthday(born, 18)
            when today < registry.birthday(born, 60) then registry.birthday(born, 60)
        end
    $$
"""
# Only what stands in a column, as these days do behind the offset, may be written in twice.
ON_RECORDS = """
    create or replace function count_added() returns trigger language plpgsql
    security definer set search_path = registry, pg_temp as $$
    begin
        insert into counted_records
            (beneficiary_id, area, categories, sex, born, band, band_until, changed_at)
        select id, area, categories, sex, born, age_band(born, today), band_until(born, today),
               changed_at
        from (
            select b.id, b.area, b.categories, coalesce(b.sex, 'unknown') as sex,
                   born(b.birth_year, b.birth_on) as born, local_today() as today, b.changed_at
            from added b where is_counted(b) offset 0
        ) one;
        return null;
    end $$
"""
BAND_BEFORE = """
    create or replace function age_band(born date, today date) returns text
    language sql immutable set search_path = registry, pg_temp as $$
        select case
            when born is null then 'unknown'
            when today < birthday(born, 5) then '0-4'
            when today < birthday(born, 18) then '5-17'
            when today < birthday(born, 60) then '18-59'
            else '60+'
        end
    $$
"""
BAND_UNTIL_BEFORE = """
    create or replace function band_until(born date, today date) returns date
    language sql immutable set search_path = registry, pg_temp as $$
        select min(birthday(born, age)) filter (where birthday(born, age) > today)
        from unnest(array[5, 18, 60]) age where born is not null
    $$
"""
ON_RECORDS_BEFORE = """
    create or replace function count_added() returns trigger language plpgsql
    security definer set search_path = registry, pg_temp as $$
    begin
        insert into counted_records
            (beneficiary_id, area, categories, sex, born, band, band_until, changed_at)
        select b.id, b.area, b.categories, coalesce(b.sex, 'unknown'),
               born(b.birth_year, b.birth_on),
               age_band(born(b.birth_year, b.birth_on), local_today()),
               band_until(born(b.birth_year, b.birth_on), local_today()), b.changed_at
        from added b where is_counted(b);
        return null;
    end $$
"""


def upgrade() -> None:
    """Put the quicker ones in their place."""
    for statement in (BAND, BAND_UNTIL, ON_RECORDS):
        op.execute(statement)


def downgrade() -> None:
    """Put those of before back."""
    for statement in (BAND_BEFORE, BAND_UNTIL_BEFORE, ON_RECORDS_BEFORE):
        op.execute(statement)
