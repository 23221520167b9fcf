"""A disaster: thousands of families taken in by batch while everybody else goes on working."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, Final

import aiohttp

from bench.load import Measured
from bench.people import Someone, population
from bench.world import VILLAGE, World, count
from services.cases.storage import known
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.contracts.directory import DutyState, WorkerJoined
from shared.database import Database
from tests.fixtures.processes import ServiceProcess

FAMILIES: Final = 5_000
BATCH: Final = 100
TEAMS: Final = 3
REGENCY: Final = "35.08"
WORKLISTS_PER_SECOND: Final = 10.0
POSTS_PER_SECOND: Final = 5.0
RECORDS_PER_SECOND: Final = 5.0
AGAIN_AFTER_SECONDS: Final = 1.0
TIMES: Final = 5
"""How often a batch is sent before a family counts as refused, as a phone would."""
HEADS: Final = {"male": 2, "female": 2, "children": 2, "elders": 0, "disabled": 0}


@dataclass(slots=True)
class Taken:
    """What taking in the families cost, and what the others felt meanwhile."""

    seconds: float = 0.0
    settled_seconds: float = 0.0
    """From the first batch until each referral had reached its people."""
    batches: Measured = field(default_factory=lambda: Measured(1.0))
    worklists: Measured = field(default_factory=lambda: Measured(1.0))
    posts: Measured = field(default_factory=lambda: Measured(1.0))
    records: Measured = field(default_factory=lambda: Measured(1.0))
    registered: list[str] = field(default_factory=list)
    sent_again: int = 0
    """Families whose first answer was to try again."""
    referrals: int = 0
    notices: int = 0


def families(world: World) -> Taken:
    """Register and take in all families over HTTP, beside worklists and single referrals."""
    registry = ServiceProcess(
        "services.registry",
        {**world.stack.environment, "LOG_LEVEL": "INFO"},
        world.stack.folder / "registry.log",
        world.stack.url_of("registry"),
    )
    registry.start()
    try:
        return asyncio.run(_families(world, registry))
    finally:
        registry.kill()


async def _families(world: World, registry: ServiceProcess) -> Taken:
    await registry.wait_ready()
    teams = [_worker("TAGANA", REGENCY) for _ in range(TEAMS)]
    others = [_worker("KARANG_TARUNA", VILLAGE), _worker("PENSOSMAS", VILLAGE)]
    await _employ(world, *teams, *others)
    taken = Taken()
    sent, told = await _counts(world)
    async with aiohttp.ClientSession() as client:
        disaster, sites = await _declared(client, world)
        over = asyncio.Event()
        beside = [
            asyncio.create_task(_worklists(client, world, taken.worklists, over)),
            asyncio.create_task(_posts(client, world, taken.posts, over)),
            asyncio.create_task(_records(client, world, taken, over)),
        ]
        heads = population(FAMILIES, [VILLAGE])
        started = time.perf_counter()
        await asyncio.gather(
            *(
                _team(client, world, team, f"/disasters/{disaster}/intakes", site, heads, taken)
                for team, site in zip(teams, sites, strict=True)
            )
        )
        taken.seconds = time.perf_counter() - started
        over.set()
        await asyncio.gather(*beside)
        await _settled(world)
        taken.settled_seconds = time.perf_counter() - started
    sent_now, told_now = await _counts(world)
    taken.referrals, taken.notices = sent_now - sent, told_now - told
    return taken


async def _team(
    client: aiohttp.ClientSession,
    world: World,
    team: Actor,
    intakes: str,
    site: str,
    heads: Iterator[Someone],
    taken: Taken,
) -> None:
    """One post at a site: registers a hundred families, then takes them in, and so on."""
    headers = {"Authorization": f"Bearer {world.stack.token(team, minutes=60)}"}
    registry, cases = world.stack.url_of("registry"), world.stack.url_of("cases")
    while people := [_family(head) for head in islice(heads, BATCH)]:
        started = time.perf_counter()
        made = await _call(
            client, "POST", f"{registry}/beneficiaries/batch", headers, {"items": people}
        )
        taken.registered += [record["id"] for record in made["items"]]
        items = [
            {
                "key": family["key"],
                "site_id": site,
                "beneficiary_id": record["id"],
                "area": VILLAGE,
                "need": "Tenda, makanan, dan air bersih.",
                "head_count": HEADS,
            }
            for family, record in zip(people, made["items"], strict=True)
        ]
        for _ in range(TIMES):
            done = await _call(client, "POST", cases + intakes, headers, {"items": items})
            later = {item["key"] for item in done["items"] if item["status"] == "try-again"}
            refused = [
                one for one in done["items"] if one["status"] not in ("created", "try-again")
            ]
            if refused:
                raise RuntimeError(f"{len(refused)} families were refused, first {refused[0]}")
            if not later:
                break
            items = [item for item in items if item["key"] in later]
            taken.sent_again += len(items)
            await asyncio.sleep(AGAIN_AFTER_SECONDS)
        else:
            raise RuntimeError(f"{len(items)} families were put off {TIMES} times")
        taken.batches.latencies.append(time.perf_counter() - started)


async def _worklists(
    client: aiohttp.ClientSession, world: World, measured: Measured, over: asyncio.Event
) -> None:
    url = world.stack.url_of("cases") + "/worklist"
    headers = {"Authorization": f"Bearer {world.stack.token(world.tksk, minutes=60)}"}

    async def look() -> None:
        started = time.perf_counter()
        await _call(client, "GET", url, headers)
        measured.latencies.append(time.perf_counter() - started)

    await _steadily(look, WORKLISTS_PER_SECOND, over)


async def _posts(
    client: aiohttp.ClientSession, world: World, measured: Measured, over: asyncio.Event
) -> None:
    url = world.stack.url_of("cases") + "/referrals"

    async def post() -> None:
        headers, body = world.request(len(measured.latencies))
        started = time.perf_counter()
        await _call(client, "POST", url, headers, body)
        measured.latencies.append(time.perf_counter() - started)

    await _steadily(post, POSTS_PER_SECOND, over)


async def _records(
    client: aiohttp.ClientSession, world: World, taken: Taken, over: asyncio.Event
) -> None:
    """The people just registered are looked at, one after the other."""
    url = world.stack.url_of("registry") + "/beneficiaries/"
    headers = {"Authorization": f"Bearer {world.stack.token(world.tksk, minutes=60)}"}

    async def read() -> None:
        if not taken.registered:
            return
        one = taken.registered[len(taken.records.latencies) % len(taken.registered)]
        started = time.perf_counter()
        await _call(client, "GET", url + one, headers)
        taken.records.latencies.append(time.perf_counter() - started)

    await _steadily(read, RECORDS_PER_SECOND, over)


async def _steadily(act: Any, per_second: float, over: asyncio.Event) -> None:
    """Act at a fixed rate, whether or not earlier acts have ended, until it is over."""
    started, number = time.perf_counter(), 0
    acts = []
    while not over.is_set():
        acts.append(asyncio.create_task(act()))
        number += 1
        await asyncio.sleep(max(0.0, started + number / per_second - time.perf_counter()))
    await asyncio.gather(*acts)


async def _declared(client: aiohttp.ClientSession, world: World) -> tuple[str, list[str]]:
    dinsos = _worker("DINSOS", REGENCY, Role.DINSOS)
    headers = {"Authorization": f"Bearer {world.stack.token(dinsos, minutes=60)}"}
    url = world.stack.url_of("cases") + "/disasters"
    body = {"name": "Erupsi", "situation": "NATURAL_DISASTER", "area": REGENCY}
    disaster = (await _call(client, "POST", url, headers, body))["id"]
    sites = []
    for number in range(TEAMS):
        site = {"name": f"Posko {number + 1}", "area": VILLAGE, "kind": "shelter"}
        sites.append((await _call(client, "POST", f"{url}/{disaster}/sites", headers, site))["id"])
    return disaster, sites


async def _call(
    client: aiohttp.ClientSession,
    method: str,
    url: str,
    headers: dict[str, str],
    body: dict[str, Any] | None = None,
) -> Any:
    async with client.request(method, url, headers=headers, json=body) as answer:
        if not answer.ok:
            raise RuntimeError(f"{url} answered {answer.status}: {await answer.text()}")
        return await answer.json()


def _family(head: Someone) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "kind": "family",
        "name": f"Keluarga {head.name}",
        "area": VILLAGE,
        "categories": ["KBA"],
        "legal_basis": "vital_interest",
        # Who stands at the post is there, whoever has a name like theirs.
        "accept_lookalikes": True,
    }


def _worker(pillar: str, area: str, role: Role = Role.WORKER) -> Actor:
    return Actor(uuid.uuid4(), "worker", (Duty(pillar, area, role),))


async def _employ(world: World, *actors: Actor) -> None:
    database = Database(world.stack.environment["CASES_WORKER_DATABASE_URL"], pool_size=1)
    async with database.transaction() as tx:
        for actor in actors:
            (duty,) = actor.duties
            held = DutyState(
                duty_id=uuid.uuid4(),
                pillar=duty.pillar,
                area=duty.area,
                role=duty.role,
                starts_on=date(2020, 1, 1),
            )
            state = WorkerJoined(worker_id=actor.id, active=True, duties=[held])
            await known.remember_worker(tx, state, 1)
    await database.close()


async def _counts(world: World) -> tuple[int, int]:
    return (
        await count(world, "select count(*) from cases.referrals"),
        await count(world, "select count(*) from notifications.notices"),
    )


async def _settled(world: World) -> None:
    """Return once notifications knows every referral."""
    missing = """
        select count(*) from cases.referrals r where not exists (
            select from notifications.referral_view v where v.referral_id = r.id)
    """
    deadline = time.perf_counter() + 300
    while await count(world, missing):
        if time.perf_counter() > deadline:
            raise RuntimeError("some referrals never reached their people")
        await asyncio.sleep(0.1)
