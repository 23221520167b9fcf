"""Finding records by how a name sounds, within areas and among a caller's own."""

from alembic import op

from shared.ddl import api_role

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "registry"

# Behind row-level security no index serves an operator that is not leakproof, and none of
# trigrams is. So marks, which has no wall, says which ids may fit and how well, and the caller's
# own query of `beneficiaries` decides which of those are seen. Three words are looked up, the
# others only weighed. The threshold belongs to the function, so that no caller can ask for more.
SOUNDING = """
    create function sounding_like(words text[], within text, own uuid[], at_most integer)
    returns table (beneficiary_id uuid, likeness real) language sql stable security definer
    set search_path = registry, public, pg_temp
    set pg_trgm.word_similarity_threshold = 0.55
    as $$
        with found as (
            select m.beneficiary_id, m.sound from marks m
            where m.regency = left(within, 5) and m.area >= within and m.area < within || '/'
              and m.sound %> words[1]
              and m.sound %> coalesce(words[2], words[1])
              and m.sound %> coalesce(words[3], words[1])
            union
            select m.beneficiary_id, m.sound from marks m
            where length(within) = 2 and m.area >= within and m.area < within || '/'
              and m.sound %> words[1]
              and m.sound %> coalesce(words[2], words[1])
              and m.sound %> coalesce(words[3], words[1])
            union
            select m.beneficiary_id, m.sound from marks m
            where m.beneficiary_id = any(own)
              and m.sound %> words[1]
              and m.sound %> coalesce(words[2], words[1])
              and m.sound %> coalesce(words[3], words[1])
        )
        select f.beneficiary_id, avg(word_similarity(w.word, f.sound))::real
        from found f cross join unnest(words) w (word)
        group by 1 order by 2 desc, 1 limit least(at_most, 1000)
    $$
"""


def upgrade() -> None:
    """Create the function; the index of names from their beginning has had its day."""
    op.execute("drop index ix_beneficiaries_name_key")
    op.execute(SOUNDING)
    op.execute("revoke all on function sounding_like from public")
    op.execute(f"grant execute on function sounding_like to {api_role(SCHEMA)}")


def downgrade() -> None:
    """Find names from their beginning again."""
    op.execute("drop function sounding_like")
    op.execute("create index ix_beneficiaries_name_key on beneficiaries (name_key, id)")
