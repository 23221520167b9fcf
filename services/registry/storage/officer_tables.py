"""Who answers for personal data where, as directory last said; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from services.registry.storage.tables import metadata

known_officers = sa.Table(
    "known_officers",
    metadata,
    sa.Column("worker_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)

officer_duties = sa.Table(
    "officer_duties",
    metadata,
    sa.Column("duty_id", UUID, primary_key=True),
    sa.Column(
        "worker_id",
        UUID,
        sa.ForeignKey("known_officers.worker_id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("area", sa.Text(collation="C"), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date),
    sa.Index("ix_officer_duties_area", "area"),
    sa.Index("ix_officer_duties_worker_id", "worker_id"),
)
