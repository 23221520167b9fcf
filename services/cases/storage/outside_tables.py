"""The table of outside services; on the metadata of the others."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from services.cases.storage.tables import metadata

outside_services = sa.Table(
    "outside_services",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("area", sa.Text(collation="C"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("phone", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("changed_by", UUID, nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_outside_services_area", "area", "kind"),
)
