"""People whose records were anonymised: their words go, and nobody is sent for them any more."""

from alembic import op

from shared.ddl import grant, worker_role

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "cases"
WORDS = {
    "referral_steps": "note, service",
    "case_steps": "note, reason",
    "glass_grants": "reason",
    "attachments": "step_version",
}
"""What the message process may now empty, by table."""


def upgrade() -> None:
    """Add the mark and the rights."""
    op.execute(
        "alter table known_beneficiaries add column anonymised boolean not null default false"
    )
    for table, columns in WORDS.items():
        grant(SCHEMA, table, api=None, worker=f"update ({columns})")


def downgrade() -> None:
    """Take both away."""
    for table, columns in WORDS.items():
        op.execute(f"revoke update ({columns}) on {table} from {worker_role(SCHEMA)}")
    op.execute("alter table known_beneficiaries drop column anonymised")
