"""`sinergi status`: asks every service whether it is ready."""

from collections.abc import Mapping
from typing import NamedTuple

import httpx2
import typer
from rich.console import Console
from rich.text import Text

from deploy.cli.running import effective_environment
from deploy.processes import PROCESSES, Process

_TIMEOUT_SECONDS = 3.0


class Readiness(NamedTuple):
    """What one service said about itself."""

    name: str
    address: str
    is_ready: bool
    says: str


def status() -> None:
    """Ask every service whether it is ready; exit code 1 unless all are."""
    found = readiness(effective_environment())
    console = Console()
    width = max(len(row.name) for row in found)
    for row in found:
        state = Text("ready    ", "green") if row.is_ready else Text("not ready", "red")
        line = Text("  ").join([Text(row.name.ljust(width)), state, Text(row.address)])
        console.print(line, Text(f" {row.says}", "dim"), soft_wrap=True)
    if not all(row.is_ready for row in found):
        raise typer.Exit(1)


def readiness(environment: Mapping[str, str]) -> list[Readiness]:
    """Return what every service of the process table says about itself."""
    with httpx2.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        return [_ask(client, process, environment) for process in PROCESSES]


def _ask(client: httpx2.Client, process: Process, environment: Mapping[str, str]) -> Readiness:
    port = environment.get(process.port_setting) or str(process.port)
    address = environment.get(f"{process.prefix}_URL") or f"http://127.0.0.1:{port}"
    try:
        answer = client.get(f"{address}{process.ready}")
        says = answer.json()
        checks = says["checks"].items()
    except httpx2.HTTPError:
        return Readiness(process.name, address, is_ready=False, says="does not answer")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Readiness(process.name, address, is_ready=False, says="another program answers")
    details = ", ".join(f"{name}: {result}" for name, result in checks)
    return Readiness(process.name, address, is_ready=answer.is_success, says=details)
