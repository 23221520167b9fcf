"""Live streams: one reader of new rows per process, one bounded queue per open stream."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Final
from uuid import UUID

from prometheus_client import Gauge, Histogram

from services.notifications.storage import stream_rows
from services.notifications.storage.stream_rows import StreamRow
from shared.clock import utc_now
from shared.database import Database
from shared.ending import end
from shared.logging import get_logger
from shared.messaging.wake import Wake
from shared.row_scope import RowScope

PAGE: Final = 500
QUEUE: Final = 2_000
"""Rows a client may lag behind before its stream is ended; it resumes by its last id."""
POLL_SECONDS: Final = 2.0
HELLO: Final = "hello"
"""Greets a stream that begins now."""
RESET: Final = "reset"
"""Greets a stream whose last id is not known here any more: rows since then may be gone."""

_CONNECTED: Final = Gauge("sinergi_streams_connected", "Live streams open in this process")
_SECONDS: Final = Histogram(
    "sinergi_notice_seconds",
    "Time from a step of a referral to its committed notice going out on a live stream",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300),
)


class Subscription:
    """One open stream of one worker."""

    def __init__(self, worker_id: UUID, *, after: int, greeting: str | None) -> None:
        """`after` is the number it goes on from; one that resumes needs no greeting."""
        self.worker_id = worker_id
        self.after = after
        self.greeting = greeting
        self.ended = asyncio.Event()
        self._rows: asyncio.Queue[StreamRow | None] = asyncio.Queue(QUEUE)

    def offer(self, row: StreamRow) -> None:
        """Queue a row; a client too slow to keep its queue below the limit is let go."""
        if self.ended.is_set():
            return
        try:
            self._rows.put_nowait(row)
        except asyncio.QueueFull:
            get_logger().info("slow_stream_ended")
            self.end()

    def end(self) -> None:
        """Let the stream end now; rows not yet sent are read again when the client resumes."""
        if not self.ended.is_set():
            self.ended.set()
            while not self._rows.empty():
                self._rows.get_nowait()
            self._rows.put_nowait(None)

    async def next(self, at_most: float) -> StreamRow | None:
        """The next row; None when there was none for `at_most` seconds or the stream ended."""
        try:
            async with asyncio.timeout(at_most):
                return await self._rows.get()
        except TimeoutError:
            return None


class Hub:
    """Reads new rows once for all open streams of this process and hands each to its owner."""

    def __init__(
        self,
        database: Database,
        *,
        heartbeat_seconds: float,
        lifetime_seconds: float,
    ) -> None:
        self.heartbeat_seconds = heartbeat_seconds
        self._database = database
        self._lifetime = lifetime_seconds
        self._wake = Wake(database.url, stream_rows.CHANNEL)
        self._streams: defaultdict[UUID, set[Subscription]] = defaultdict(set)
        self._position = 0
        self._reading = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Feed the streams for as long as the block is open, then end them all."""
        tasks = [asyncio.create_task(self._wake.run()), asyncio.create_task(self._feed())]
        try:
            yield
        finally:
            self.end_all()
            await end(tasks)

    @contextlib.asynccontextmanager
    async def joined(self, worker_id: UUID, after: int | None) -> AsyncIterator[Subscription]:
        """Open a stream that goes on after a number, or from now on when there is none."""
        subscription = await self._join(worker_id, after)
        expiry = asyncio.get_running_loop().call_later(self._lifetime, subscription.end)
        _CONNECTED.inc()
        try:
            yield subscription
        finally:
            _CONNECTED.dec()
            expiry.cancel()
            self._streams[worker_id].discard(subscription)
            if not self._streams[worker_id]:
                del self._streams[worker_id]

    def end_all(self) -> None:
        """End every open stream: its client comes back to whichever process answers then."""
        for streams in self._streams.values():
            for subscription in streams:
                subscription.end()

    async def missed(self, subscription: Subscription) -> AsyncIterator[StreamRow]:
        """What is stored for a resuming stream; no connection is held between two pages."""
        worker_id, after = subscription.worker_id, subscription.after
        while True:
            async with self._database.transaction(RowScope(actor=worker_id)) as tx:
                rows = await stream_rows.kept_for(tx, worker_id, after, PAGE)
            for row in rows:
                yield row
            if len(rows) < PAGE:
                return
            after = rows[-1].seq

    async def _join(self, worker_id: UUID, after: int | None) -> Subscription:
        # Not while a read is under way: it would miss this worker's rows and still move the
        # position past them.
        async with self._reading:
            async with self._database.transaction() as tx:
                bounds = await stream_rows.bounds(tx)
            if not self._streams:
                self._position = bounds.newest
            if after is None:
                start, greeting = bounds.newest, HELLO
            elif bounds.swept <= after <= bounds.newest:
                start, greeting = after, None
            else:
                start, greeting = bounds.newest, RESET
            subscription = Subscription(worker_id, after=start, greeting=greeting)
            self._streams[worker_id].add(subscription)
            return subscription

    async def _feed(self) -> None:
        while True:
            await self._wake.wait(POLL_SECONDS)
            try:
                while await self.read() == PAGE:
                    continue
            except Exception as error:  # noqa: BLE001 - every open stream hangs on this loop
                get_logger().warning("streams_wait", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def read(self) -> int:
        """Hand out the rows added since the last read; returns how many there were."""
        async with self._reading:
            if not self._streams:
                return 0
            async with self._database.transaction() as tx:
                rows, newest = await stream_rows.added_since(
                    tx, self._position, list(self._streams), PAGE
                )
                # Before the transaction ends: nobody waits for the end of one that only read.
                self._position = newest
                self._hand_out(rows)
            return len(rows)

    def _hand_out(self, rows: Sequence[StreamRow]) -> None:
        now = utc_now()
        for row in rows:
            if row.happened_at is not None:
                _SECONDS.observe(max((now - row.happened_at).total_seconds(), 0))
            for subscription in self._streams.get(row.worker_id, ()):
                subscription.offer(row)
