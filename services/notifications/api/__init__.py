"""What notifications answers over HTTP."""

from typing import Final

from services.notifications.api import deliveries, notices, stream

ROUTERS: Final = (notices.router, deliveries.router, stream.router)
