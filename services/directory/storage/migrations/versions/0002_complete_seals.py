"""New rows of the audit trail are found in the same time however long it has become."""

from shared.ddl import forget_complete_seals, tell_complete_seals

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tell_complete_seals()


def downgrade() -> None:
    forget_complete_seals()
