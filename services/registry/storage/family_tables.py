"""The tables of families: their cards and their members; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID

from services.registry.storage.tables import metadata

family_cards = sa.Table(
    "family_cards",
    metadata,
    sa.Column("beneficiary_id", UUID, sa.ForeignKey("beneficiaries.id"), primary_key=True),
    sa.Column("kk_sealed", BYTEA, nullable=False),
)

kk_index = sa.Table(
    "kk_index",
    metadata,
    sa.Column("blind_index", BYTEA, primary_key=True),
    sa.Column("beneficiary_id", UUID, sa.ForeignKey("beneficiaries.id"), primary_key=True),
    sa.Index("ix_kk_index_beneficiary_id", "beneficiary_id"),
)

family_members = sa.Table(
    "family_members",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("family_id", UUID, sa.ForeignKey("beneficiaries.id"), nullable=False),
    sa.Column("person_id", UUID, sa.ForeignKey("beneficiaries.id"), nullable=False),
    sa.Column("relation", sa.Text, nullable=False),
    sa.Column("joined_on", sa.Date),
    sa.Column("left_on", sa.Date),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("added_by", UUID, nullable=False),
    sa.Column("removed_at", sa.DateTime(timezone=True)),
    sa.Column("removed_by", UUID),
    sa.Index(
        "uq_family_members_current",
        "family_id",
        "person_id",
        unique=True,
        postgresql_where=sa.text("removed_at is null"),
    ),
    sa.Index(
        "uq_family_members_head",
        "family_id",
        unique=True,
        postgresql_where=sa.text("removed_at is null and relation = 'head'"),
    ),
    sa.Index("ix_family_members_person_id", "person_id"),
)
