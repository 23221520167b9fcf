"""`sinergi registry`: what an operator does with the records of people in need."""

import typer

from deploy.cli.anonymise import anonymise
from deploy.cli.recount import recount
from deploy.cli.rotate_keys import rotate_keys
from deploy.cli.take_in import take_in

app = typer.Typer(help="Look after the records of people in need.", no_args_is_help=True)
app.command("anonymise")(anonymise)
app.command("import")(take_in)
app.command("recount")(recount)
app.command("rotate-keys")(rotate_keys)


@app.callback()
def registry() -> None:
    """Look after the records of people in need."""
