"""The backstop: compares this service's inbox with each publisher's log, and pulls what is missing.

It asks the publishers over HTTP, so it works with Redis off, after a trim below the group's
position, and after operator errors. The inbox makes pulling too much harmless.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx2
import orjson

from shared import calls
from shared.auth import ServiceToken
from shared.clock import utc_now
from shared.database import Database
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.messaging import metrics
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

    async def run(self) -> None:
        """Reconcile for ever, at the set pace."""
        while True:
            await asyncio.sleep(self._every)
            for name in self._publishers:
                try:
                    await self.reconcile(name)
                except (Unavailable, httpx2.HTTPError) as error:
                    get_logger().warning(
                        "reconcile_failed", publisher=name, error=type(error).__name__
                    )

    async def reconcile(self, publisher: str) -> int:
        """Compare the last three days and apply what is missing; returns how many were pulled."""
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
                for hour in await self._differing(client, publisher, since, until, types):
                    pulled += await self._pull(client, publisher, hour, types)
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
    ) -> list[datetime]:
        """The hours of which the publisher's log holds other events than the inbox."""
        theirs = await self._theirs(client, since, until, types)
        ours = await self._ours(publisher, since, until, types)
        return sorted(hour for hour in theirs if theirs[hour] != ours.get(hour))

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
    ) -> int:
        after = 0
        pulled = 0
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
                return pulled
            entries = [Entry(f"log-{item['seq']}", orjson.dumps(item["event"])) for item in items]
            pulled += await self._missing(entries)
            await self._inbox.apply(f"log:{publisher}", entries)
            after = items[-1]["seq"]

    async def _missing(self, entries: list[Entry]) -> int:
        ids = [orjson.loads(entry.raw)["id"] for entry in entries]
        async with self._database.transaction() as tx:
            known: int = await tx.fetchval(
                "select count(*) from inbox where event_id = any($1::uuid[])", ids
            )
        return len(ids) - known
