"""Who works where, as directory last said; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.registry.storage.tables import metadata

known_workers = sa.Table(
    "known_workers",
    metadata,
    sa.Column("worker_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("absent_from", ARRAY(sa.Date), nullable=False, server_default="{}"),
    sa.Column("absent_to", ARRAY(sa.Date), nullable=False, server_default="{}"),
    sa.Column("stand_ins", ARRAY(UUID), nullable=False, server_default="{}"),
)

worker_duties = sa.Table(
    "worker_duties",
    metadata,
    sa.Column("duty_id", UUID, primary_key=True),
    sa.Column(
        "worker_id",
        UUID,
        sa.ForeignKey("known_workers.worker_id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("area", sa.Text(collation="C"), nullable=False),
    sa.Column("pillar", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date),
    sa.Index("ix_worker_duties_area", "area"),
    sa.Index("ix_worker_duties_worker_id", "worker_id"),
)
