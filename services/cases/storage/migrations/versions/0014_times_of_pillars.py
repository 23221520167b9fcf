"""How long each pillar takes is read from its own latest answers."""

from shared.ddl import run_script

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_WALL = "area, sender_area, sender_id, holder_id, worker_id, named"


def _indexes(by: str, beside: str) -> None:
    run_script(
        f"""
        drop index ix_referrals_replied;
        drop index ix_referrals_completed;
        create index ix_referrals_replied on referrals ({by}, replied_at)
            include ({_WALL}, {beside}) where replied_at is not null;
        create index ix_referrals_completed on referrals ({by}, ended_at)
            include ({_WALL}, {beside}) where status = 'completed'
        """
    )


def upgrade() -> None:
    """Order the times of a kabupaten by pillar first."""
    _indexes("regency, pillar", "organisation_id, urgency, sent_at")


def downgrade() -> None:
    """Order them by time alone."""
    _indexes("regency", "organisation_id, pillar, urgency, sent_at")
