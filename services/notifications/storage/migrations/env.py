"""Alembic's entry for notifications."""

from services.notifications.storage.tables import metadata
from shared.migrations import run

run("notifications", metadata)
