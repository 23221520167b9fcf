"""Alembic's entry for directory."""

from services.directory.storage.tables import metadata
from shared.migrations import run

run("directory", metadata)
