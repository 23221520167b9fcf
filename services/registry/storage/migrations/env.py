"""Alembic's entry for registry."""

from services.registry.storage import batch_tables, count_tables, mark_tables  # noqa: F401 - puts their tables beside the others
from services.registry.storage.tables import metadata
from shared.migrations import run

run("registry", metadata)
