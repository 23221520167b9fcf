"""`sinergi registry`: looking after the records of people."""

import typer

from deploy.cli.recount import recount

app = typer.Typer(help="Look after the records of people.", no_args_is_help=True)


@app.callback()
def registry() -> None:
    """Look after the records of people."""


app.command("recount")(recount)
