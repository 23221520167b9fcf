"""Which record each item of a batch became, for good."""

from alembic import op

from shared.ddl import ACTOR, drop_tables, grant, wall

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "registry"


def upgrade() -> None:
    """Create the table."""
    op.execute(
        """
        create table registration_keys (
            actor_id uuid not null,
            key uuid not null,
            beneficiary_id uuid not null
                constraint fk_registration_keys_beneficiary references beneficiaries (id),
            constraint pk_registration_keys primary key (actor_id, key)
        )
        """
    )
    grant(SCHEMA, "registration_keys", api="select, insert", worker="select")
    wall(SCHEMA, "registration_keys", f"actor_id = {ACTOR}")


def downgrade() -> None:
    """Drop it."""
    drop_tables("registration_keys")
