"""`sinergi up`: runs everything on this machine and shows it calmly."""

import asyncio
import os
import sys
import time
from collections import deque
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.demo_logins import DEMO_LOGINS
from deploy.embedded.keeper import State
from deploy.embedded.settings import read_settings
from deploy.embedded.supervisor import Supervisor
from deploy.embedded.waiting import until

_REFRESH_SECONDS = 0.5
_RECENT_LINES = 5
_COLOURS = {
    State.STARTING: "yellow",
    State.UP: "green",
    State.WAITING: "red",
    State.STOPPED: "dim",
}


def up(
    *,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Leave out the demo data.")] = False,
) -> None:
    """Start PostgreSQL, Valkey and every service on this machine; Ctrl-C stops them."""
    settings = read_settings(os.environ)
    if no_demo:
        settings = replace(settings, demo=False)
    console = Console()
    if console.is_terminal:
        recent: deque[str] = deque(maxlen=_RECENT_LINES)
        supervisor = Supervisor(settings, given=os.environ, announce=recent.append)
        asyncio.run(_run_live(supervisor, recent, console))
        console.print(recent[-1])
    else:
        supervisor = Supervisor(settings, given=os.environ, announce=_print_line)
        asyncio.run(_run_plain(supervisor))


def _print_line(line: str) -> None:
    sys.stdout.write(f"{datetime.now().astimezone():%H:%M:%S} {line}\n")
    sys.stdout.flush()


async def _run_plain(supervisor: Supervisor) -> None:
    running = asyncio.create_task(supervisor.run())
    await until(lambda: running.done() or supervisor.is_ready)
    if supervisor.is_ready:
        for line in _addresses(supervisor):
            _print_line(line)
    await running


async def _run_live(supervisor: Supervisor, recent: deque[str], console: Console) -> None:
    running = asyncio.create_task(supervisor.run())
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while not running.done():
            live.update(_view(supervisor, recent), refresh=True)
            await asyncio.wait({running}, timeout=_REFRESH_SECONDS)
    await running


def _view(supervisor: Supervisor, recent: deque[str]) -> Group:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for title in ("", "state", "port", "up for", "restarts"):
        table.add_column(title, justify="right" if title in {"port", "restarts"} else "left")
    for keeper in (*supervisor.servers, *supervisor.services):
        table.add_row(
            keeper.unit.name,
            Text(keeper.state, style=_COLOURS[keeper.state]),
            str(keeper.unit.port),
            _duration(time.monotonic() - keeper.since) if keeper.state is State.UP else "",
            str(keeper.restarts or ""),
        )
    addresses = _addresses(supervisor) if supervisor.is_ready else []
    return Group(
        Text("Sinergi", style="bold"),
        table,
        Text("\n".join(["", *addresses, ""]) if addresses else ""),
        Text("\n".join(recent), style="dim"),
        Text("Ctrl-C stops everything; the next start continues with the same data.", style="dim"),
    )


def _addresses(supervisor: Supervisor) -> list[str]:
    lines = [f"Open  http://127.0.0.1:{supervisor.settings.ports['PORTAL_PORT']}"]
    if supervisor.demo_password:
        width = max(len(login.username) for login in DEMO_LOGINS)
        lines.append(f"Demo logins, all with the password  {supervisor.demo_password}")
        lines += [f"  {login.username:<{width}}  {login.stands_for}" for login in DEMO_LOGINS]
    return lines


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
