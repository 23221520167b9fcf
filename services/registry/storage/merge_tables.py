"""Which records are one person and which are not; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from services.registry.storage.tables import metadata

merges = sa.Table(
    "merges",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("merged_id", UUID, sa.ForeignKey("beneficiaries.id"), nullable=False),
    sa.Column("into_id", UUID, sa.ForeignKey("beneficiaries.id"), nullable=False),
    sa.Column("remains_id", UUID, sa.ForeignKey("beneficiaries.id"), nullable=False),
    sa.Column("merged_by", UUID, nullable=False),
    sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("undone_by", UUID),
    sa.Column("undone_at", sa.DateTime(timezone=True)),
    sa.Index("uq_merges_merged_id", "merged_id", unique=True,
             postgresql_where=sa.text("undone_at is null")),
    sa.Index("ix_merges_remains_id", "remains_id",
             postgresql_where=sa.text("undone_at is null")),
    sa.Index("ix_merges_into_id", "into_id", postgresql_where=sa.text("undone_at is null")),
)  # fmt: skip

different_people = sa.Table(
    "different_people",
    metadata,
    sa.Column("one_id", UUID, sa.ForeignKey("beneficiaries.id"), primary_key=True),
    sa.Column("other_id", UUID, sa.ForeignKey("beneficiaries.id"), primary_key=True),
    sa.Column("said_by", UUID, nullable=False),
    sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_different_people_other_id", "other_id"),
)
