"""What look-alikes are found by: how a name sounds, and what else is compared."""

from alembic import op

from shared.ddl import api_role, drop_tables, grant, run_script, worker_role

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "registry"

# No wall, for a look-alike in another area must be found, and no reader either: the API's role
# writes marks and asks `similar_marks`, which answers for a name the caller already knows.
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
        sex text,
        birth_precision text,
        birth_year smallint,
        birth_on date,
        has_nik boolean not null,
        phone bytea
    );
    create index ix_marks_sound on marks using gin (regency, sound gin_trgm_ops);
    create index ix_marks_spelling on marks (spelling)
"""
# The threshold belongs to the function, so that no caller can ask for more.
SIMILAR = """
    create function similar_marks(of_kind text, in_regency text, like_sound text, at_most integer)
    returns setof marks language sql stable security definer
    set search_path = registry, public, pg_temp
    set pg_trgm.similarity_threshold = 0.35
    as $$
        select m.* from marks m
        where m.regency = in_regency and m.kind = of_kind and m.sound % like_sound
        order by similarity(m.sound, like_sound) desc, m.beneficiary_id limit least(at_most, 50)
    $$
"""


def upgrade() -> None:
    """Create the marks; the worker marks what is there already."""
    run_script(TABLES)
    op.execute(SIMILAR)
    op.execute("revoke all on function similar_marks from public")
    op.execute(f"grant execute on function similar_marks to {api_role(SCHEMA)}")
    op.execute(f"grant execute on function similar_marks to {worker_role(SCHEMA)}")
    grant(
        SCHEMA,
        "marks",
        api="insert, select (beneficiary_id), update (spelling, regency, area, sound, sex, "
        "birth_precision, birth_year, birth_on, phone)",
        worker="select, insert, update, delete",
    )


def downgrade() -> None:
    """Forget the marks; the extensions stay, others may use them."""
    op.execute("drop function similar_marks")
    drop_tables("marks")
