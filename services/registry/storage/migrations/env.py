"""Alembic's entry for registry."""

from services.registry.storage.tables import metadata
from shared.migrations import run

run("registry", metadata)
