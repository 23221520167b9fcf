"""`sinergi audit verify`: whether anybody has changed an audit trail."""

import asyncio
import sys
from typing import Final

import typer

from deploy.cli.databases import worker_database
from shared import audit
from shared.audit import Verdict

AUDITED: Final = ("directory", "registry", "cases")
"""The services that keep an audit trail."""

app = typer.Typer(help="The trail of who read or changed what.", no_args_is_help=True)


@app.callback()
def audit_of() -> None:
    """The trail of who read or changed what."""


@app.command("verify")
def verify() -> None:
    """Recompute every chain; exit code 1 names the first changed or missing row of each."""
    broken = False
    for service in AUDITED:
        found = asyncio.run(_verify(service))
        if found.broken_at is None:
            head = found.head.hex()[:16]
            sys.stdout.write(f"{service}: {found.rows} rows hold, head {head}.\n")
        else:
            broken = True
            sys.stdout.write(
                f"{service}: row {found.broken_at} of {service}.audit_log was changed or is "
                f"missing; the {found.rows} rows before it hold.\n"
            )
    if broken:
        raise typer.Exit(1)


async def _verify(service: str) -> Verdict:
    database = worker_database(service)
    try:
        async with database.transaction() as tx:
            return await audit.verify(tx)
    finally:
        await database.close()
