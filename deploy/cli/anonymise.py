"""`sinergi registry anonymise`: forget the people whose records' time is over."""

import asyncio
import sys
from typing import Annotated

import typer

from deploy.cli.databases import worker_database
from services.registry.domain.birth import local_day
from services.registry.storage import anonymising
from services.registry.storage.anonymising import Counts
from services.registry.use_cases.anonymise_records import BATCH, anonymise_asked, anonymise_due


def anonymise(
    dry_run: Annotated[bool, typer.Option(help="Only count them; change nothing.")] = False,  # noqa: FBT002 - an option is given by name
) -> None:
    """Do now what the clock does once a day; nothing brings an anonymised record back."""
    counts = asyncio.run(_count() if dry_run else _run())
    said = "would be" if dry_run else "were"
    sys.stdout.write(
        f"{counts.over} records past their retention and {counts.asked_for} whose erasure was "
        f"granted {said} anonymised; {counts.waiting} wait for an open referral.\n"
    )


async def _count() -> Counts:
    database = worker_database("registry")
    try:
        async with database.transaction() as tx:
            return await anonymising.count(tx, local_day(tx.now))
    finally:
        await database.close()


async def _run() -> Counts:
    counts = await _count()
    database = worker_database("registry")
    try:
        for one_batch in (anonymise_asked, anonymise_due):
            full = True
            while full:
                async with database.transaction() as tx:
                    full = await one_batch(tx=tx) == BATCH
    finally:
        await database.close()
    return counts
