"""The services the portal draws its pages from, one typed module each."""

from dataclasses import dataclass

from services.portal.clients.board import BoardClient
from services.portal.clients.case_files import CaseFiles
from services.portal.clients.cases import Cases
from services.portal.clients.directory import Directory
from services.portal.clients.disasters import Disasters
from services.portal.clients.duplicates import Duplicates
from services.portal.clients.families import Families
from services.portal.clients.imports import Imports
from services.portal.clients.notifications import Notifications
from services.portal.clients.protection import ProtectionClient
from services.portal.clients.registry import Registry
from services.portal.clients.reports import Reports
from services.portal.clients.rules import Rules
from services.portal.clients.service import Service
from services.portal.clients.vulnerability import VulnerabilityClient
from shared.auth import ServiceToken
from shared.settings import CommonSettings


@dataclass(frozen=True, slots=True)
class Clients:
    """All of them, opened together and closed together; several are parts of one service."""

    directory: Directory
    registry: Registry
    imports: Imports
    cases: Cases
    notifications: Notifications
    rules: Rules
    disasters: Disasters
    board: BoardClient
    case_files: CaseFiles
    duplicates: Duplicates
    families: Families
    protection: ProtectionClient
    reports: Reports
    vulnerability: VulnerabilityClient

    async def close(self) -> None:
        """Close every connection."""
        for client in (self.directory, self.registry, self.cases, self.notifications):
            await client.service.close()


def connect(common: CommonSettings, own_token: ServiceToken) -> Clients:
    """Clients for the addresses of the settings; nothing is called yet."""
    cases = Service("cases", common.cases_url)
    registry = Service("registry", common.registry_url)
    return Clients(
        directory=Directory(Service("directory", common.directory_url), own_token),
        registry=Registry(registry),
        imports=Imports(registry),
        cases=Cases(cases),
        notifications=Notifications(Service("notifications", common.notifications_url)),
        rules=Rules(cases),
        disasters=Disasters(cases),
        board=BoardClient(cases),
        case_files=CaseFiles(cases),
        duplicates=Duplicates(registry),
        families=Families(registry),
        protection=ProtectionClient(registry),
        reports=Reports(registry),
        vulnerability=VulnerabilityClient(registry),
    )
