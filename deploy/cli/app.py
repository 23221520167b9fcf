"""The `sinergi` command: one line per subcommand."""

import signal
import sys
from importlib import import_module

import typer

from deploy.embedded.problem import Problem

COMMANDS = {
    "up": "deploy.cli.up:up",
    "status": "deploy.cli.status:status",
    "doctor": "deploy.cli.doctor:doctor",
    "compose-env": "deploy.cli.compose_env:compose_env",
    "events": "deploy.cli.events:app",
    "token": "deploy.cli.token:token",
    "registry": "deploy.cli.registry:app",
    "dead-letters": "deploy.cli.dead_letters:app",
}
"""Name of each command and where it is: a function, or a Typer app with commands of its own."""


def main() -> None:
    """Run the command and turn a Problem into its sentence and exit code 2."""
    # A shell that starts a command in the background lets it ignore Ctrl-C; ours must still stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        build_app([wanted] if wanted in COMMANDS else list(COMMANDS))()
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)


def build_app(names: list[str]) -> typer.Typer:
    """Return the application with these commands.

    Only the wanted command is loaded, so that `up`, which runs for months, stays small.
    """
    app = typer.Typer(
        help="Run and look after Sinergi.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        callback=_sinergi,
    )
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        target = getattr(import_module(module), attribute)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name)
        else:
            app.command(name)(target)
    return app


def _sinergi() -> None:
    """Run and look after Sinergi."""
