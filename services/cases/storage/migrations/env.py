"""Alembic's entry for cases."""

from services.cases.storage.tables import metadata
from shared.migrations import run

run("cases", metadata)
