"""What the clock of cases did with the deadlines that were brought close."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg
import httpx2

from shared.auth import Actor
from tests.chaos.people import People
from tests.fixtures.stack import Stack

PROMISED_SECONDS: Final = 30.0
"""In the target's hands, and any due alarm rung, this long after any crash."""
_EVENTS: Final = {
    "remind": "id.sinergi.cases.referral.reminded.v1",
    "escalate": "id.sinergi.cases.referral.escalated.v1",
    "resume": "id.sinergi.cases.referral.resumed.v1",
    "reroute": "id.sinergi.cases.referral.rerouted.v1",
}
_RUNG: Final = """
    select s.referral_id, s.version, s.verb, s.reason, s.at,
        array(select type from cases.event_log
              where subject = s.referral_id and version = s.version) as events,
        array(select n.recipient_id from cases.event_log log
              join notifications.notices n on n.event_id = log.id
              where log.subject = s.referral_id and log.version = s.version
              order by 1) as noticed
    from cases.referral_steps s
    where s.actor_id is null and s.verb in ('remind', 'escalate', 'resume', 'reroute')
"""
_ACTED: Final = """
    select s.referral_id, min(s.version) as version,
        extract(epoch from min(s.at - a.at))::float8 as after
    from clocks.alarms a join cases.referral_steps s using (referral_id)
    where a.raced and s.verb in ('accept', 'start')
      and (s.verb = 'accept') = (a.deadline = 'reply')
    group by 1
"""
_SUCCESSORS: Final = """
    select o.id, o.status, array_agg(n.id) as new, min(n.status) as new_status,
        array(select unnest(min(n.pool)) order by 1) as pool,
        array(select subject_id from cases.referral_steps
              where referral_id = o.id and verb = 'reroute') as named
    from cases.referrals o left join cases.referrals n on n.rerouted_from = o.id
    where o.status = 'rerouted' or n.id is not null group by o.id
"""


@dataclass
class Rung:
    """What does not hold, and how late the alarms were, shortest first."""

    missing: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    verbs: Counter[str] = field(default_factory=Counter)
    answered_first: int = 0

    @property
    def faults(self) -> list[str]:
        return [*self.missing, *self.repeated, *self.others]

    def __str__(self) -> str:
        if not self.late:
            return "none rung"
        late = f"p50 {self.late[len(self.late) // 2]:.2f} s, max {self.late[-1]:.1f} s late"
        return f"rung {dict(self.verbs)}, {late}, {self.answered_first} answered just before"


async def rung(owner: asyncpg.Connection, people: People) -> Rung:
    """Hold every alarm that had to ring against the steps, events and notices it left."""
    found = Rung()
    steps = defaultdict(list)
    for row in await owner.fetch(_RUNG):
        steps[row["referral_id"], row["verb"]].append(row)
    acted = {row["referral_id"]: row for row in await owner.fetch(_ACTED)}
    for due in await owner.fetch(
        "select * from clocks.alarms join clocks.rings using (referral_id)"
    ):
        rings = steps.pop((due["referral_id"], due["verb"]), [])
        _judge(found, due, rings, acted.get(due["referral_id"]))
    found.others += [f"{verb} of {one} though nothing was due" for one, verb in steps]
    found.late.sort()
    for row in await owner.fetch(_SUCCESSORS):
        officers = sorted(one.id for one in people.officers)
        if len(row["new"]) > 1:
            found.repeated.append(f"{row['id']} was rerouted to {row['new']}")
        elif row["new"] == [None]:
            found.missing.append(f"{row['id']} was rerouted to nobody")
        elif (
            (row["status"], row["new_status"]) != ("rerouted", "sent")
            or row["pool"] != officers
            or row["named"] != row["new"]
        ):
            found.others.append(f"rerouted {dict(row)}")
    return found


def _judge(
    found: Rung,
    alarm: asyncpg.Record,
    rings: Sequence[asyncpg.Record],
    act: asyncpg.Record | None,
) -> None:
    name = f"{alarm['verb']} of {alarm['referral_id']} for {alarm['deadline']}"
    if not rings:
        if act is not None and act["after"] < PROMISED_SECONDS:
            found.answered_first += 1
        else:
            found.missing.append(f"{name}, due {alarm['at']}, never rang")
        return
    if len(rings) > 1:
        found.repeated.append(f"{name} rang {len(rings)} times")
    ring = rings[0]
    late = (ring["at"] - alarm["at"]).total_seconds()
    found.late.append(late)
    found.verbs[ring["verb"]] += 1
    spoken = alarm["deadline"] if alarm["verb"] in {"remind", "escalate"} else None
    if ring["reason"] != spoken or late < 0:
        found.others.append(f"{name} rang as {dict(ring)}")
    if act is not None and ring["version"] > act["version"]:
        found.others.append(f"{name} rang after it was answered")
    if ring["events"] != [_EVENTS[alarm["verb"]]]:
        found.others.append(f"{name} was told as {ring['events']}")
    due, given = Counter(alarm["told"]), Counter(ring["noticed"])
    found.missing += [f"{name} was not told to {one}" for one in due - given]
    found.repeated += [f"{name} was told too often to {one}" for one in given - due]


async def unlisted(owner: asyncpg.Connection, stack: Stack, people: People) -> list[str]:
    """Waiting referrals that are not exactly once in the worklist of each member of their pool."""
    waiting = await owner.fetch("select id, pool from cases.referrals where status = 'sent'")
    found = []
    for worker in (*people.receivers, *people.officers):
        listed = Counter(await _worklist(stack, worker))
        mine = [str(row["id"]) for row in waiting if worker.id in row["pool"]]
        found += [f"{one} is not in the worklist of {worker.id}" for one in mine if not listed[one]]
        found += [
            f"{one} is {n} times in that of {worker.id}" for one, n in listed.items() if n > 1
        ]
    return found


async def _worklist(stack: Stack, worker: Actor) -> list[str]:
    headers = {"Authorization": f"Bearer {stack.token(worker)}"}
    ids: list[str] = []
    async with httpx2.AsyncClient(
        base_url=stack.url_of("cases"), headers=headers, trust_env=False, timeout=10
    ) as client:
        query = {"limit": "100"}
        while True:
            page = (await client.get("/worklist", params=query)).raise_for_status().json()
            ids += [item["referral_id"] for item in page["items"]]
            if page["next"] is None:
                return ids
            query["cursor"] = page["next"]
