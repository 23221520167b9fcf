"""The tables of disasters; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from services.cases.storage.tables import metadata


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _area() -> sa.Column[str]:
    return sa.Column("area", sa.Text(collation="C"), nullable=False)


def _heads() -> list[sa.Column[int]]:
    names = ("male", "female", "children", "elders", "disabled")
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


disasters = sa.Table(
    "disasters",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("situation", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    _area(),
    _time("started_at"),
    sa.Column("declared_by", UUID, nullable=False),
    _time("declared_at"),
    _time("closed_at", nullable=True),
    sa.Column("closed_by", UUID),
)

disaster_sites = sa.Table(
    "disaster_sites",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("disaster_id", UUID, sa.ForeignKey("disasters.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    _area(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("capacity", sa.Integer),
    sa.Column("added_by", UUID, nullable=False),
    _time("added_at"),
    sa.Index("ix_disaster_sites_disaster", "disaster_id"),
)

disaster_intakes = sa.Table(
    "disaster_intakes",
    metadata,
    sa.Column("recorded_by", UUID, primary_key=True),
    sa.Column("key", UUID, primary_key=True),
    sa.Column("disaster_id", UUID, sa.ForeignKey("disasters.id"), nullable=False),
    sa.Column("site_id", UUID, sa.ForeignKey("disaster_sites.id"), nullable=False),
    _area(),
    sa.Column("beneficiary_id", UUID, nullable=False),
    sa.Column("case_id", UUID, sa.ForeignKey("cases.id"), nullable=False),
    *_heads(),
    _time("occurred_at"),
    _time("recorded_at"),
    sa.Index("ix_disaster_intakes_disaster", "disaster_id", "site_id"),
    sa.Index("ix_disaster_intakes_beneficiary", "beneficiary_id"),
)

site_head_counts = sa.Table(
    "site_head_counts",
    metadata,
    sa.Column("site_id", UUID, sa.ForeignKey("disaster_sites.id"), primary_key=True),
    sa.Column("id", UUID, primary_key=True),
    _time("at"),
    *_heads(),
    sa.Column("counted_by", UUID, nullable=False),
    _time("recorded_at"),
)
