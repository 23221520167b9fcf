"""The table of reports by other systems; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID

from services.registry.storage.tables import metadata

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("key", UUID, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("filed_by", UUID, nullable=False),
    sa.Column("area", sa.Text(collation="C"), nullable=False),
    sa.Column("confidentiality", sa.Text, nullable=False),
    sa.Column("said_sealed", BYTEA),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("announced_at", sa.DateTime(timezone=True)),
    sa.Column("settled_at", sa.DateTime(timezone=True)),
    sa.Column("settled_by", UUID),
    sa.Column("beneficiary_id", UUID, sa.ForeignKey("beneficiaries.id")),
    sa.Column("refusal", sa.Text),
    sa.UniqueConstraint("key", name="uq_reports_key"),
    sa.Index("ix_reports_open", "area", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_reports_unannounced", "id", postgresql_where=sa.text("announced_at is null")),
    sa.Index("ix_reports_beneficiary_id", "beneficiary_id"),
)
