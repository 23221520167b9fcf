"""Worklists, open lists and boards by HTTP as the scoped user, each beside bare asyncpg."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from bench.load import Measured, closed_loop
from bench.province import PROVINCE, Province
from bench.report import Line
from bench.world import World
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.reference.pillars import PILLARS

SIZES: Final = (100_000, 1_000_000)
CONCURRENCY: Final = 4
REQUESTS: Final = 800
NEAR_FLAT: Final = 2.0
_CONTEXT: Final = """
    select set_config('app.actor', $1, true), set_config('app.area_from', $2, true),
           set_config('app.area_to', $3, true)
"""
_OPEN: Final = "status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned')"
_POOL: Final = "status = 'sent' and worker_id is null and service_id is null"
_IN_POOL: Final = f"""
    select * from referrals where {_POOL} and pillar = 'TKSK' and district = $1
    order by due_key, id limit 50
"""  # noqa: S608 - our own words
_IN_POOLS: Final = f"""
    select w.* from unnest(array[false, true]) as side (calm) cross join lateral (
        select * from referrals r where {_POOL} and pillar = 'TAGANA' and regency = $1
        and r.calm = side.calm order by due_key, id limit 50
    ) w order by due_key, id limit 50
"""  # noqa: S608 - our own words
_WATCHED: Final = f"""
    select w.* from unnest(array[{", ".join(f"'{one}'" for one in PILLARS)}]) as p (pillar),
    lateral (
        select * from referrals r where {_OPEN} and regency = $1 and r.pillar = p.pillar
        order by calm, due_key, id limit 50
    ) w order by calm, due_key, id limit 50
"""  # noqa: S608 - our own words
_COUNTS: Final = f"""
    select status, count(*), count(*) filter (where due_key < now()),
           count(*) filter (where not calm), min(sent_at)
    from referrals where regency {{which}} and {_OPEN} group by status
"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a screen: who asks what, and the bare statement that answers it."""

    name: str
    path: str
    askers: Callable[[Province], list[Actor]]
    floor: str
    values: Callable[[Actor], list[object]]
    goal: float | None = None
    times_floor: float | None = None
    """The goal as a share of the floor it was set beside."""
    other: float | None = None
    requests: int = REQUESTS
    flat: float | None = NEAR_FLAT
    """How much longer it may take with ten times as many open; None for what counts every row."""


def _of(pillar: str, role: Role, areas: Callable[[Province], list[str]]) -> Callable[
    [Province], list[Actor]
]:  # fmt: skip
    def made(province: Province) -> list[Actor]:
        return [
            Actor(province.worker(pillar, area), "worker", (Duty(pillar, area, role),))
            for area in areas(province)
        ]

    return made


def _area(actor: Actor) -> str:
    return actor.duties[0].area


QUESTIONS: Final = (
    Question(
        "Worklist of a kecamatan",
        "/worklist",
        _of("TKSK", Role.WORKER, lambda one: one.districts[::7]),
        _IN_POOL,
        lambda actor: [_area(actor)],
        goal=10,
        times_floor=10 / 4.7,
        other=10,
    ),
    Question(
        "Worklist of a kabupaten",
        "/worklist",
        _of("TAGANA", Role.WORKER, lambda one: one.regencies),
        _IN_POOLS,
        lambda actor: [_area(actor)],
        goal=25,
        other=24,
    ),
    Question(
        "Open list of a kabupaten, all pillars",
        "/referrals/open",
        _of("DINSOS", Role.DINSOS, lambda one: one.regencies),
        _WATCHED,
        lambda actor: [_area(actor)],
        goal=25,
        other=24,
    ),
    Question(
        "Board of a kabupaten",
        "/board",
        _of("DINSOS", Role.DINSOS, lambda one: one.regencies),
        _COUNTS.format(which="= $1"),
        lambda actor: [_area(actor)],
        goal=50,
    ),
    Question(
        "Board of a kabupaten by age",
        "/board?by=age",
        _of("DINSOS", Role.DINSOS, lambda one: one.regencies),
        _COUNTS.format(which="= $1"),
        lambda actor: [_area(actor)],
        goal=50,
    ),
    Question(
        "Board of the province",
        "/board",
        _of("DINSOS", Role.DINSOS, lambda _: [PROVINCE]),
        _COUNTS.format(which=">= $1"),
        lambda actor: [_area(actor)],
        requests=24,
        flat=None,
    ),
)


def lines(world: World) -> list[Line]:
    """The 95th percentile of each question at each size."""
    return asyncio.run(_lines(world))


async def _lines(world: World) -> list[Line]:
    province = Province()
    found = []
    times: dict[str, list[float]] = {}
    for size in SIZES:
        owner = await asyncpg.connect(world.stack.owner_url)
        await province.fill(owner, size)
        await owner.close()
        for question in QUESTIONS:
            askers = question.askers(province)
            ours = await _ours(world, question, askers)
            floor = await _floor(world, question, askers)
            if ours.failures:
                raise RuntimeError(f"{question.name}: {ours.failures} were refused")
            times.setdefault(question.name, []).append(ours.percentile(0.95))
            found.append(
                Line(
                    f"{question.name}, {size // 1000:,} k open, p95",
                    "ms",
                    ours.percentile(0.95),
                    floor.percentile(0.95),
                    goal=question.goal,
                    ratio_goal=question.times_floor if size == SIZES[-1] else None,
                    other=question.other if size == SIZES[-1] else None,
                    less_is_better=True,
                )
            )
    return [*found, *(_growth(question, *times[question.name]) for question in QUESTIONS)]


def _growth(question: Question, few: float, many: float) -> Line:
    """How much longer the same question takes with ten times as many open."""
    name = f"{question.name}, 1,000 k over 100 k open"
    return Line(name, "times", many / few, goal=question.flat, less_is_better=True)


async def _ours(world: World, question: Question, askers: list[Actor]) -> Measured:
    tokens = [world.stack.token(one, minutes=600) for one in askers]

    def request(number: int) -> tuple[dict[str, str], None]:
        return {"Authorization": f"Bearer {tokens[number % len(tokens)]}"}, None

    url = world.stack.url_of("cases") + question.path
    for count in (max(question.requests // 4, CONCURRENCY), question.requests):
        measured = await closed_loop(
            url, request, count=count, concurrency=CONCURRENCY, expect=200, method="GET"
        )
    return measured


async def _floor(world: World, question: Question, askers: list[Actor]) -> Measured:
    """The statement alone, under the same login and the same wall."""
    measured = Measured(0.0)
    numbers = iter(range(question.requests))
    pool = await asyncpg.create_pool(
        world.stack.environment["CASES_DATABASE_URL"],
        min_size=CONCURRENCY,
        max_size=CONCURRENCY,
        server_settings={"jit": "off"},
    )

    async def caller() -> None:
        for number in numbers:
            actor = askers[number % len(askers)]
            started = time.perf_counter()
            await _asked(pool, question, actor)
            measured.latencies.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CONCURRENCY)))
    measured.seconds = time.perf_counter() - started
    await pool.close()
    return measured


async def _asked(pool: asyncpg.Pool, question: Question, actor: Actor) -> None:
    scope = actor.row_scope()
    who: UUID | str = scope.actor or ""
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(_CONTEXT, str(who), scope.area_from, scope.area_to)
        await connection.fetch(question.floor, *question.values(actor))
