"""People are found by the other names they are known by."""

from alembic import op

from shared.ddl import drop_tables, grant, run_script

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SCHEMA = "registry"

# Beside the marks, and gone with them: like these without a wall, and read by nobody directly.
TABLES = """
    create table alias_marks (
        beneficiary_id uuid constraint fk_alias_marks_beneficiary_id
            references marks (beneficiary_id) on delete cascade,
        sound text,
        regency text collate "C" not null,
        area text collate "C" not null,
        constraint pk_alias_marks primary key (beneficiary_id, sound)
    );
    create index ix_alias_marks_sound on alias_marks using gin (regency, sound gin_trgm_ops)
"""
FITS = """
    m.sound %> words[1]
    and m.sound %> coalesce(words[2], words[1])
    and m.sound %> coalesce(words[3], words[1])
"""
KNOWN = """
    (select beneficiary_id, regency, area, sound from marks
     union all select beneficiary_id, regency, area, sound from alias_marks)
"""
BEST = """
    select beneficiary_id, max(likeness) from (
        select f.beneficiary_id, avg(word_similarity(w.word, f.sound))::real as likeness
        from found f cross join unnest(words) w (word)
        group by f.beneficiary_id, f.sound
    ) fitting
    group by 1
"""
BEST_BEFORE = """
    select f.beneficiary_id, avg(word_similarity(w.word, f.sound))::real
    from found f cross join unnest(words) w (word)
    group by 1
"""


def _sounding(known: str, best: str) -> str:
    """As in 0009, among these names; of somebody found by several the one that fits best counts."""
    return f"""
    create or replace function sounding_like(
        words text[], within text, own uuid[], at_most integer
    )
    returns table (beneficiary_id uuid, likeness real) language sql stable security definer
    set search_path = registry, public, pg_temp
    set pg_trgm.word_similarity_threshold = 0.55
    as $$
        with found as (
            select m.beneficiary_id, m.sound from {known} m
            where m.regency = left(within, 5) and m.area >= within and m.area < within || '/'
              and {FITS}
            union
            select m.beneficiary_id, m.sound from {known} m
            where length(within) = 2 and m.area >= within and m.area < within || '/' and {FITS}
            union
            select m.beneficiary_id, m.sound from {known} m
            where m.beneficiary_id = any(own) and {FITS}
        )
        {best} order by 2 desc, 1 limit least(at_most, 1000)
    $$
    """


def upgrade() -> None:
    """Keep other names as they sound; the worker marks what is there already."""
    run_script(TABLES)
    op.execute(_sounding(KNOWN, BEST))
    grant(
        SCHEMA,
        "alias_marks",
        api="insert, delete, select (beneficiary_id)",
        worker="select, insert, delete",
    )
    # Found as if by older rules of spelling, they are marked anew with their other names.
    op.execute(
        "update marks m set spelling = 0 from beneficiaries b "
        "where b.id = m.beneficiary_id and cardinality(b.aliases) > 0"
    )


def downgrade() -> None:
    """Find by the first name alone."""
    op.execute(_sounding("marks", BEST_BEFORE))
    drop_tables("alias_marks")
