"""The table behind batches of registrations; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from services.registry.storage.tables import metadata

registration_keys = sa.Table(
    "registration_keys",
    metadata,
    sa.Column("actor_id", UUID, primary_key=True),
    sa.Column("key", UUID, primary_key=True),
    sa.Column("beneficiary_id", UUID, sa.ForeignKey("beneficiaries.id"), nullable=False),
    sa.Index("ix_registration_keys_beneficiary_id", "beneficiary_id"),
)
