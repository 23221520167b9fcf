"""`sinergi registry`: looking after the records of people."""

import typer

from deploy.cli.anonymise import anonymise

app = typer.Typer(help="Look after the records of people.", no_args_is_help=True)
app.command("anonymise")(anonymise)


@app.callback()
def registry() -> None:
    """Look after the records of people."""
