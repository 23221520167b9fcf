"""`sinergi doctor`: says what is wrong and what to do about it."""

import asyncio
import os

import typer
from rich.console import Console
from rich.text import Text

from deploy.cli.checks import (
    Finding,
    machine_findings,
    postgres_findings,
    redis_findings,
    service_findings,
)
from deploy.cli.running import data_folder, supervised_environment
from deploy.embedded.settings import read_settings


def doctor() -> None:
    """Check this machine and the running installation; exit code 1 if anything is wrong."""
    console = Console()
    settings = read_settings(os.environ)
    running = supervised_environment()
    findings = machine_findings(settings, is_running=running is not None)
    environment = running or os.environ
    if environment.get("POSTGRES_URL"):
        findings += asyncio.run(postgres_findings(environment["POSTGRES_URL"]))
    if environment.get("REDIS_URL"):
        findings += redis_findings(environment["REDIS_URL"])
    if running is not None:
        findings += service_findings(environment)
    for finding in findings:
        _print(console, finding)
    if running is None:
        console.print(f"Sinergi does not run on {data_folder()}: services were not asked.")
    if any(finding.remedy for finding in findings):
        raise typer.Exit(1)


def _print(console: Console, finding: Finding) -> None:
    mark = Text("wrong  ", style="red") if finding.remedy else Text("ok     ", style="green")
    console.print(mark + Text(finding.fact), soft_wrap=True)
    if finding.remedy:
        console.print(Text(f"       -> {finding.remedy}"), soft_wrap=True)
