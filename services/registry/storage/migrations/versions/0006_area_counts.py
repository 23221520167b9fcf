"""Counts of records per area, category, sex and age band, kept by the records themselves."""

from alembic import op

from shared.ddl import api_role, drop_tables, grant, run_script, worker_role

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "registry"

# No walls: the API's role has no right on these tables at all. It asks `counts_of`, which knows
# sums and no person; what a caller may see of them `domain/suppression.py` decides.
TABLES = """
    create table counted_records (
        beneficiary_id uuid constraint pk_counted_records primary key
            constraint fk_counted_records_beneficiary_id references beneficiaries (id)
            on delete cascade,
        area text collate "C" not null,
        categories text[] not null,
        sex text not null,
        born date,
        band text not null,
        band_until date,
        changed_at timestamptz not null
    );
    create index ix_counted_records_band_until on counted_records (band_until)
        where band_until is not null;
    create table count_changes (
        id bigint generated always as identity constraint pk_count_changes primary key,
        area text collate "C" not null,
        categories text[] not null,
        sex text not null,
        band text not null,
        change smallint not null,
        changed_at timestamptz not null
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
    create table area_counts (
        area text collate "C" not null,
        category text collate "C" not null,
        sex text collate "C" not null,
        band text collate "C" not null,
        records integer not null,
        changed_at timestamptz not null,
        constraint pk_area_counts primary key (area, category, sex, band)
    )
"""
# A merged or emptied record is told apart here, in this one line.
IS_COUNTED = """
    create function is_counted(one beneficiaries) returns boolean language sql immutable as $$
        select one.merged_into is null and cardinality(one.categories) > 0
    $$
"""
# Only the year is known: as if born on its first day, so that the age is the one reached this year.
BORN = """
    create function born(year integer, on_day date) returns date language sql immutable as $$
        select coalesce(on_day, make_date(year, 1, 1))
    $$
"""
# Whoever was born on 29 February has the birthday on 1 March of other years.
BIRTHDAY = """
    create function birthday(born date, age integer) returns date language sql immutable as $$
        select make_date(extract(year from born)::integer + age,
                         extract(month from born)::integer, 1)
               + (extract(day from born)::integer - 1)
    $$
"""
TODAY = """
    create function local_today() returns date language sql stable as $$
        select (now() at time zone interval '7 hours')::date
    $$
"""
BAND = """
    create function age_band(born date, today date) returns text
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
BAND_UNTIL = """
    create function band_until(born date, today date) returns date
    language sql immutable set search_path = registry, pg_temp as $$
        select min(birthday(born, age)) filter (where birthday(born, age) > today)
        from unnest(array[5, 18, 60]) age where born is not null
    $$
"""
# The categories of level C3: no area below the kabupaten counts them, and a record that has no
# other is counted under its category alone. A test holds this list to the reference data.
SPECIAL = """
    create function special_categories() returns text[] language sql immutable as $$
        select array['ABH', 'AKTK', 'AMPK', 'TS', 'KM', 'BWBLP', 'ODHA', 'NAPZA', 'KTR', 'KTK']
    $$
"""
CELLS = """
    create function cells_of(village text, categories text[], one_sex text, one_band text)
    returns table (area text, sex text, band text, category text)
    language sql immutable as $$
        select left(village, size), kind.sex, kind.band, code
        from unnest(array[2, 5, 8, 13]) size
        cross join (values ('*', '*'), (one_sex, one_band)) kind (sex, band)
        cross join unnest(categories || '*'::text) code
        where case when code = '*' then not categories <@ registry.special_categories()
                   else size <= 5 or code <> all(registry.special_categories()) end
    $$
