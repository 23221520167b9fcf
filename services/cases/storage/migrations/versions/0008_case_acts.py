"""In which duty each act on a case was done, and when it happened."""

from shared.ddl import run_script

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; acts of before happened when they were recorded, in a duty nobody kept."""
    run_script(
        """
        alter table case_steps
            add column occurred_at timestamptz,
            add column acting_pillar text,
            add column acting_area text collate "C";
        update case_steps set occurred_at = at;
        alter table case_steps alter column occurred_at set not null;
        """
    )


def downgrade() -> None:
    """Forget them."""
    run_script(
        """
        alter table case_steps
            drop column occurred_at, drop column acting_pillar, drop column acting_area
        """
    )
