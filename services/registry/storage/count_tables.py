"""The tables of counts per area; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.registry.storage.tables import metadata


def _area() -> sa.Column[str]:
    return sa.Column("area", sa.Text(collation="C"), nullable=False)


def _changed_at() -> sa.Column[object]:
    return sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False)


counted_records = sa.Table(
    "counted_records",
    metadata,
    sa.Column(
        "beneficiary_id",
        UUID,
        sa.ForeignKey("beneficiaries.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    _area(),
    sa.Column("categories", ARRAY(sa.Text), nullable=False),
    sa.Column("sex", sa.Text, nullable=False),
    sa.Column("born", sa.Date),
    sa.Column("band", sa.Text, nullable=False),
    sa.Column("band_until", sa.Date),
    _changed_at(),
    sa.Index(
        "ix_counted_records_band_until",
        "band_until",
        postgresql_where=sa.text("band_until is not null"),
    ),
)

count_changes = sa.Table(
    "count_changes",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _area(),
    sa.Column("categories", ARRAY(sa.Text), nullable=False),
    sa.Column("sex", sa.Text, nullable=False),
    sa.Column("band", sa.Text, nullable=False),
    sa.Column("change", sa.SmallInteger, nullable=False),
    _changed_at(),
)

area_counts = sa.Table(
    "area_counts",
    metadata,
    sa.Column("area", sa.Text(collation="C"), primary_key=True),
    sa.Column("category", sa.Text(collation="C"), primary_key=True),
    sa.Column("sex", sa.Text(collation="C"), primary_key=True),
    sa.Column("band", sa.Text(collation="C"), primary_key=True),
    sa.Column("records", sa.Integer, nullable=False),
    _changed_at(),
    sa.Index("ix_area_counts_total", "area", postgresql_where=sa.text("sex = '*'")),
)
