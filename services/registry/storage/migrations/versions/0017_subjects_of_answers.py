"""An answer given a second time stands in the audit trail of those it tells of."""

from shared.ddl import forget_subjects_of_answers, keep_subjects_of_answers

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    keep_subjects_of_answers()


def downgrade() -> None:
    forget_subjects_of_answers()
