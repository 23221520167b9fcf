"""The time of this process; deadlines use the database's clock instead (`Tx.now`)."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)