"""
ON_RECORDS = """
    create function count_added() returns trigger language plpgsql
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
ON_CHANGES = """
    create function count_changed() returns trigger language plpgsql
    security definer set search_path = registry, pg_temp as $$
    declare
        day_of_birth date = born(new.birth_year, new.birth_on);
    begin
        if is_counted(new) then
            insert into counted_records as c
                (beneficiary_id, area, categories, sex, born, band, band_until, changed_at)
            values (new.id, new.area, new.categories, coalesce(new.sex, 'unknown'), day_of_birth,
                    age_band(day_of_birth, local_today()),
                    band_until(day_of_birth, local_today()), new.changed_at)
            on conflict (beneficiary_id) do update
            set area = excluded.area, categories = excluded.categories, sex = excluded.sex,
                born = excluded.born, band = excluded.band, band_until = excluded.band_until,
                changed_at = excluded.changed_at
            where c is distinct from excluded;
        else
            delete from counted_records where beneficiary_id = new.id;
        end if;
        return null;
    end $$
"""
# Every change is a row of its own: two records of one village would otherwise wait for one another
# at their count. The worker folds the changes into the counts once a second.
STATED = """
    create function state_counts() returns trigger language plpgsql
    security definer set search_path = registry, pg_temp as $$
    begin
        if tg_op = 'INSERT' then
            insert into count_changes (area, categories, sex, band, change, changed_at)
            select area, categories, sex, band, 1, changed_at from after_it;
        elsif tg_op = 'DELETE' then
            insert into count_changes (area, categories, sex, band, change, changed_at)
            select area, categories, sex, band, -1, now() from before_it;
        else
            insert into count_changes (area, categories, sex, band, change, changed_at)
            select b.area, b.categories, b.sex, b.band, -1, a.changed_at
            from before_it b join after_it a using (beneficiary_id)
            union all
            select area, categories, sex, band, 1, changed_at from after_it;
        end if;
        return null;
    end $$
"""
TRIGGERS = """
    create trigger count_added after insert on beneficiaries
        referencing new table as added for each statement execute function count_added();
    create trigger count_changed after update on beneficiaries for each row
        when (old.* is distinct from new.*) execute function count_changed();
    create trigger state_added after insert on counted_records
        referencing new table as after_it for each statement execute function state_counts();
    create trigger state_changed after update on counted_records
        referencing old table as before_it new table as after_it
        for each statement execute function state_counts();
    create trigger state_removed after delete on counted_records
        referencing old table as before_it for each statement execute function state_counts()
"""
# Sums of counts and of what is not folded yet, read at one moment: of `areas` and `codes` without
# regard to sex and age, of `areas_by` and `codes_by` by both.
ASKED = """
    create function counts_of(areas text[], codes text[], areas_by text[], codes_by text[])
    returns table (area text, sex text, band text, category text, records bigint,
                   changed_at timestamptz)
    language sql stable security definer set search_path = registry, pg_temp as $$
        select both_of.area, both_of.sex, both_of.band, both_of.category, sum(both_of.records),
               max(both_of.changed_at)
        from (
            select c.area, c.sex, c.band, c.category, c.records, c.changed_at from area_counts c
            where c.area = any(areas) and c.category = any(codes)
              and c.sex = '*' and c.band = '*'
            union all
            select c.area, c.sex, c.band, c.category, c.records, c.changed_at from area_counts c
            where c.area = any(areas_by) and c.category = any(codes_by) and c.sex <> '*'
            union all
            select cell.area, cell.sex, cell.band, cell.category, c.change, c.changed_at
            from count_changes c
            cross join lateral cells_of(c.area, c.categories, c.sex, c.band) cell
            where case when cell.sex = '*'
                       then cell.area = any(areas) and cell.category = any(codes)
                       else cell.area = any(areas_by) and cell.category = any(codes_by) end
        ) both_of
        group by 1, 2, 3, 4
    $$
"""
FUNCTIONS = (IS_COUNTED, BORN, BIRTHDAY, TODAY, BAND, BAND_UNTIL, SPECIAL, CELLS, ON_RECORDS,
             ON_CHANGES, STATED, ASKED)  # fmt: skip
COUNTED_NOW = """
    insert into counted_records
        (beneficiary_id, area, categories, sex, born, band, band_until, changed_at)
    select b.id, b.area, b.categories, coalesce(b.sex, 'unknown'), born(b.birth_year, b.birth_on),
           age_band(born(b.birth_year, b.birth_on), local_today()),
           band_until(born(b.birth_year, b.birth_on), local_today()), b.changed_at
    from beneficiaries b where is_counted(b)
"""


def upgrade() -> None:
    """Create the counts and count what is there."""
    run_script(TABLES)
    for statement in FUNCTIONS:
        op.execute(statement)
    run_script(TRIGGERS)
    # The owner need not be one whom walls let through.
    op.execute("alter table beneficiaries no force row level security")
    op.execute(COUNTED_NOW)
    op.execute("alter table beneficiaries force row level security")
    op.execute("revoke all on function counts_of from public")
    op.execute(f"grant execute on function counts_of to {api_role(SCHEMA)}, {worker_role(SCHEMA)}")
    grant(SCHEMA, "counted_records", api=None, worker="select, insert, update, delete")
    grant(SCHEMA, "count_changes", api=None, worker="select, delete")
    grant(SCHEMA, "area_counts", api=None, worker="select, insert, update, delete")


def downgrade() -> None:
    """Stop counting."""
    op.execute("drop trigger count_changed on beneficiaries")
    op.execute("drop trigger count_added on beneficiaries")
    drop_tables("area_counts", "count_changes", "counted_records")
    op.execute(
        "drop function counts_of, state_counts, count_changed, count_added, cells_of, "
        "special_categories, band_until, age_band, local_today, birthday, born, is_counted"
    )
