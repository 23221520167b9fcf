"""`sinergi registry rotate-keys`: every NIK and No. KK under the newest keys."""

import asyncio
import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.cli.running import effective_environment
from services.registry.settings import Settings
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.rotate_keys import BATCH, Rotation
from services.registry.use_cases.rotate_keys import rotate_keys as rotate
from shared.database import Database
from shared.settings import read


def rotate_keys(
    *,
    batch: Annotated[
        int, typer.Option(min=1, max=5000, help="How many records one transaction turns.")
    ] = BATCH,
) -> None:
    """Encrypt and index every NIK and No. KK anew; may be stopped and run again at any time."""
    done = asyncio.run(_rotate(batch))
    sys.stdout.write(f"{done.turned} records brought under the newest keys.\n")
    if done.left:
        sys.stderr.write(
            f"{done.left} records are still under older keys. Keep those keys. Either a process "
            "still runs with the older settings, or the settings lack the key of these records: "
            "restart it, or add the key, and run this again.\n"
        )
        raise typer.Exit(1)
    sys.stdout.write("Nothing is left under older keys; they may go.\n")


async def _rotate(batch: int) -> Rotation:
    # Settings come from environment variables; this process ends with the command.
    os.environ.update(effective_environment())
    settings = read(Settings)
    # Counting what is left among a million records takes longer than a request may.
    database = Database(
        settings.worker_database_url, pool_size=1, name="sinergi-rotate-keys", patient=True
    )
    progress = Progress(
        TextColumn("records"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    try:
        with progress:
            task = progress.add_task("records")
            return await rotate(
                database=database,
                vault=NikVault(settings.nik_keys, settings.nik_index_key),
                begun=lambda total: progress.update(task, total=total),
                advanced=lambda count: progress.advance(task, count),
                batch=batch,
            )
    finally:
        await database.close()
