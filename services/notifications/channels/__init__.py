"""The channels every notice goes out on."""

from typing import Final

from services.notifications.channels.base import Channel
from services.notifications.channels.in_app import IN_APP

__all__ = ["CHANNELS", "IN_APP", "Channel"]

CHANNELS: Final[tuple[Channel, ...]] = (IN_APP,)
