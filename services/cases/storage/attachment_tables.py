"""The table of attachments; on the metadata of the others."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID

from services.cases.storage.tables import metadata

attachments = sa.Table(
    "attachments",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("referral_id", UUID, sa.ForeignKey("referrals.id"), nullable=False),
    sa.Column("uploader_id", UUID, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", BYTEA, nullable=False),
    sa.Column("has_thumbnail", sa.Boolean, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("step_version", sa.Integer),
    sa.ForeignKeyConstraint(
        ["referral_id", "step_version"],
        ["referral_steps.referral_id", "referral_steps.version"],
        name="fk_attachments_step",
    ),
    sa.Index("ix_attachments_referral", "referral_id"),
    sa.Index("ix_attachments_waiting", "at", postgresql_where=sa.text("step_version is null")),
)
