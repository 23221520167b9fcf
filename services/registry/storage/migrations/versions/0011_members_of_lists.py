"""Lists bring members of families, too, and the worker takes lists in."""

from alembic import op

from shared.ddl import grant, worker_role

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "registry"


def upgrade() -> None:
    """Let the worker add members."""
    grant(SCHEMA, "family_members", api=None, worker="insert")


def downgrade() -> None:
    """Let the API alone add them."""
    op.execute(f"revoke insert on family_members from {worker_role(SCHEMA)}")
