"""How many second records the check for look-alikes finds, how rightly, and how fast.

The records are written straight into the tables; the check is the use case of the form, under the
API's own role, with its transaction and its audit. `docs/lookalikes.md` explains the figures.
"""

import statistics
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.people import ERRORS, Second, Someone, seconds
from bench.registered import Registered, id_of
from bench.report import Line
from bench.world import World
from services.registry.domain.likeness import Traits
from services.registry.domain.sounds import sounds_of
from services.registry.storage import marks
from services.registry.storage.marks import Probe
from services.registry.use_cases.find_lookalikes import find_lookalikes
from shared.auth import Actor, Duty
from shared.contracts.codes import BeneficiaryKind, Role
from shared.database import Database
from shared.reference.areas import LENGTH_OF, Level

PROVINCE: Final = "35"
PROBES: Final = 3_000
BATCH: Final = 500
_DISTRICT: Final = LENGTH_OF[Level.DISTRICT]


@dataclass(slots=True)
class Judged:
    """What was shown for the second records, against what is true."""

    right: int = 0
    wrong: int = 0
    asked: int = 0
    by_kind: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    """Whether each second record with such an error was found."""
    alarms: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    """Whether anybody was shown for each such stranger."""

    @property
    def recall(self) -> float:
        """The share of second records for which the first was shown."""
        return self.right / self.asked

    @property
    def precision(self) -> float:
        """The share of those shown who are the person."""
        return self.right / (self.right + self.wrong)

    def judge(self, second: Second, shown: Iterable[int]) -> None:
        """Count what was shown, by the places of people in the population."""
        places = set(shown)
        found = second.of in places
        self.right += found
        self.wrong += len(places) - found
        if second.of is None:
            self.alarms[second.kinds[0]].append(bool(places))
            return
        self.asked += 1
        for kind in second.kinds if len(second.kinds) == 1 else ("several errors",):
            self.by_kind[kind].append(found)


async def lines(world: World, registered: Registered, of: str) -> list[Line]:
    """Recall, precision and speed among those registered."""
    people = registered.people
    probes = list(seconds(people, PROBES))
    officer = Actor(uuid.uuid4(), "worker", (Duty("DINSOS", PROVINCE, Role.DINSOS),))
    database = Database(world.stack.environment["REGISTRY_DATABASE_URL"], pool_size=1)
    place_of = {id_of(place): place for place in range(len(people))}
    try:
        judged, taken = await _one_by_one(database, officer, registered, probes, place_of)
        each = await _in_batches(database, officer, probes)
    finally:
        await database.close()
    return [
        Line(f"Look-alikes: recall, {of}", "share", judged.recall, goal=0.95),
        Line(f"Look-alikes: precision, {of}", "share", judged.precision, goal=0.95),
        *(
            Line(f"- found with {kind}, {of}", "share", _share(judged.by_kind[kind]))
            for kind in (*ERRORS, "several errors")
        ),
        *(
            Line(f"- alarm for a {kind}, {of}", "share", _share(some))
            for kind, some in sorted(judged.alarms.items())
        ),
        Line(f"Check for look-alikes, p50, {of}", "ms", statistics.median(taken)),
        Line(f"Check for look-alikes, p95, {of}", "ms", statistics.quantiles(taken, n=20)[-1],
             goal=200, less_is_better=True),
        Line(f"Check in a batch of {BATCH}, each, {of}", "ms", each, goal=0.3,
             less_is_better=True),
    ]  # fmt: skip


def _share(some: Sequence[bool]) -> float:
    return sum(some) / len(some) if some else 0.0


async def _one_by_one(
    database: Database,
    officer: Actor,
    registered: Registered,
    probes: Sequence[Second],
    place_of: dict[uuid.UUID, int],
) -> tuple[Judged, list[float]]:
    judged, taken = Judged(), []
    near = _near(registered.people, place_of)
    for second in probes:
        began = time.perf_counter()
        async with database.transaction(officer.row_scope()) as tx:
            found = await find_lookalikes(
                _probe(second.record), tx=tx, actor=officer, vault=registered.vault
            )
        taken.append((time.perf_counter() - began) * 1000)
        judged.judge(second, near(second, [one.id for one in found]))
    return judged, taken


async def _in_batches(database: Database, officer: Actor, probes: Sequence[Second]) -> float:
    """How long each takes, in milliseconds, when lists ask for many at once."""
    taken = 0.0
    for start in range(0, len(probes), BATCH):
        asked = [_probe(one.record) for one in probes[start : start + BATCH]]
        began = time.perf_counter()
        async with database.transaction(officer.row_scope()) as tx:
            await marks.lookalikes(tx, officer, asked)
        taken += time.perf_counter() - began
    return taken * 1000 / len(probes)


def _near(
    people: Sequence[Someone], place_of: dict[uuid.UUID, int]
) -> Callable[[Second, list[uuid.UUID]], list[int]]:
    """Those of the shown who are registered in the kecamatan of the second record."""

    def near(second: Second, shown: list[uuid.UUID]) -> list[int]:
        here = second.record.area[:_DISTRICT]
        places = [place_of[one] for one in shown]
        return [place for place in places if people[place].area.startswith(here)]

    return near


def _probe(record: Someone) -> Probe:
    return Probe(
        BeneficiaryKind.PERSON,
        Traits(
            sounds=sounds_of(record.name),
            area=record.area,
            sex=record.sex,
            birth=record.birth,
            has_nik=record.has_nik,
        ),
    )
