"""The append-only log of what a service states; the truth behind the stream."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shared.contracts.envelope import MAX_EVENT_BYTES, Event, EventData
from shared.database import Tx
from shared.errors import RuleViolated
from shared.ids import new_id
from shared.tracing import current_traceparent, request_id

CHANNEL: Final = "event_log"
"""NOTIFY channel prefix; the schema's name follows, so services do not wake one another."""


APPENDED_SIZE: Final = 6
"""How many parameters `append_ctes` has."""


def append_ctes(first: int) -> str:
    """Two CTEs, `appended` and `woken`, for a statement that writes rows and their events at once.

    Their six parameters begin at `$first`; `columns_of` makes the values. PostgreSQL runs
    `appended` in any case and `woken` only if the main query reads it.
    """
    one, two, three, four, five, six = (f"${first + offset}" for offset in range(6))
    return f"""
        appended as (
            insert into event_log (id, type, subject, version, time, data)
            select * from unnest(
                {one}::uuid[], {two}::text[], {three}::uuid[], {four}::int[],
                {five}::timestamptz[], {six}::bytea[])
            returning 1
        ),
        woken as (
            select pg_notify('{CHANNEL}_' || current_schema(), '')
            from (select count(*) from appended) facts
        )
    """  # noqa: S608 - parameter numbers and our own channel name


_APPEND_SQL: Final = f"with {append_ctes(1)} select * from woken"  # noqa: S608 - fixed text


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened to an aggregate: its id, the version it reached, and the data to state."""

    subject: UUID
    version: int
    data: EventData


class EventTooLarge(RuleViolated):
    """The event would not pass every intermediary, so it is refused before it can block others."""

    code = "event-too-large"
    title = "Isian terlalu panjang"
    title_en = "The input is too long for an event"


def columns_of(tx: Tx, facts: Iterable[Fact]) -> tuple[list[Any], ...]:
    """The values of `append_ctes`; raises `EventTooLarge`."""
    rows = [_row(tx, fact) for fact in facts]
    return tuple(list(column) for column in zip(*rows, strict=True)) or ([],) * 6


async def append(tx: Tx, facts: Iterable[Fact]) -> None:
    """State facts in the caller's transaction and wake the relay when it commits."""
    columns = columns_of(tx, facts)
    if columns[0]:
        await tx.fetch(_APPEND_SQL, *columns)


def _row(tx: Tx, fact: Fact) -> tuple[UUID, str, UUID, int, datetime, bytes]:
    event = Event.stating(
        fact.data,
        event_id=new_id(),
        subject=fact.subject,
        version=fact.version,
        time=tx.now,
        traceparent=current_traceparent(),
        requestid=request_id.get(),
    )
    payload = event.to_json()
    if len(payload) > MAX_EVENT_BYTES:
        raise EventTooLarge
    return event.id, event.type, fact.subject, fact.version, event.time, payload
