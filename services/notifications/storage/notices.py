"""Notices with their ledger and stream rows: written together, opened together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from services.notifications.domain.delivery import DeliveryStatus
from services.notifications.domain.tells import Message
from shared.contracts.cases import ReferralState
from shared.database import Tx
from shared.ids import new_id

# One statement per event: at several hundred events a second, round trips are what it costs.
_WRITE_SQL: Final = """
    with new as (
        select * from unnest($5::uuid[], $6::uuid[], $7::text[], $8::text[])
            as new (id, recipient_id, kind, title)
    ), noticed as (
        insert into notices (id, recipient_id, kind, referral_id, case_number, title, at, event_id)
        select id, recipient_id, kind, $2, $3, title, $4, $18 from new
        on conflict (event_id, recipient_id) do nothing
        returning id, recipient_id, kind, title
    ), ledger as (
        insert into deliveries (
            event_id, recipient_id, channel, notice_id, referral_id, kind, status, at,
            sender_id, pillar, area, organisation_id, confidentiality)
        select $1, recipient_id, channel, id, $2, kind, status, now(), $9, $10, $11, $12, $13
        from new, unnest($14::text[], $15::text[]) as via (channel, status)
        on conflict do nothing
    ), streamed as (
        insert into stream_rows (worker_id, kind, data)
        select recipient_id, 'notice', jsonb_build_object(
            'id', id, 'kind', kind, 'referral_id', $2, 'case_number', $3, 'title', title,
            'at', to_char($4 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'read_at', null)
        from noticed
        union all
        select worker_id, 'worklist', $16::jsonb from unnest($17::uuid[]) as watcher (worker_id)
        returning 1
    )
    select pg_notify('stream_notifications', '') from (select count(*) from streamed) written
"""
_WRITE_ALONE_SQL: Final = """
    with noticed as (
        insert into notices (id, recipient_id, kind, title, at, event_id)
        select id, recipient_id, $3, $4, $5, $6
        from unnest($1::uuid[], $2::uuid[]) as new (id, recipient_id)
        where not exists (select from known_workers k
                          where k.worker_id = new.recipient_id and not k.active)
        on conflict (event_id, recipient_id) do nothing
        returning id, recipient_id
    ), streamed as (
        insert into stream_rows (worker_id, kind, data)
        select recipient_id, 'notice', jsonb_build_object(
            'id', id, 'kind', $3::text, 'referral_id', null, 'case_number', null,
            'title', $4::text,
            'at', to_char($5 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'read_at', null)
        from noticed
        returning 1
    )
    select pg_notify('stream_notifications', '') from (select count(*) from streamed) written
"""
_FAIL_SQL: Final = """
    insert into deliveries (
        event_id, recipient_id, channel, notice_id, referral_id, kind, status, at, detail,
        sender_id, pillar, area, organisation_id, confidentiality)
    select $1, recipient_id, channel, notice_id, $2, kind, 'failed', now(), $3, $4, $5, $6, $7, $8
    from unnest($9::uuid[], $10::uuid[], $11::text[]) as unsent (notice_id, recipient_id, kind),
         unnest($12::text[]) as via (channel)
    on conflict do nothing
    returning notice_id, recipient_id
"""
_OPEN_SQL: Final = """
    with opened as (
        update notices set read_at = coalesce(read_at, now())
        where recipient_id = $1 and {which}
        returning id, kind, referral_id, case_number, title, at, read_at, event_id, recipient_id
    ), ledger as (
        update deliveries set status = 'opened', at = now()
        from opened
        where deliveries.event_id = opened.event_id
          and deliveries.recipient_id = opened.recipient_id
          and deliveries.channel = $2 and deliveries.status <> 'opened'
    )
    select id, kind, referral_id, case_number, title, at, read_at from opened
"""
# Of a batch each referral is opened by itself; its one notice is about all of them.
_OPEN_OF_REFERRAL_SQL: Final = """
    with opened as (
        update notices set read_at = now()
        where recipient_id = $1 and read_at is null and referral_id = $3
          and kind <> 'families_new'
        returning id
    ), ledger as (
        update deliveries set status = 'opened', at = now()
        where referral_id = $3 and recipient_id = $1 and channel = $2
          and status not in ('opened', 'failed')
    )
    select id from opened
"""
_OPEN_ONE_SQL: Final = _OPEN_SQL.format(which="id = $3")
_OPEN_ALL_SQL: Final = _OPEN_SQL.format(which="read_at is null")
# The ledger stays as it is: the sender must not read that somebody opened what they never saw.
_SETTLE_SQL: Final = """
    update notices set read_at = now()
    where recipient_id = any($1::uuid[]) and referral_id = $2 and read_at is null
"""
_LIST_SQL: Final = """
    select id, kind, referral_id, case_number, title, at, read_at from notices
    where recipient_id = $1 and {which} and ($2::uuid is null or id < $2)
    order by id desc limit $3
"""
_LIST_ALL_SQL: Final = _LIST_SQL.format(which="true")
_LIST_UNREAD_SQL: Final = _LIST_SQL.format(which="read_at is null")
_COUNT_UNREAD_SQL: Final = """
    select count(*) from notices where recipient_id = $1 and read_at is null
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as its recipient sees it."""

    id: UUID
    kind: str
    referral_id: UUID | None
    case_number: str | None
    title: str
    at: datetime
    read_at: datetime | None


async def write(
    tx: Tx,
    state: ReferralState,
    *,
    event_id: UUID,
    told_with: UUID,
    at: datetime,
    ids: Sequence[UUID],
    messages: Sequence[Message],
    via: Mapping[str, DeliveryStatus],
    watchers: Sequence[UUID],
    worklist_item: Mapping[str, Any],
) -> None:
    """Store the notices of an event, each with one ledger row a channel, and wake the streams.

    `via` gives each channel's first status, `told_with` the event or batch that the notices are
    about, of which everybody gets one. A notice that is already there stays as it is. The
    transaction must have passed `referral_view.advance`, which puts stream rows in order.
    """
    await tx.fetch(
        _WRITE_SQL,
        event_id,
        state.referral_id,
        state.case_number,
        at,
        ids,
        [message.recipient_id for message in messages],
        [message.kind for message in messages],
        [message.title for message in messages],
        state.sender_id,
        state.pillar,
        state.area,
        state.organisation_id,
        state.confidentiality,
        list(via),
        list(via.values()),
        orjson.dumps(worklist_item).decode(),
        watchers,
        told_with,
    )


async def write_alone(
    tx: Tx,
    *,
    event_id: UUID,
    at: datetime,
    recipients: Mapping[UUID, UUID],
    kind: str,
    title: str,
) -> None:
    """Store notices that are about no referral, by recipient and id, and wake the streams.

    Those who left get none; one that is already there stays as it is. The transaction must have
    passed `stream_rows.take_turn`.
    """
    await tx.fetch(
        _WRITE_ALONE_SQL,
        list(recipients.values()),
        list(recipients),
        kind,
        title,
        at,
        event_id,
    )


async def write_failed(
    tx: Tx,
    state: ReferralState,
    *,
    event_id: UUID,
    messages: Sequence[Message],
    channels: Sequence[str],
    reason: str,
) -> list[tuple[UUID, UUID]]:
    """Put notices that nobody can receive into the ledger alone; returns notice and recipient."""
    rows = await tx.fetch(
        _FAIL_SQL,
        event_id,
        state.referral_id,
        reason,
        state.sender_id,
        state.pillar,
        state.area,
        state.organisation_id,
        state.confidentiality,
        [new_id() for _ in messages],
        [message.recipient_id for message in messages],
        [message.kind for message in messages],
        channels,
    )
    return list(dict.fromkeys((row["notice_id"], row["recipient_id"]) for row in rows))


async def open_one(tx: Tx, *, recipient_id: UUID, channel: str, notice_id: UUID) -> Notice | None:
    """Mark a recipient's notice read and its delivery opened; None when there is none."""
    rows = await tx.fetch(_OPEN_ONE_SQL, recipient_id, channel, notice_id)
    return _notice(rows[0]) if rows else None


async def open_all(tx: Tx, *, recipient_id: UUID, channel: str) -> int:
    """Mark all of a recipient's notices read and opened; returns how many were not."""
    return len(await tx.fetch(_OPEN_ALL_SQL, recipient_id, channel))


async def open_of_referral(tx: Tx, *, recipient_id: UUID, channel: str, referral_id: UUID) -> int:
    """Mark what a recipient was told about one referral read; returns how many were not."""
    return len(await tx.fetch(_OPEN_OF_REFERRAL_SQL, recipient_id, channel, referral_id))


async def settle(tx: Tx, *, recipient_ids: Sequence[UUID], referral_id: UUID) -> None:
    """Close what these people were told about a referral that is no longer theirs."""
    await tx.fetch(_SETTLE_SQL, recipient_ids, referral_id)


async def list_of(
    tx: Tx, *, recipient_id: UUID, unread_only: bool, before: UUID | None, limit: int
) -> list[Notice]:
    """A recipient's notices as they arrived, newest first."""
    sql = _LIST_UNREAD_SQL if unread_only else _LIST_ALL_SQL
    return [_notice(row) for row in await tx.fetch(sql, recipient_id, before, limit)]


async def count_unread(tx: Tx, *, recipient_id: UUID) -> int:
    """How many notices a recipient has not read."""
    count: int = await tx.fetchval(_COUNT_UNREAD_SQL, recipient_id)
    return count


def _notice(row: Any) -> Notice:
    return Notice(**dict(row))
