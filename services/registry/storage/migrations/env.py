"""Alembic's entry for registry."""

from services.registry.storage import batch_tables  # noqa: F401 - puts its table beside the others
from services.registry.storage.tables import metadata
from shared.migrations import run

run("registry", metadata)
