"""Search of a province's registry by HTTP as the scoped worker, beside the bare statement."""

import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import asyncpg

from bench.load import Measured, closed_loop
from bench.registered import Registered, is_special
from bench.report import Line
from bench.world import World
from services.registry.domain.sounds import sounds_of
from services.registry.storage.niks import SEARCHES_PER_WINDOW
from shared.auth import Actor, Duty
from shared.contracts.codes import Role

CONCURRENCY: Final = 4
REQUESTS: Final = 400
NIKS: Final = 2_000
"""So many that a hiccup of the machine is not taken for the slowest of a hundred."""
WORKERS: Final = 3 * NIKS // SEARCHES_PER_WINDOW
"""Ask for NIKs, so that none asks for more than a worker may in a minute."""
_BY_NIK: Final = """
    select b.id, b.name, b.area from nik_index n join beneficiaries b on b.id = n.beneficiary_id
    where n.blind_index = $1
"""
_BY_NAME: Final = """
    select b.id, b.name, b.area from marks m join beneficiaries b on b.id = m.beneficiary_id
    where m.regency = left($1, 5) and m.area >= $1 and m.area < $1 || '/' and m.sound %> $2
    order by word_similarity($2, m.sound) desc limit 50
"""
Ask = tuple[str, dict[str, str], Any]
"""The path of a question, its headers and its body."""


@dataclass(frozen=True, slots=True)
class Question:
    """One way to search: what is asked by HTTP, and the bare statement with its values."""

    name: str
    method: str
    share: float
    goal: float
    ask: Callable[[int], Ask]
    floor: str
    values: Callable[[int], Sequence[object]]
    requests: int = REQUESTS


async def lines(
    world: World, owner: asyncpg.Connection, registered: Registered, of: str
) -> list[Line]:
    """The latency of each way to search among those registered."""
    await owner.execute("set pg_trgm.word_similarity_threshold = 0.55")
    found = []
    for question in _questions(world, registered):
        ours, floor = await _ours(world, question), await _floor(owner, question)
        if ours.failures:
            raise RuntimeError(f"{question.name}: {ours.failures} were refused")
        share = f"p{question.share * 100:.0f}"
        found.append(
            Line(f"{question.name}, {share}, {of}", "ms", ours.percentile(question.share),
                 floor.percentile(question.share), goal=question.goal, less_is_better=True)
        )  # fmt: skip
    return found


def _questions(world: World, registered: Registered) -> list[Question]:
    luck = random.Random(7)
    people = registered.people
    wanted = [luck.randrange(len(people)) for _ in range(2 * NIKS)]
    with_nik = [one for one in wanted if people[one].has_nik and not is_special(one)]
    tokens: dict[tuple[str, int], dict[str, str]] = {}

    def headers(area: str, turn: int = 0) -> dict[str, str]:
        if (area, turn) not in tokens:
            actor = Actor(uuid.uuid4(), "worker", (Duty("TKSK", area, Role.WORKER),))
            token = world.stack.token(actor, minutes=600)
            tokens[area, turn] = {"Authorization": f"Bearer {token}"}
        return tokens[area, turn]

    def by_nik(number: int) -> Ask:
        person = with_nik[number % len(with_nik)]
        # One after the other, as people ask: the searches of one worker wait for each other.
        turn = number % WORKERS
        body = {"nik": registered.nik_of(person)}
        return "/beneficiaries/search-nik", headers("35", turn), body

    def by_name(length: int) -> Callable[[int], Ask]:
        def ask(number: int) -> Ask:
            person = people[wanted[number]]
            return (
                f"/beneficiaries?{urlencode({'name': person.name})}",
                headers(person.area[:length]),
                None,
            )

        return ask

    def named(length: int) -> Callable[[int], Sequence[object]]:
        return lambda number: (
            people[wanted[number]].area[:length],
            max(sounds_of(people[wanted[number]].name), key=len),
        )

    def indexed(number: int) -> Sequence[object]:
        nik = registered.nik_of(with_nik[number % len(with_nik)])
        assert nik is not None
        return (registered.vault.index(nik),)

    return [
        Question("NIK look-up", "POST", 0.99, 10, by_nik, _BY_NIK, indexed, NIKS),
        Question("Name in a kecamatan", "GET", 0.95, 150, by_name(8), _BY_NAME, named(8)),
        Question("Name in a kabupaten", "GET", 0.95, 150, by_name(5), _BY_NAME, named(5)),
    ]


async def _ours(world: World, question: Question) -> Measured:
    measured = Measured(0.0)
    url = world.stack.url_of("registry")
    asked: dict[int, Ask] = {}

    def address(number: int) -> str:
        return url + asked[number][0]

    def request(number: int) -> tuple[dict[str, str], Any]:
        return asked[number][1:]

    # Others are asked for to warm up, so that nothing is remembered of those measured.
    for first, count in ((question.requests, question.requests // 4), (0, question.requests)):
        asked |= {number: question.ask(first + number) for number in range(count)}
        measured = await closed_loop(
            address,
            request,
            count=count,
            concurrency=CONCURRENCY,
            expect=200,
            method=question.method,
        )
    return measured


async def _floor(owner: asyncpg.Connection, question: Question) -> Measured:
    measured = Measured(0.0)
    began = time.perf_counter()
    for number in range(question.requests):
        values = question.values(number)
        started = time.perf_counter()
        await owner.fetch(question.floor, *values)
        measured.latencies.append(time.perf_counter() - started)
    measured.seconds = time.perf_counter() - began
    return measured
