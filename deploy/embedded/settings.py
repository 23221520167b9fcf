"""What the operator may set before `sinergi up`, read from the environment and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.embedded.problem import Problem
from deploy.processes import PROCESSES, Process

_SERVER_PORTS = {"POSTGRES_PORT": 8015, "REDIS_PORT": 8016}
_HIGHEST_PORT = 65535
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """The choices for one installation on one machine."""

    folder: Path
    ports: Mapping[str, int]
    postgres_url: str
    redis_url: str
    demo: bool

    @property
    def service_ports(self) -> list[str]:
        """The names of the port settings that the services read."""
        return [name for name in self.ports if name not in _SERVER_PORTS]

    @property
    def postgres_port(self) -> int:
        """The port of the embedded PostgreSQL."""
        return self.ports["POSTGRES_PORT"]

    @property
    def redis_port(self) -> int:
        """The port of the embedded Valkey."""
        return self.ports["REDIS_PORT"]


def default_folder(environment: Mapping[str, str]) -> Path:
    """Return the data folder, which is all that commands beside `up` need to know."""
    return Path(environment.get("SINERGI_DATA") or ".sinergi").resolve()


def read_settings(
    environment: Mapping[str, str], processes: Sequence[Process] = PROCESSES
) -> EmbeddedSettings:
    """Return the settings, or raise a Problem that names the first broken one."""
    defaults = {process.port_setting: process.port for process in (*PROCESSES, *processes)}
    defaults |= _SERVER_PORTS
    return EmbeddedSettings(
        folder=default_folder(environment),
        ports=_distinct({name: _port(environment, name, defaults[name]) for name in defaults}),
        postgres_url=_url(environment, "POSTGRES_URL", {"postgresql"}),
        redis_url=_url(environment, "REDIS_URL", {"redis", "rediss"}),
        demo=not _switch(environment, "NO_DEMO"),
    )


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _HIGHEST_PORT):
        raise Problem(f'{name} is "{text}" and must be a port number from 1 to {_HIGHEST_PORT}.')
    return int(text)


def _distinct(ports: dict[str, int]) -> dict[str, int]:
    owners: dict[int, str] = {}
    for name, port in ports.items():
        if port in owners:
            raise Problem(f"{owners[port]} and {name} are both {port}: give each its own port.")
        owners[port] = name
    return ports


def _url(environment: Mapping[str, str], name: str, schemes: set[str]) -> str:
    """Check a URL without ever repeating it: it carries a password."""
    text = environment.get(name, "")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        complete = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        expected = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
        raise Problem(f"{name} is not a complete URL: it must start with {expected} and a host.")
    return text


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name, "").lower()
    if text not in _TRUE | _FALSE:
        raise Problem(f'{name} is "{text}" and must be true or false.')
    return text in _TRUE
