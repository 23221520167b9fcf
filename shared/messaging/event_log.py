"""The append-only log of what a service states; the truth behind the stream."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shared.contracts.envelope import MAX_EVENT_BYTES, Event, EventData
from shared.database import Tx
from shared.errors import RuleViolated
from shared.ids import new_id
from shared.tracing import current_traceparent

CHANNEL: Final = "event_log"
"""NOTIFY channel prefix; the schema's name follows, so services do not wake one another."""

APPEND_SQL: Final = """
    with appended as (
        insert into event_log (id, type, subject, version, time, data)
        select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::int[],
                             array_fill($5::timestamptz, array[cardinality($1::uuid[])]),
                             $6::bytea[])
        returning 1
    )
    select pg_notify('event_log_' || current_schema(), '') from (select count(*) from appended) n
"""


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


async def append(tx: Tx, facts: Iterable[Fact]) -> None:
    """State facts in the caller's transaction and wake the relay when it commits."""
    ids, types, subjects, versions, payloads = [], [], [], [], []
    for fact in facts:
        event = Event.stating(
            fact.data,
            event_id=new_id(),
            subject=fact.subject,
            version=fact.version,
            time=tx.now,
            traceparent=current_traceparent(),
        )
        payload = event.model_dump_json(exclude_none=True).encode()
        if len(payload) > MAX_EVENT_BYTES:
            raise EventTooLarge
        ids.append(event.id)
        types.append(event.type)
        subjects.append(fact.subject)
        versions.append(fact.version)
        payloads.append(payload)
    if ids:
        await tx.fetch(APPEND_SQL, ids, types, subjects, versions, tx.now, payloads)
