"""The log over HTTP, for the reconcilers of other services."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Query

from shared.auth import Actor
from shared.http import Session, requires
from shared.messaging.reconciler import DIGEST_SQL
from shared.policy import Action

_LOG_DIGEST_SQL: Final = DIGEST_SQL.format(time="time", id="id", table="event_log", extra="")
_PAGE_SQL: Final = """
    select seq, data from event_log
    where seq > $1
      and ($2::timestamptz is null or time >= $2) and ($3::timestamptz is null or time < $3)
      and ($4::text[] is null or type = any($4))
      and ($5::uuid is null or subject = $5)
    order by seq limit $6
"""

router = APIRouter(prefix="/internal", tags=["internal"])

Types = Annotated[list[str] | None, Query(alias="type", max_length=100)]


@router.get("/events/digest")
async def digest(
    tx: Session,
    since: datetime,
    until: datetime,
    types: Types = None,
    _actor: Actor = requires(Action.EVENTS_READ),
) -> dict[str, Any]:
    """Per hour, how many events of these types the log holds, and a digest of their ids."""
    rows = await tx.fetch(_LOG_DIGEST_SQL, since, until, types or [])
    return {"items": [{**dict(row), "hour": row["hour"].isoformat()} for row in rows]}


@router.get("/events")
async def page(
    tx: Session,
    after: Annotated[int, Query(ge=0)] = 0,
    since: datetime | None = None,
    until: datetime | None = None,
    types: Types = None,
    subject: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    _actor: Actor = requires(Action.EVENTS_READ),
) -> dict[str, Any]:
    """Events of the log in the order of their numbers."""
    rows = await tx.fetch(_PAGE_SQL, after, since, until, types, subject, limit)
    items = [{"seq": row["seq"], "event": orjson.loads(row["data"])} for row in rows]
    return {"items": items, "next": items[-1]["seq"] if len(items) == limit else None}
