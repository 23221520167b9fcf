"""The services the portal draws its pages from, one typed module each."""

from dataclasses import dataclass

from services.portal.clients.cases import Cases
from services.portal.clients.directory import Directory
from services.portal.clients.notifications import Notifications
from services.portal.clients.registry import Registry
from services.portal.clients.service import Service
from shared.auth import ServiceToken
from shared.settings import CommonSettings


@dataclass(frozen=True, slots=True)
class Clients:
    """All four, opened together and closed together."""

    directory: Directory
    registry: Registry
    cases: Cases
    notifications: Notifications

    async def close(self) -> None:
        """Close every connection."""
        for client in (self.directory, self.registry, self.cases, self.notifications):
            await client.service.close()


def connect(common: CommonSettings, own_token: ServiceToken) -> Clients:
    """Clients for the addresses of the settings; nothing is called yet."""
    return Clients(
        directory=Directory(Service("directory", common.directory_url), own_token),
        registry=Registry(Service("registry", common.registry_url)),
        cases=Cases(Service("cases", common.cases_url)),
        notifications=Notifications(Service("notifications", common.notifications_url)),
    )
