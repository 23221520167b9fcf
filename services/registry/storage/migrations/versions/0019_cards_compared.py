"""Look-alikes are compared by the family cards on which they stand."""

from alembic import op

from shared.ddl import api_role, worker_role

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SCHEMA = "registry"

# Like `alike_marks` both answer for records in anybody's area, with hashes that name no card.
CARDS = """
    create function cards_of(people uuid[])
    returns table (person_id uuid, cards bytea[])
    language sql stable security definer set search_path = registry, pg_temp as $$
        select m.person_id, array_agg(k.blind_index)
        from family_members m join kk_index k on k.beneficiary_id = m.family_id
        where m.person_id = any(people) and m.removed_at is null
        group by 1
    $$
"""
ON_CARDS = """
    create function marks_on(cards bytea[])
    returns table (
        card bytea, beneficiary_id uuid, area text, sound text, sex text, birth_precision text,
        birth_year smallint, birth_on date, has_nik boolean, phone bytea
    )
    language sql stable security definer set search_path = registry, pg_temp as $$
        select k.blind_index, m.beneficiary_id, m.area, m.sound, m.sex, m.birth_precision,
               m.birth_year, m.birth_on, m.has_nik, m.phone
        from unnest(cards) one (card)
        join kk_index k on k.blind_index = one.card
        join family_members f on f.family_id = k.beneficiary_id and f.removed_at is null
        join marks m on m.beneficiary_id = f.person_id
    $$
"""
SIGNATURES = ("cards_of(uuid[])", "marks_on(bytea[])")


def upgrade() -> None:
    """Let look-alikes ask on which cards somebody stands, and who else does."""
    op.execute(CARDS)
    op.execute(ON_CARDS)
    both = ", ".join(SIGNATURES)
    op.execute(f"revoke all on function {both} from public")
    op.execute(f"grant execute on function {both} to {api_role(SCHEMA)}, {worker_role(SCHEMA)}")


def downgrade() -> None:
    """Compare without cards."""
    op.execute(f"drop function {', '.join(SIGNATURES)}")
