"""Alembic's entry for cases."""

from services.cases.storage.attachment_tables import attachments
from services.cases.storage.disaster_tables import disasters
from services.cases.storage.outside_tables import outside_services
from services.cases.storage.tables import metadata
from shared.migrations import run

# Their tables join the others on the same metadata.
joined = (attachments, disasters, outside_services)
assert all(table.metadata is metadata for table in joined)

run("cases", metadata)
