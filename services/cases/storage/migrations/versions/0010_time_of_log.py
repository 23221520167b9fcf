"""Some hours of the log are compared in the same time however long it has become."""

from shared.ddl import drop_index_of_log, index_time_of_log

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_time_of_log()


def downgrade() -> None:
    drop_index_of_log()
