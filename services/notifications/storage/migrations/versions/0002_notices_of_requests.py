"""Notices that are about a request and not about a referral."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A notice need not name a referral."""
    op.execute(
        "alter table notices alter column referral_id drop not null, "
        "alter column case_number drop not null"
    )


def downgrade() -> None:
    """Each names one again; the others go."""
    op.execute("delete from notices where referral_id is null")
    op.execute(
        "alter table notices alter column referral_id set not null, "
        "alter column case_number set not null"
    )
