"""Sweepers in processes of their own, as those of a worker with replicas."""

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

import uvloop

from services.cases.sweeper import sweeper
from shared.database import Database
from shared.garbage import settle


@contextlib.contextmanager
def running_sweepers(url: str, count: int) -> Iterator[Callable[[], None]]:
    """Calling what it gives lets all of them go once, and returns when the last is back."""
    context = multiprocessing.get_context("spawn")
    lines: list[Connection] = []
    processes = []
    for _ in range(count):
        line, theirs = context.Pipe()
        process = context.Process(target=_run, args=(url, theirs), daemon=True)
        process.start()
        # Or the death of the process would not be heard of.
        theirs.close()
        lines.append(line)
        processes.append(process)

    def go() -> None:
        for line in lines:
            line.send(True)
        for line in lines:
            line.recv()

    for line in lines:
        line.recv()
    yield go
    for line, process in zip(lines, processes, strict=True):
        line.send(False)
        process.join()


def _run(url: str, line: Connection) -> None:
    # Python looks for garbage as in the processes where sweepers run.
    settle()
    uvloop.run(_obey(url, line))


async def _obey(url: str, line: Connection) -> None:
    database = Database(url, pool_size=1, name="sweeper")
    await database.answers()
    line.send(True)
    while line.recv():
        await sweeper(database).go()
        line.send(True)
    await database.close()
