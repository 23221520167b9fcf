"""What the rest of the service needs to know of a channel."""

from dataclasses import dataclass

from services.notifications.domain.delivery import DeliveryStatus


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach people; `on_commit` is what the ledger says once the notice is stored."""

    name: str
    on_commit: DeliveryStatus
