"""Each process by its own command, as a container starts it, with nothing loaded beforehand."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx2
import pytest

from deploy.processes import PROJECT, Process
from tests.fixtures.processes import until
from tests.fixtures.stack import Stack
from tests.integration.deploy.test_compose import COMPOSE, PARTS, name_of

SECONDS = 60


@pytest.fixture
def started(clean: Stack, tmp_path: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """All of them at once, each with its output in a file by its name."""
    running = {}
    for process, role in PARTS:
        name = name_of(process, role)
        _, *command = COMPOSE["services"][name]["command"]
        with (tmp_path / name).open("wb") as output:
            running[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=PROJECT,
                env={"PATH": os.environ["PATH"], **clean.environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
    yield running
    for one in running.values():
        one.kill()
        one.wait()


async def test_the_command_of_each_container_starts_a_process_that_is_ready(
    started: dict[str, subprocess.Popen[bytes]], clean: Stack, tmp_path: Path
) -> None:
    async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
        for process, role in PARTS:
            name = name_of(process, role)
            said = partial(last_words, tmp_path / name)
            url = f"http://127.0.0.1:{port_of(process, role, clean)}{process.ready}"
            await until(partial(is_ready, client, url, started[name], said), SECONDS, said)


async def is_ready(
    client: httpx2.AsyncClient, url: str, one: subprocess.Popen[bytes], said: Callable[[], str]
) -> bool:
    """Whether it answers that it is; fails when it has ended."""
    assert one.poll() is None, said()
    try:
        return (await client.get(url)).is_success
    except httpx2.HTTPError:
        return False


def last_words(output: Path) -> str:
    """The end of what a process wrote."""
    return output.read_text()[-3000:]


def port_of(process: Process, role: str, stack: Stack) -> str:
    """Where a process answers its probes."""
    setting = f"{process.prefix}_WORKER_PORT" if role == "worker" else process.port_setting
    return stack.environment[setting]
