"""`sinergi dead-letters`: events that could not be applied, and another try."""

import asyncio
import sys
from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.databases import worker_database
from deploy.embedded.problem import Problem
from services.cases.reactions import REACTIONS as CASES
from services.notifications.reactions import REACTIONS as NOTIFICATIONS
from services.registry.reactions import REACTIONS as REGISTRY
from shared.errors import Problem as Refusal
from shared.messaging import dead_letters
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.inbox import Inbox, Reactions, Unreadable

_LISTENERS: Final[Mapping[str, Reactions]] = {
    "registry": REGISTRY,
    "cases": CASES,
    "notifications": NOTIFICATIONS,
}

app = typer.Typer(help="Events that could not be applied, and another try.", no_args_is_help=True)


@app.callback()
def dead_letters_of() -> None:
    """Events that could not be applied, and another try."""


@app.command("list")
def list_waiting() -> None:
    """Show every waiting dead letter with the reason."""
    table = Table("service", "id", "at", "type", "deliveries", "reason", box=None)
    found = asyncio.run(_all_waiting())
    for service, letter in found:
        table.add_row(
            service,
            str(letter.id),
            f"{letter.at:%Y-%m-%d %H:%M:%S}",
            letter.type or "(unreadable)",
            str(letter.deliveries),
            letter.error,
        )
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table if found else "No dead letters are waiting.")


@app.command("replay")
def replay(
    letter: Annotated[str, typer.Argument(help="The id of a dead letter, or `all`.")],
) -> None:
    """Apply a dead letter again, after its cause was mended; it leaves the list when that works."""
    wanted = None if letter == "all" else _id(letter)
    applied, failed = asyncio.run(_replay(wanted))
    for line in failed:
        sys.stderr.write(line + "\n")
    sys.stdout.write(f"{applied} applied, {len(failed)} still waiting.\n")
    if failed:
        raise typer.Exit(1)


@app.command("discard")
def discard(
    letter: Annotated[str, typer.Argument(help="The id of a dead letter.")],
) -> None:
    """Take a dead letter off the list unapplied: for what can never be read."""
    wanted = _id(letter)
    if not asyncio.run(_discard(wanted)):
        raise Problem(f"No waiting dead letter has the id {wanted}.")
    sys.stdout.write("Discarded; the row stays in the database.\n")


async def _discard(wanted: UUID) -> bool:
    for service, letter in await _all_waiting():
        if letter.id == wanted:
            async with worker_database(service).transaction() as tx:
                await dead_letters.mark_replayed(tx, letter.id)
            return True
    return False


async def _all_waiting() -> list[tuple[str, DeadLetter]]:
    found = []
    for service in _LISTENERS:
        async with worker_database(service).transaction() as tx:
            found += [(service, letter) for letter in await dead_letters.waiting(tx)]
    return found


async def _replay(wanted: UUID | None) -> tuple[int, list[str]]:
    applied, failed = 0, []
    chosen = [
        (service, letter) for service, letter in await _all_waiting() if wanted in (None, letter.id)
    ]
    if wanted is not None and not chosen:
        raise Problem(f"No waiting dead letter has the id {wanted}.")
    for service, letter in chosen:
        database = worker_database(service)
        try:
            await Inbox(service, database, _LISTENERS[service]).apply_one(letter.raw)
        except Unreadable as error:
            failed.append(f"{letter.id}: {error}")
            continue
        except Refusal as error:
            failed.append(f"{letter.id}: {error.title_en}")
            continue
        except Exception as error:  # noqa: BLE001 - one bad letter must not hold the others
            failed.append(f"{letter.id}: {type(error).__name__}")
            continue
        async with database.transaction() as tx:
            await dead_letters.mark_replayed(tx, letter.id)
        applied += 1
    return applied, failed


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Problem(f'"{text}" is no id of a dead letter.') from error
