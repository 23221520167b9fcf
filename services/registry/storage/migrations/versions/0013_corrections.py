"""NIKs said anew, names found behind those of other people, and chains of merges read at once."""

from alembic import op

from shared.ddl import grant, run_script

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "registry"

# As in 0009 but for how many ids it gives back: enough to find those of a category or those that
# the caller may see among a kabupaten's people of one name.
SOUNDING = """
    create or replace function sounding_like(
        words text[], within text, own uuid[], at_most integer
    )
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
        group by 1 order by 2 desc, 1 limit least(at_most, {most})
    $$
"""


def upgrade() -> None:
    """Let the API replace a NIK and what it is found by; look at more that sound like a name."""
    grant(SCHEMA, "beneficiaries", api="update (nik_sealed, nik_absent_reason)", worker=None)
    grant(SCHEMA, "nik_index", api="delete", worker=None)
    grant(SCHEMA, "marks", api="update (has_nik)", worker=None)
    op.execute(SOUNDING.format(most=20_000))
    op.execute("create index ix_merges_into_id on merges (into_id) where undone_at is null")


def downgrade() -> None:
    """Let it only add, and look at fewer."""
    op.execute("drop index ix_merges_into_id")
    op.execute(SOUNDING.format(most=1_000))
    run_script(
        """
        revoke update (nik_sealed, nik_absent_reason) on beneficiaries from sinergi_registry;
        revoke delete on nik_index from sinergi_registry;
        revoke update (has_nik) on marks from sinergi_registry
        """
    )
