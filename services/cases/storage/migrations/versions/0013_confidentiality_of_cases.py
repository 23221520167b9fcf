"""How confidential a case is, whoever asks: the words of it may tell of any of its referrals."""

from alembic import op

from shared.ddl import api_role, worker_role

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "cases"

# Beyond the wall, which hides some referrals of a case from the caller; it tells a level alone.
MOST = """
    create function most_confidential(one uuid) returns text
    language sql stable security definer set search_path = cases, pg_temp as $$
        select max(confidentiality) from referrals where case_id = one
    $$
"""
SIGNATURE = "most_confidential(uuid)"


def upgrade() -> None:
    """Let cases ask how confidential one is."""
    op.execute(MOST)
    op.execute(f"revoke all on function {SIGNATURE} from public")
    op.execute(
        f"grant execute on function {SIGNATURE} to {api_role(SCHEMA)}, {worker_role(SCHEMA)}"
    )


def downgrade() -> None:
    """Forget the question."""
    op.execute(f"drop function {SIGNATURE}")
