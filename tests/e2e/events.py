"""Server-sent events as a program hears them."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from tests.e2e.callers import Caller


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of a live stream, and when it was heard."""

    id: str
    kind: str
    data: dict[str, Any]
    at: float


class Listener:
    """Everything a worker's stream brings while it is open."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.opened = asyncio.Event()

    async def listen(self, caller: Caller, last_id: str | None) -> None:
        """Read the stream until cancelled."""
        async with caller.stream(last_id) as answer:
            assert answer.status_code == 200, await answer.aread()
            self.opened.set()
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                name, _, value = line.partition(":")
                if line:
                    fields[name] = value.strip()
                elif "data" in fields:
                    data = json.loads(fields["data"])
                    kind = fields.get("event", "message")
                    self.heard.append(Heard(fields["id"], kind, data, time.perf_counter()))
                    fields = {}

    def of(self, referral_id: str, kind: str = "worklist") -> list[Heard]:
        """What was heard of one referral."""
        return [
            one
            for one in self.heard
            if one.kind == kind and one.data.get("referral_id") == referral_id
        ]


@contextlib.asynccontextmanager
async def listening(caller: Caller, last_id: str | None = None) -> AsyncIterator[Listener]:
    """The worker's stream, open for as long as the block is."""
    listener = Listener()
    task = asyncio.create_task(listener.listen(caller, last_id))
    opened = asyncio.create_task(listener.opened.wait())
    try:
        await asyncio.wait({task, opened}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        assert listener.opened.is_set(), task.result() if task.done() else "the stream never opened"
        yield listener
    finally:
        for one in (task, opened):
            one.cancel()
        await asyncio.gather(task, opened, return_exceptions=True)
