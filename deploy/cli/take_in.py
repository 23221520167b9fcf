"""`sinergi registry import`: a list of beneficiaries taken in from a file."""

import csv
import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from deploy.cli.running import effective_environment
from deploy.embedded.problem import Problem
from services.directory.settings import Settings as DirectorySettings
from services.directory.use_cases.issue_operator_token import worker_for_operator
from services.registry.domain.import_columns import PRESETS, ColumnMap, Field, guessed
from services.registry.domain.list_import import (
    LINE_LABELS,
    UNREAD_LABEL,
    ImportStatus,
    LineStatus,
)
from services.registry.domain.name import key_of
from services.registry.settings import Settings
from services.registry.storage import imports
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_files import opened
from services.registry.storage.import_sources import FileSource
from services.registry.storage.imports import Import
from services.registry.use_cases.list_results import HEAD, list_results
from services.registry.use_cases.open_import import open_import
from services.registry.use_cases.run_import import run_import
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.database import Database
from shared.errors import Problem as Refusal
from shared.formulas import safe
from shared.garbage import settle
from shared.policy import Action, may
from shared.settings import read

_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class _Given:
    """What the operator asks for, with the file's own columns."""

    path: Path
    sha256: bytes
    total: int
    columns: ColumnMap
    is_check: bool


def take_in(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or XLSX list.")],
    *,
    username: Annotated[
        str, typer.Option("--as", help="User name of the worker in whose name and area.")
    ],
    preset: Annotated[
        str | None, typer.Option(help=f"How its columns are named: {', '.join(PRESETS)}.")
    ] = None,
    columns: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A CSV file with `field,header` lines."),
    ] = None,
    area: Annotated[
        str | None, typer.Option(help="Code of the area whose villages are meant.")
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="Code of the category of rows that name none.")
    ] = None,
    kind: Annotated[
        BeneficiaryKind, typer.Option(help="What rows are that do not say.")
    ] = BeneficiaryKind.PERSON,
    legal_basis: Annotated[
        LegalBasis, typer.Option(help="The ground on which the data may be held.")
    ] = LegalBasis.PUBLIC_TASK,
    accept_lookalikes: Annotated[
        bool, typer.Option("--accept-lookalikes", help="Register those who look alike too.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would become of each row, and no more.")
    ] = False,
    result: Annotated[
        Path | None, typer.Option(help="Where the result goes; beside the list by default.")
    ] = None,
) -> None:
    """Take in a list; run again after an interruption, it goes on where it was."""
    names = _names(preset, columns)
    try:
        with file.open("rb") as content:
            found = opened(content)
            chosen = ColumnMap(
                columns=guessed(found.headers, names),
                area=area,
                category=category,
                kind=kind,
                legal_basis=legal_basis,
                accept_lookalikes=accept_lookalikes,
            ).checked()
            total = sum(1 for _ in found.rows)
    except Refusal as refusal:
        raise Problem(f"{file.name}: {refusal.detail or refusal.title_en}") from refusal
    given = _Given(file, _sha256(file), total, chosen, check)
    settle()
    done = uvloop.run(_take_in(given, username, result or file.with_suffix(".hasil.csv")))
    if done.counts[LineStatus.REFUSED] or done.counts[LineStatus.SIMILAR] or done.left:
        raise typer.Exit(1)


async def _take_in(given: _Given, username: str, result: Path) -> Import:
    # Settings come from environment variables; this process ends with the command.
    os.environ.update(effective_environment())
    actor = await _worker(username)
    settings = read(Settings)
    database = Database(settings.worker_database_url, pool_size=2, name="sinergi-import")
    vault = NikVault(settings.nik_keys, settings.nik_index_key)
    try:
        job = await _job(given, database, actor)
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(), console=Console(stderr=True),
        ) as progress:  # fmt: skip
            words = "checking" if given.is_check else "taking in"
            task = progress.add_task(words, total=job.total, completed=job.position)
            await run_import(
                job.id,
                FileSource(given.path),
                database=database,
                vault=vault,
                told=lambda position: progress.update(task, completed=position),
            )
        await _write_result(job.id, database, result)
        return await _shown(job.id, database, result)
    except Refusal as refusal:
        raise Problem(f"{given.path.name}: {refusal.detail or refusal.title_en}") from refusal
    finally:
        await database.close()


async def _worker(username: str) -> Actor:
    database = Database(read(DirectorySettings).database_url, pool_size=1, name="sinergi-import")
    try:
        async with database.transaction() as tx:
            actor = await worker_for_operator(username, tx=tx)
    except Refusal as refusal:
        raise Problem(f"No import as {username}: {refusal.title_en.lower()}.") from refusal
    finally:
        await database.close()
    if not may(actor, Action.BENEFICIARY_IMPORT):
        raise Problem(f"The duties of {username} allow no import.")
    return actor


async def _job(given: _Given, database: Database, actor: Actor) -> Import:
    """The import that was interrupted, or a new one."""
    status = ImportStatus.CHECKING if given.is_check else ImportStatus.RUNNING
    async with database.transaction() as tx:
        before = None if given.is_check else await imports.unfinished(tx, actor, given.sha256)
        if before is not None and before.columns == given.columns:
            sys.stderr.write(f"Going on behind row {before.position}.\n")
            return before
        return await open_import(
            sha256=given.sha256,
            total=given.total,
            columns=given.columns,
            status=status,
            tx=tx,
            actor=actor,
        )


async def _write_result(import_id: UUID, database: Database, path: Path) -> None:
    async with database.transaction() as tx:
        job = await imports.get(tx, import_id)
    assert job is not None
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEAD)
        async for rows in list_results(job, database=database):
            lines.writerows((*told, safe(str(why))) for *told, why in rows)


async def _shown(import_id: UUID, database: Database, result: Path) -> Import:
    """Print the counts and the first rows that need a look."""
    async with database.transaction() as tx:
        done = await imports.get(tx, import_id)
        look = (LineStatus.REFUSED, LineStatus.SIMILAR)
        odd = await imports.lines(tx, import_id, statuses=look, after=0, limit=_SHOWN)
    assert done is not None
    console = Console(width=None if sys.stdout.isatty() else 200)
    if odd:
        table = Table("baris", "hasil", "keterangan", box=None)
        for one in odd:
            table.add_row(str(one.line), LINE_LABELS[one.status], one.why or "")
        console.print(table)
    words = ", ".join(f"{done.counts[one]} {LINE_LABELS[one]}" for one in LineStatus)
    if done.left:
        words += f", {done.left} {UNREAD_LABEL}: impor dihentikan"
    console.print(f"{done.total} baris: {words}.\nHasil tiap baris: {result}", soft_wrap=True)
    return done


def _names(preset: str | None, columns: Path | None) -> list[Mapping[str, Field]]:
    if columns is not None:
        with columns.open(encoding="utf-8-sig", newline="") as file:
            try:
                own = {key_of(row["header"]): Field(row["field"]) for row in csv.DictReader(file)}
            except (KeyError, ValueError) as error:
                raise Problem(f"{columns.name} is no column map: {error}.") from error
        return [own]
    if preset is None:
        return list(PRESETS.values())
    if preset not in PRESETS:
        raise Problem(f'There is no preset "{preset}", only {", ".join(PRESETS)}.')
    return [PRESETS[preset]]


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
