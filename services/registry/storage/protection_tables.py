"""The table behind requests of people about their data; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from services.registry.storage.tables import metadata


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("beneficiary_id", UUID, sa.ForeignKey("beneficiaries.id")),
    sa.Column("legal_basis_id", UUID, sa.ForeignKey("legal_bases.id")),
    sa.Column("area", sa.Text(collation="C"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("words", sa.Text),
    sa.Column("taken_by", UUID, nullable=False),
    _moment("received_at"),
    _moment("due_at"),
    _moment("reminded_at", nullable=True),
    sa.Column("handled_by", UUID),
    _moment("handled_at", nullable=True),
    sa.Column("refusal", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Index("ix_requests_open", "due_at", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_requests_beneficiary_id", "beneficiary_id"),
    sa.Index("ix_requests_taken_by", "taken_by"),
)
