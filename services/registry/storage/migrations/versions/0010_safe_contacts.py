"""Which grants let a reader reach the person by a safe contact alone."""

from shared.ddl import run_script

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; grants of before say nothing of it."""
    run_script(
        "alter table access_grants add column safe_contact_only boolean not null default false"
    )


def downgrade() -> None:
    """Forget it."""
    run_script("alter table access_grants drop column safe_contact_only")
