"""Effects of events: each event once, each batch in one transaction, each failure alone.

Nothing here knows the broker: the consumer, the reconciler and the replay of dead letters hand
over the same `Entry` and get the same promise.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg
import orjson
from pydantic import ValidationError

from shared.clock import utc_now
from shared.contracts.catalogue import BY_TYPE, is_unknown_version
from shared.contracts.envelope import MAX_EVENT_BYTES, Event, EventData
from shared.database import Database, Tx, is_loss
from shared.errors import Unavailable
from shared.failpoints import hit
from shared.logging import get_logger
from shared.messaging import dead_letters, metrics
from shared.tracing import continue_trace, request_id

Reaction = Callable[[Event, Tx], Awaitable[None]]
Reactions = Mapping[type[EventData], Reaction]

MAX_DELIVERIES: Final = 5
CONFLICT_RETRIES: Final = 3

_INBOX_SQL: Final = """
    insert into inbox (event_id, source, type, event_time)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])
    on conflict (event_id) do nothing
    returning event_id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream entry as it came: where it lies and its raw bytes."""

    entry_id: str
    raw: bytes
    deliveries: int = 1


class Unreadable(Exception):
    """The entry can never be applied; the message names the reason without its content."""


class Inbox:
    """Applies entries of one publisher's stream to one service."""

    def __init__(self, service: str, database: Database, reactions: Reactions) -> None:
        self._service = service
        self._database = database
        self._reactions = {event.wire_type(): react for event, react in reactions.items()}
        self.types = frozenset(self._reactions)

    async def apply(self, stream: str, entries: Sequence[Entry]) -> list[str]:
        """Give each entry its effect once; returns the ids of the entries that are settled.

        An entry that fails stays unsettled until its fifth delivery, then it becomes a dead
        letter. Raises `Unavailable` when the database is away: nothing was changed then.
        """
        settled: list[str] = []
        readable: list[tuple[Entry, Event]] = []
        for entry in entries:
            try:
                event = self._read(entry.raw)
            except Unreadable as error:
                await self._bury(stream, entry, str(error))
                settled.append(entry.entry_id)
                continue
            if event is None:
                metrics.CONSUMED.labels(self._service, stream, "ignored").inc()
                settled.append(entry.entry_id)
            elif entry.deliveries > MAX_DELIVERIES:
                # It never came back to say why, so it likely takes the process down with it.
                await self._bury(stream, entry, "no answer after five deliveries", event)
                settled.append(entry.entry_id)
            else:
                readable.append((entry, event))
        if readable:
            settled += await self._apply_readable(stream, readable)
        return settled

    async def apply_one(self, raw: bytes) -> None:
        """Apply a single event or raise what went wrong: the replay of a dead letter."""
        event = self._read(raw)
        if event is not None:
            async with self._database.transaction() as tx:
                await self._effect(tx, [event])

    async def _apply_readable(self, stream: str, readable: list[tuple[Entry, Event]]) -> list[str]:
        try:
            await self._together([event for _, event in readable])
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - any fault of one event must not hold its batch
            get_logger().warning("batch_replayed_singly", stream=stream, error=_named(error))
            return await self._singly(stream, readable)
        now, ages = utc_now(), metrics.EVENT_AGE.labels(self._service, stream)
        for _, event in readable:
            ages.observe(max((now - event.time).total_seconds(), 0))
        metrics.CONSUMED.labels(self._service, stream, "applied").inc(len(readable))
        return [entry.entry_id for entry, _ in readable]

    async def _together(self, events: list[Event]) -> None:
        for attempt in range(1, CONFLICT_RETRIES + 1):
            try:
                async with self._database.transaction() as tx:
                    await self._effect(tx, events)
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                if attempt == CONFLICT_RETRIES:
                    raise
                await asyncio.sleep(0.02 * attempt)
            else:
                return

    async def _singly(self, stream: str, readable: list[tuple[Entry, Event]]) -> list[str]:
        settled: list[str] = []
        failed: list[tuple[Entry, Event, str]] = []
        async with self._database.transaction() as tx:
            for entry, event in readable:
                try:
                    async with tx.savepoint():
                        await self._effect(tx, [event])
                except Exception as error:
                    if is_loss(error):
                        raise
                    failed.append((entry, event, _named(error)))
                else:
                    settled.append(entry.entry_id)
        metrics.CONSUMED.labels(self._service, stream, "applied").inc(len(settled))
        for entry, event, reason in failed:
            if entry.deliveries >= MAX_DELIVERIES:
                await self._bury(stream, entry, reason, event)
                settled.append(entry.entry_id)
            else:
                metrics.CONSUMED.labels(self._service, stream, "failed").inc()
        return settled

    async def _effect(self, tx: Tx, events: list[Event]) -> None:
        fresh = await tx.fetch(
            _INBOX_SQL,
            [event.id for event in events],
            [event.source for event in events],
            [event.type for event in events],
            [event.time for event in events],
        )
        unseen = {row["event_id"] for row in fresh}
        hit("consumer.mid_batch")
        for event in events:
            if event.id in unseen:
                # A stream may hold the same event twice in one batch.
                unseen.remove(event.id)
                continue_trace(event.traceparent)
                request_id.set(event.requestid)
                await self._reactions[event.type](event, tx)

    def _read(self, raw: bytes) -> Event | None:
        """The event with its data checked; None when nothing here listens to its type."""
        if len(raw) > MAX_EVENT_BYTES:
            raise Unreadable("larger than 64 KiB")
        if b"\\u0000" in raw or b"\x00" in raw:
            raise Unreadable("holds a NUL character")
        try:
            event = Event.model_validate(orjson.loads(raw))
        except (orjson.JSONDecodeError, RecursionError) as error:
            raise Unreadable("not JSON") from error
        except ValidationError as error:
            raise Unreadable(f"envelope: {_where(error)}") from error
        if event.type not in self._reactions:
            if is_unknown_version(event.type):
                raise Unreadable("unknown major version")
            return None
        try:
            data = BY_TYPE[event.type].model_validate(event.data)
        except ValidationError as error:
            raise Unreadable(f"data: {_where(error)}") from error
        return event.model_copy(update={"data": data})

    async def _bury(
        self, stream: str, entry: Entry, reason: str, event: Event | None = None
    ) -> None:
        async with self._database.transaction() as tx:
            await dead_letters.add(
                tx,
                stream=stream,
                entry_id=entry.entry_id,
                raw=entry.raw,
                error=reason,
                deliveries=entry.deliveries,
                event_id=event.id if event else _id_in(entry.raw),
                event_type=event.type if event else None,
            )
        metrics.CONSUMED.labels(self._service, stream, "dead").inc()
        get_logger().error("dead_letter", stream=stream, entry_id=entry.entry_id, error=reason)


def _id_in(raw: bytes) -> UUID | None:
    """The id of an event that cannot be read otherwise, by which it is known again."""
    try:
        return UUID(orjson.loads(raw)["id"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _where(error: ValidationError) -> str:
    """Which fields are wrong and how, without the values they held."""
    problems: Iterable[str] = (
        f"{'.'.join(str(part) for part in item['loc'])} {item['type']}"
        for item in error.errors(include_input=False, include_url=False)
    )
    return ", ".join(list(problems)[:10])


def _named(error: Exception) -> str:
    """The error's class and SQLSTATE: its message could quote a row."""
    state = getattr(error, "sqlstate", None)
    return f"{type(error).__name__} {state}" if state else type(error).__name__
