"""The one module that knows FastStream: reads streams in batches and keeps reading.

FastStream alone loses its group when Redis is wiped, never looks at what another process left
pending, and spins on some server errors. So each stream gets a pair of subscribers, reader and
claimer, groups that begin at 0, and a watchdog that restarts what stopped. What an entry means
is the inbox's business.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any, Final

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from shared.database import Database
from shared.errors import Unavailable
from shared.failpoints import hit
from shared.logging import get_logger
from shared.messaging import metrics
from shared.messaging.inbox import Entry, Inbox, Reactions

MAX_RECORDS: Final = 200
BLOCK_MS: Final = 1000
CLAIM_AFTER_MS: Final = 10_000
CLAIM_LOOKS: Final = 5
"""How often the claimer looks within the time after which it may take an entry."""
WATCH_SECONDS: Final = 0.5
HOT_LOOP_TASKS: Final = 50
READ_AT_LEAST_EVERY_SECONDS: Final = 10.0
WITNESSING_VERSION: Final = (7, 2)


class Consumer:
    """Consumes the streams of the publishers a service's reactions listen to."""

    def __init__(
        self,
        service: str,
        *,
        slot: str,
        redis_url: str,
        prefix: str,
        database: Database,
        reactions: Reactions,
        claim_after_ms: int = CLAIM_AFTER_MS,
    ) -> None:
        self._service = service
        self._inbox = Inbox(service, database, reactions)
        self._redis = Redis.from_url(redis_url, socket_timeout=5)
        self._broker = RedisBroker(
            redis_url,
            logger=None,  # type: ignore[arg-type] # FastStream's way to be silent; we log
            log_level=logging.WARNING,
            apply_types=False,
            health_check_interval=10,
        )
        self._name = f"{service}-{slot}"
        self._claim_after_ms = claim_after_ms
        self._streams = sorted({f"{prefix}:ev:{event.publisher}" for event in reactions})
        self._subscribers: dict[str, Any] = {}
        self._pause: dict[str, float] = {}
        self._resume_at: dict[str, float] = {}
        self._started = False
        self._witnessed: bool | None = None
        for stream in self._streams:
            self._subscribe(stream, self._name, claim=False)
            self._subscribe(stream, f"{self._name}:claim", claim=True)

    async def run(self) -> None:
        """Consume until cancelled; every fault is waited out, none ends the loop."""
        try:
            while True:
                try:
                    await self._tend()
                except (RedisError, OSError, TimeoutError) as error:
                    get_logger().warning("consumer_waits", error=type(error).__name__)
                await asyncio.sleep(WATCH_SECONDS)
        finally:
            with contextlib.suppress(RedisError, OSError, RuntimeError):
                await self._broker.stop()
            await self._redis.aclose()

    async def checks(self) -> Mapping[str, bool]:
        """Per subscriber, whether it runs and Redis has seen it ask within ten seconds.

        Redis before 7.2 keeps no record of a read that found nothing; there a running subscriber
        on an existing group has to do, and so it does for claimers everywhere.
        """
        answers: dict[str, bool] = dict.fromkeys(self._subscribers, False)
        for stream in self._streams:
            try:
                consumers = await self._redis.xinfo_consumers(stream, self._service)
                witnessed = await self._keeps_record()
            except (RedisError, OSError, TimeoutError):
                continue
            idle = {row["name"].decode(): row["idle"] / 1000 for row in consumers}
            for key, subscriber in self._subscribers.items():
                name, _, of_stream = key.partition("@")
                if of_stream == stream:
                    seen = idle.get(name, float("inf"))
                    reads = seen < READ_AT_LEAST_EVERY_SECONDS
                    trusted = name.endswith(":claim") or not witnessed
                    answers[key] = bool(subscriber.running) and (reads or trusted)
        return answers

    async def _keeps_record(self) -> bool:
        if self._witnessed is None:
            version = str((await self._redis.info("server"))["redis_version"])
            major, minor, *_ = (int(part) for part in version.split(".")[:2])
            self._witnessed = (major, minor) >= WITNESSING_VERSION
        return self._witnessed

    def _subscribe(self, stream: str, name: str, *, claim: bool) -> None:
        subscriber = self._broker.subscriber(
            stream=StreamSub(
                stream,
                group=self._service,
                consumer=name,
                batch=True,
                max_records=MAX_RECORDS,
                polling_interval=self._claim_after_ms // CLAIM_LOOKS if claim else BLOCK_MS,
                min_idle_time=self._claim_after_ms if claim else None,
            ),
            ack_policy=AckPolicy.MANUAL,
            parser=_as_it_came,
            decoder=_undecoded,
        )

        async def consume(batch: Any) -> None:
            await self._consume(stream, batch, claimed=claim)

        subscriber(consume)
        self._subscribers[f"{name}@{stream}"] = subscriber

    async def _consume(self, stream: str, batch: Any, *, claimed: bool) -> None:
        entries = [
            Entry(entry_id.decode(), fields.get(b"e", b""))
            for entry_id, fields in zip(batch["message_ids"], batch["data"], strict=True)
        ]
        if claimed:
            entries = [await self._with_deliveries(stream, entry) for entry in entries]
        settled = await self._apply(stream, entries)
        hit("consumer.before_ack")
        if settled:
            await self._redis.xack(stream, self._service, *settled)

    async def _apply(self, stream: str, entries: list[Entry]) -> list[str]:
        """Apply, waiting while the database is away: an outage must not count as a delivery."""
        pause = 0.1
        while True:
            try:
                return await self._inbox.apply(stream, entries)
            except Unavailable:
                get_logger().warning("consumer_waits_for_database", stream=stream)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)

    async def _with_deliveries(self, stream: str, entry: Entry) -> Entry:
        pending = await self._redis.xpending_range(
            stream, self._service, min=entry.entry_id, max=entry.entry_id, count=1
        )
        deliveries = int(pending[0]["times_delivered"]) if pending else 1
        return Entry(entry.entry_id, entry.raw, deliveries)

    async def _tend(self) -> None:
        """Create missing groups, start what is not running, stop what spins."""
        for stream in self._streams:
            await self._ensure_group(stream)
        if not self._started:
            await self._broker.connect()
            self._started = True
        for key, subscriber in self._subscribers.items():
            try:
                await self._tend_one(key, subscriber)
            except (RedisError, OSError, TimeoutError) as error:
                # One that cannot start keeps no other from being stopped.
                get_logger().warning("consumer_waits", subscriber=key, error=type(error).__name__)

    async def _tend_one(self, key: str, subscriber: Any) -> None:
        now = time.monotonic()
        if subscriber.running and len(subscriber.tasks) > HOT_LOOP_TASKS:
            await subscriber.stop()
            self._pause[key] = min(self._pause.get(key, 0.5) * 2, 30.0)
            self._resume_at[key] = now + self._pause[key]
            get_logger().error("subscriber_span", subscriber=key)
        elif not subscriber.running and now >= self._resume_at.get(key, 0.0):
            metrics.CONSUMER_RESTARTS.labels(self._service, key.partition("@")[2]).inc()
            await subscriber.start()
        elif subscriber.running and len(subscriber.tasks) <= 1:
            self._pause.pop(key, None)

    async def _ensure_group(self, stream: str) -> None:
        """Groups begin at 0: what was published before this service's first start counts too."""
        try:
            await self._redis.xgroup_create(stream, self._service, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                metrics.CONSUMED.labels(self._service, stream, "blocked").inc()
                get_logger().error("stream_unusable", stream=stream, error=str(error)[:60])


async def _as_it_came(message: Any) -> RedisBatchStreamMessage:
    """Leave parsing to the inbox: FastStream would take some CloudEvents for its own envelope."""
    return RedisBatchStreamMessage(
        raw_message=message, body=b"", consumer=FAKE_CONSUMER, group=None
    )


async def _undecoded(message: Any) -> Any:
    return message.raw_message
