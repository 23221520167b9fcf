"""Asking for the same number again in a row costs no search."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table nik_searches add column last_asked uuid")


def downgrade() -> None:
    op.execute("alter table nik_searches drop column last_asked")
