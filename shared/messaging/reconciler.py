"""The backstop: compares this service's inbox with each publisher's log, and pulls what is missing.

It asks the publishers over HTTP, so it works with Redis off, after a trim below the group's
position, and after operator errors. The inbox makes pulling too much harmless.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx2
import orjson

from shared import calls
from shared.auth import ServiceToken
from shared.clock import utc_now
from shared.database import CONNECTION_LOST, Database
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.messaging import dead_letters, metrics
from shared.messaging.inbox import Entry, Inbox, Reactions

WINDOW: Final = timedelta(days=3)
PORTION: Final = timedelta(hours=6)
"""Compared at once, so that no statement grows with all that was said in three days."""
PAGE: Final = 500

DIGEST_SQL: Final = """
    select date_trunc('hour', {time}) as hour, count(*) as events,
           bit_xor(hashtextextended({id}::text, 0))::text as digest
    from {table}
    where {time} >= $1 and {time} < $2 and type = any($3::text[]) {extra}
    group by 1 order by 1
"""
INBOX_DIGEST_SQL: Final = DIGEST_SQL.format(
    time="event_time", id="event_id", table="inbox", extra="and source = $4"
)


class Reconciler:
    """Heals gaps between the publishers' logs and one service's inbox."""

    def __init__(
        self,
        service: str,
        *,
        database: Database,
        reactions: Reactions,
        publishers: Mapping[str, str],
        token: ServiceToken,
        every_seconds: float = 300.0,
    ) -> None:
        """`publishers` maps each publisher's name to its base URL."""
        self._service = service
        self._database = database
        self._inbox = Inbox(service, database, reactions)
        self._publishers = publishers
        self._token = token
        self._every = every_seconds
        self._accounted: dict[tuple[str, datetime], tuple[int, str]] = {}
        """Hours whose only missing events are dead letters, by what the publisher said of them."""

    async def run(self) -> None:
        """Reconcile for ever, at the set pace."""
        while True:
            await asyncio.sleep(self._every)
            for name in self._publishers:
                try:
                    await self.reconcile(name)
                except (
                    Unavailable,
                    httpx2.HTTPError,
                    asyncpg.PostgresError,
                    *CONNECTION_LOST,
                ) as error:
                    get_logger().warning(
                        "reconcile_failed", publisher=name, error=type(error).__name__
                    )

    async def reconcile(self, publisher: str) -> int:
        """Compare the last three days and apply what is missing; returns how many were applied.

        Dead letters are left to the person who decides about them.
        """
        now = utc_now()
        since = (now - WINDOW).replace(minute=0, second=0, microsecond=0)
        types = sorted(
            wire_type for wire_type in self._inbox.types if f".{publisher}." in wire_type
        )
        pulled = 0
        async with calls.client(
            base_url=self._publishers[publisher],
            headers=await self._token.header(),
            timeout=30.0,
        ) as client:
            while since < now:
                until = min(since + PORTION, now)
                differing = await self._differing(client, publisher, since, until, types)
                for hour, theirs in differing.items():
                    applied, left = await self._pull(client, publisher, hour, types)
                    pulled += applied
                    if not left:
                        self._accounted[publisher, hour] = theirs
                since = until
        if pulled:
            metrics.RECONCILED.labels(self._service).inc(pulled)
            get_logger().warning("reconciled", publisher=publisher, pulled=pulled)
        return pulled

    async def _differing(
        self,
        client: httpx2.AsyncClient,
        publisher: str,
        since: datetime,
        until: datetime,
        types: list[str],
    ) -> dict[datetime, tuple[int, str]]:
        """What the publisher says of the hours of which its log holds other events than we do."""
        theirs = await self._theirs(client, since, until, types)
        ours = await self._ours(publisher, since, until, types)
        return {
            hour: theirs[hour]
            for hour in sorted(theirs)
            if theirs[hour] not in (ours.get(hour), self._accounted.get((publisher, hour)))
        }

    async def _theirs(
        self, client: httpx2.AsyncClient, since: datetime, until: datetime, types: list[str]
    ) -> dict[datetime, tuple[int, str]]:
        answer = await client.get(
            "/internal/events/digest",
            params={"since": since.isoformat(), "until": until.isoformat(), "type": types},
        )
        answer.raise_for_status()
        return {
            datetime.fromisoformat(row["hour"]): (row["events"], row["digest"])
            for row in answer.json()["items"]
        }

    async def _ours(
        self, publisher: str, since: datetime, until: datetime, types: list[str]
    ) -> dict[datetime, tuple[int, str]]:
        async with self._database.transaction() as tx:
            rows = await tx.fetch(INBOX_DIGEST_SQL, since, until, types, f"/sinergi/{publisher}")
        return {row["hour"]: (row["events"], row["digest"]) for row in rows}

    async def _pull(
        self, client: httpx2.AsyncClient, publisher: str, hour: datetime, types: list[str]
    ) -> tuple[int, int]:
        """How many events of the hour were applied, and how many are still to be."""
        after = applied = left = 0
        while True:
            answer = await client.get(
                "/internal/events",
                params={
                    "after": after,
                    "since": hour.isoformat(),
                    "until": (hour + timedelta(hours=1)).isoformat(),
                    "type": types,
                    "limit": PAGE,
                },
            )
            answer.raise_for_status()
            items: list[dict[str, Any]] = answer.json()["items"]
            if not items:
                return applied, left
            after = items[-1]["seq"]
            found = {UUID(item["event"]["id"]): item for item in items}
            missing = await self._missing(found)
            if missing:
                entries = [
                    Entry(f"log-{found[one]['seq']}", orjson.dumps(found[one]["event"]))
                    for one in found
                    if one in missing
                ]
                await self._inbox.apply(f"log:{publisher}", entries)
                failed = await self._missing(missing)
                left += len(failed)
                applied += len(missing) - len(failed)

    async def _missing(self, ids: Collection[UUID]) -> set[UUID]:
        """Those that are neither in the inbox nor dead letters."""
        async with self._database.transaction() as tx:
            rows = await tx.fetch("select event_id from inbox where event_id = any($1)", list(ids))
            known = {row["event_id"] for row in rows} | await dead_letters.among(tx, ids)
        return set(ids) - known
