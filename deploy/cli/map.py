"""`sinergi map`: the boundaries that the portal's map shows."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import track

from deploy.boundaries.levels import TooLarge, files_of, grouped, number_of_files
from deploy.boundaries.reading import CODE_PROPERTY, Boundaries, Unreadable, read
from deploy.boundaries.store import keep
from deploy.boundaries.topology import Areas
from deploy.cli.running import data_folder, effective_environment
from deploy.embedded.problem import Problem
from shared.reference.areas import Level

_SHOWN: Final = 30

app = typer.Typer(help="The boundaries that the map shows.", no_args_is_help=True)


@app.callback()
def map_of() -> None:
    """The boundaries that the map shows."""


@app.command("import")
def import_boundaries(
    file: Annotated[Path, typer.Argument(help="GeoJSON or TopoJSON, longitude and latitude.")],
    *,
    code_property: Annotated[
        str, typer.Option(help="The property that holds the Kemendagri code, with or without dots.")
    ] = CODE_PROPERTY,
    credit: Annotated[
        str, typer.Option(help="Whom every map names as the source of the boundaries.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; change nothing.")] = False,
) -> None:
    """Replace the shipped boundaries by those of a file, after checking every area of it.

    A file of all villages gives kecamatan and kabupaten too; a file of kecamatan or kabupaten
    replaces these and leaves the villages as they were.
    """
    try:
        found = read(file, code_property)
    except Unreadable as error:
        raise Problem(str(error)) from error
    _refuse_faults(found)
    made = {
        f"map/{province}/{name}": content
        for province, areas in grouped(found.areas, Level.PROVINCE).items()
        for name, content in _files(areas, found.level)
    }
    sizes = sum(len(content) for content in made.values())
    summary = f"{len(found.areas):,} {found.level}, {len(made)} files, {sizes / 1000:,.0f} kB"
    if found.mended:
        summary += f", {found.mended} outlines mended"
    if dry_run:
        sys.stdout.write(f"{summary}: the file is good. Nothing was changed.\n")
        return
    folder = Path(effective_environment().get("PORTAL_MAP_FOLDER") or data_folder() / "map")
    try:
        keep(folder, made, credit or file.stem)
    except OSError as error:
        raise Problem(f"{folder} cannot be written: {error.strerror}.") from error
    sys.stdout.write(f"{summary}: imported. The map shows them from its next page on.\n")


def _files(areas: Areas, level: Level) -> Iterator[tuple[str, bytes]]:
    total = number_of_files(areas, level)
    console = Console(stderr=True)
    try:
        yield from track(
            files_of(areas, level),
            description="Drawing",
            total=total,
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
    except TooLarge as error:
        raise Problem(f"The boundaries of {error} cannot be made small enough.") from error


def _refuse_faults(found: Boundaries) -> None:
    """Print what is wrong and leave, if anything is."""
    if not found.faults:
        return
    for fault in found.faults[:_SHOWN]:
        sys.stderr.write(f"{fault}\n")
    if len(found.faults) > _SHOWN:
        sys.stderr.write(f"... and {len(found.faults) - _SHOWN:,} more.\n")
    faults = "1 fault" if len(found.faults) == 1 else f"{len(found.faults):,} faults"
    raise Problem(f"{faults} in the file; nothing was changed.")
