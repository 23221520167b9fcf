"""The tables of imports; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, UUID

from services.registry.storage.tables import metadata

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("actor_id", UUID, nullable=False),
    sa.Column("duties", JSONB, nullable=False),
    sa.Column("sha256", BYTEA, nullable=False),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("columns", JSONB),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created", sa.Integer, nullable=False, server_default="0"),
    sa.Column("matched", sa.Integer, nullable=False, server_default="0"),
    sa.Column("similar", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refused", sa.Integer, nullable=False, server_default="0"),
    sa.Column("skipped", sa.Integer, nullable=False, server_default="0"),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_imports_actor", "actor_id", "id"),
    sa.Index(
        "ix_imports_waiting", "id", postgresql_where=sa.text("status in ('checking', 'running')")
    ),
)

import_lines = sa.Table(
    "import_lines",
    metadata,
    sa.Column("import_id", UUID, sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("beneficiary_id", UUID),
    sa.Column("why", sa.Text),
)
