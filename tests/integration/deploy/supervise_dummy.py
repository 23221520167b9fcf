"""Runs the supervisor over one dummy service: `python -m ... [step ...]`."""

import asyncio
import os
import sys
from pathlib import Path
from unittest.mock import patch

from deploy.embedded import nursery
from deploy.embedded.keeper import Patience
from deploy.embedded.problem import Problem
from deploy.embedded.settings import read_settings
from deploy.embedded.supervisor import Supervisor
from deploy.processes import Process

DUMMY = Process("dummy", "tests.integration.deploy.dummy_service", ("api",), "DUMMY_PORT", 8900)


async def main() -> None:
    await Supervisor(
        read_settings(os.environ, [DUMMY]),
        given=os.environ,
        announce=lambda line: print(line, flush=True),  # noqa: T201 - the tests read it
        processes=[DUMMY],
        steps=sys.argv[1:],
        patience=Patience(silence=1.0, probe_every=0.2),
        binaries=Path(os.environ["DUMMY_BINARIES"]),
    ).run()


if __name__ == "__main__":
    # The dummy needs nothing of what all services load, which takes longer than the whole start.
    loaded = nursery._IN_COMMON if os.environ.get("DUMMY_SHARES") else "tests.integration.deploy"
    try:
        with patch.object(nursery, "_IN_COMMON", loaded):
            asyncio.run(main())
    except Problem as problem:
        sys.exit(str(problem))
