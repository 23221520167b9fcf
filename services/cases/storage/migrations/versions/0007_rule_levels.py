"""The level of government a rule is handled at, and the one an escalation goes to."""

import sqlalchemy as sa
from alembic import op

from shared.ddl import run_script
from shared.reference.tables import rows

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both, as the default rules have them; a rule changed for an area keeps its default's."""
    run_script(
        """
        alter table routing_rules
            add column level text not null default 'KECAMATAN',
            add column escalate_to text not null default 'KABKOTA';
        alter table routing_rules
            alter column level drop default, alter column escalate_to drop default;
        """
    )
    fill = sa.text("update routing_rules set level = :level, escalate_to = :above where id = :id")
    for row in rows("routing_rules.csv"):
        op.execute(
            fill.bindparams(
                id=row["rule_id"], level=row["admin_level"], above=row["escalate_to_level"]
            )
        )


def downgrade() -> None:
    """Forget them."""
    run_script("alter table routing_rules drop column level, drop column escalate_to")
