"""The keys under which an anonymised record was registered are forgotten with it."""

from alembic import op

from shared.ddl import grant, worker_role

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "registry"


def upgrade() -> None:
    """Let the worker find and delete them."""
    op.execute(
        "create index ix_registration_keys_beneficiary_id on registration_keys (beneficiary_id)"
    )
    grant(SCHEMA, "registration_keys", api=None, worker="delete")


def downgrade() -> None:
    """Let them stay again."""
    op.execute(f"revoke delete on registration_keys from {worker_role(SCHEMA)}")
    op.execute("drop index ix_registration_keys_beneficiary_id")
