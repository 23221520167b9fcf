"""Attachments: what goes with the notes of a referral; the bytes lie in the attachment store."""

from alembic import op

from shared.ddl import grant, run_script, wall

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "cases"


def upgrade() -> None:
    run_script(
        """
        create table attachments (
            id uuid constraint pk_attachments primary key,
            referral_id uuid not null
                constraint fk_attachments_referral references referrals (id),
            uploader_id uuid not null,
            media_type text not null,
            size integer not null,
            sha256 bytea not null,
            has_thumbnail boolean not null,
            at timestamptz not null,
            step_version integer,
            constraint fk_attachments_step foreign key (referral_id, step_version)
                references referral_steps (referral_id, version)
        );
        create index ix_attachments_referral on attachments (referral_id);
        create index ix_attachments_waiting on attachments (at) where step_version is null;
        """
    )
    grant(
        SCHEMA,
        "attachments",
        api="select, insert, update (step_version)",
        worker="select, delete",
    )
    wall(SCHEMA, "attachments", "exists (select from referrals where referrals.id = referral_id)")


def downgrade() -> None:
    op.execute("drop table attachments")
