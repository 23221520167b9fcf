"""What look-alikes are found by: how a name sounds, and what else is compared."""

from alembic import op

from shared.ddl import api_role, drop_tables, grant, run_script, worker_role

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "registry"

# No wall, for a look-alike in another area must be found, and no reader either: the API's role
# writes marks and asks `alike_marks`, which answers for a name the caller already knows.
TABLES = """
    create extension if not exists pg_trgm;
    create extension if not exists btree_gin;
    create table marks (
        beneficiary_id uuid constraint pk_marks primary key
            constraint fk_marks_beneficiary_id references beneficiaries (id),
        spelling smallint not null,
        kind text not null,
        regency text collate "C" not null,
        area text collate "C" not null,
        sound text not null,
        consonants text collate "C" not null
            generated always as (translate(sound, 'aiueohy ', '')) stored,
        sex text,
        birth_precision text,
        birth_year smallint,
        birth_on date,
        has_nik boolean not null,
        phone bytea
    );
    create index ix_marks_sound on marks using gin (regency, sound gin_trgm_ops);
    create index ix_marks_consonants on marks (regency, consonants);
    create index ix_marks_birth_on on marks (regency, birth_on);
    create index ix_marks_spelling on marks (spelling)
"""
# Each way of finding has an index and an end; thresholds and ends belong to the function, so that
# no caller can ask for more. Records born on one day are many more than those who are one person:
# those whose names have nothing in common are left out here.
ALIKE = """
    create function alike_marks(
        kinds text[], areas text[], sounds text[], births date[], by_spelling boolean
    )
    returns table (
        place bigint, beneficiary_id uuid, area text, sound text, sex text, birth_precision text,
        birth_year smallint, birth_on date, has_nik boolean, phone bytea
    )
    language sql stable security definer rows 1000
    set search_path = registry, public, pg_temp
    set pg_trgm.similarity_threshold = 0.35
    as $$
        select p.place, m.beneficiary_id, m.area, m.sound, m.sex, m.birth_precision, m.birth_year,
               m.birth_on, m.has_nik, m.phone
        from unnest(kinds, areas, sounds, births)
            with ordinality as p (kind, area, sound, birth_on, place)
        cross join lateral (
            (select m.* from marks m
             where m.regency = left(p.area, 5) and m.birth_on = p.birth_on and m.kind = p.kind
               and similarity(m.sound, p.sound) >= 0.1
             order by left(m.area, 8) = left(p.area, 8) desc, m.beneficiary_id limit 40)
            union all
            (select m.* from marks m
             where m.regency = left(p.area, 5) and m.kind = p.kind
               and m.consonants = translate(p.sound, 'aiueohy ', '')
             order by left(m.area, 8) = left(p.area, 8) desc, m.beneficiary_id limit 40)
            union all
            (select m.* from marks m
             where by_spelling and m.regency = left(p.area, 5) and m.kind = p.kind
               and m.sound % p.sound
             order by similarity(m.sound, p.sound) desc, m.beneficiary_id limit 40)
        ) m
    $$
"""
SIGNATURE = "alike_marks(text[], text[], text[], date[], boolean)"


def upgrade() -> None:
    """Create the marks; the worker marks what is there already."""
    run_script(TABLES)
    op.execute(ALIKE)
    op.execute(f"revoke all on function {SIGNATURE} from public")
    op.execute(f"grant execute on function {SIGNATURE} to {api_role(SCHEMA)}")
    op.execute(f"grant execute on function {SIGNATURE} to {worker_role(SCHEMA)}")
    grant(
        SCHEMA,
        "marks",
        api="insert, select (beneficiary_id), update (spelling, regency, area, sound, sex, "
        "birth_precision, birth_year, birth_on, phone)",
        worker="select, insert, update, delete",
    )


def downgrade() -> None:
    """Forget the marks; the extensions stay, others may use them."""
    op.execute(f"drop function {SIGNATURE}")
    drop_tables("marks")
