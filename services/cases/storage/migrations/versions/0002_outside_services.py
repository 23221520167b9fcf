"""Outside services: who helps beside the pillars, per area, without an account here."""

from alembic import op

from shared.ddl import grant, run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "cases"


def upgrade() -> None:
    run_script(
        """
        create table outside_services (
            id uuid constraint pk_outside_services primary key,
            kind text not null,
            area text collate "C" not null,
            name text not null,
            phone text,
            address text,
            active boolean not null,
            changed_by uuid not null,
            changed_at timestamptz not null
        );
        create index ix_outside_services_area on outside_services (area, kind);
        """
    )
    # Addresses of offices, for every sender to see: no wall.
    grant(SCHEMA, "outside_services", api="select, insert, update", worker="select")


def downgrade() -> None:
    op.execute("drop table outside_services")
