"""What became of a notice on one channel, as its sender reads it in the ledger."""

from enum import StrEnum
from typing import Final


class DeliveryStatus(StrEnum):
    """How far a notice got on one channel."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """The provider's answer was lost: it may have been delivered, and is not sent again."""


WORKER_LEFT: Final = "worker_left"
"""Detail of a delivery that failed because its recipient holds no duty any more."""
