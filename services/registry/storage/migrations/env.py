"""Alembic's entry for registry."""

from services.registry.storage import (  # noqa: F401 - puts their tables beside the others
    batch_tables,
    count_tables,
    family_tables,
    import_tables,
    mark_tables,
    merge_tables,
    protection_tables,
    report_tables,
    worker_tables,
)
from services.registry.storage.tables import metadata
from shared.migrations import run

run("registry", metadata)
