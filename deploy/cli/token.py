"""`sinergi token`: a bearer token for a worker, for the operator of this machine."""

import asyncio
import os
import sys
from typing import Annotated

import typer

from deploy.cli.running import effective_environment
from deploy.embedded.problem import Problem
from services.directory.settings import Settings
from services.directory.use_cases.issue_operator_token import issue_operator_token
from shared.database import Database
from shared.errors import Problem as Refusal
from shared.settings import read


def token(
    username: Annotated[str, typer.Argument(help="The worker's user name.")],
    *,
    minutes: Annotated[
        float, typer.Option("--minutes", "-m", min=0.1, max=1440, help="How long it lasts.")
    ] = 60,
) -> None:
    """Print a bearer token for an existing worker, good for every service."""
    sys.stdout.write(asyncio.run(_issue(username, minutes)) + "\n")


async def _issue(username: str, minutes: float) -> str:
    # Settings come from environment variables; this process ends with the command.
    os.environ.update(effective_environment())
    settings = read(Settings)
    database = Database(settings.database_url, pool_size=1, name="sinergi-token")
    try:
        async with database.transaction() as tx:
            return await issue_operator_token(
                username, tx=tx, key=settings.signing_key, minutes=minutes
            )
    except Refusal as refusal:
        raise Problem(f"No token for {username}: {refusal.title_en.lower()}.") from refusal
    finally:
        await database.close()
