"""Every process that makes up Sinergi: the one table behind `sinergi up` and the compose file."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
"""The folder that holds `services/`; processes start there, wherever the operator is."""


@dataclass(frozen=True, slots=True)
class Process:
    """One service: what starts it, which roles it can be split into, and where it answers."""

    name: str
    module: str
    roles: tuple[str, ...]
    port_setting: str
    port: int
    live: str = "/health/live"
    ready: str = "/health/ready"

    @property
    def worker_port(self) -> int:
        """Where the worker answers its probes when it runs apart from the API."""
        return self.port + 100

    @property
    def prefix(self) -> str:
        """The beginning of the names of this service's settings."""
        return self.name.upper()


PROCESSES = (
    Process("directory", "services.directory", ("api", "worker"), "DIRECTORY_PORT", 8001),
    Process("registry", "services.registry", ("api", "worker"), "REGISTRY_PORT", 8002),
    Process("cases", "services.cases", ("api", "worker"), "CASES_PORT", 8003),
    Process(
        "notifications", "services.notifications", ("api", "worker"), "NOTIFICATIONS_PORT", 8004
    ),
    Process("portal", "services.portal", ("api",), "PORTAL_PORT", 8000),
)
