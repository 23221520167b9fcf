"""Notices inside Sinergi: the list every worker has, and the live stream."""

from typing import Final

from services.notifications.channels.base import Channel
from services.notifications.domain.delivery import DeliveryStatus

# A stored notice can be read at once, so nothing stands between commit and delivery.
IN_APP: Final = Channel("in_app", on_commit=DeliveryStatus.DELIVERED)
