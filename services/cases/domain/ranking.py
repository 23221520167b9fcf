"""Who could take a need, in which order, and why: area distance, open load, absence."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.cases.domain.legs import Candidate
from shared.reference.areas import label_of

TAGANA: Final = "TAGANA"
"""The one pillar that comes from outside where an area has none of its own."""


def ranked(duties: Sequence[Candidate], pillar: str, area: str) -> list[Candidate]:
    """Candidates of a pillar: present before absent, nearest first, then the least laden.

    Somebody with two fitting duties stands there once, with the nearer one.
    """
    of_pillar = [one for one in duties if one.pillar == pillar]
    fitting = [one for one in of_pillar if covers(one.area, area)]
    if pillar == TAGANA and not has_own_unit(fitting, area):
        fitting = _nearest_unit(of_pillar, area)
    fitting.sort(
        key=lambda one: (
            one.absent, distance(one.area, area), one.open_load, one.worker_id.int,
        )
    )  # fmt: skip
    once: dict[UUID, Candidate] = {}
    for one in fitting:
        once.setdefault(one.worker_id, one)
    return list(once.values())


def why(candidate: Candidate, area: str) -> tuple[str, ...]:
    """In words what gives a candidate the place in the ranking: nearness, load, absence."""
    steps = distance(candidate.area, area)
    where = label_of(candidate.area)
    near = (
        f"Bertugas di {where}, tepat di wilayah rujukan."
        if steps == 0
        else f"Bertugas di {where}, {steps} tingkat dari wilayah rujukan."
    )
    load = (
        f"Sedang memegang {candidate.open_load} rujukan."
        if candidate.open_load
        else "Tidak sedang memegang rujukan."
    )
    if not candidate.absent:
        return near, load
    stand_in = "digantikan rekan lain" if candidate.stand_in_id else "tanpa pengganti"
    return near, load, f"Sedang berhalangan, {stand_in}."


def distance(one: str, other: str) -> int:
    """Steps between two areas in the tree of codes: up to the first they share, and down."""
    first, second = one.split("."), other.split(".")
    shared = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        shared += 1
    return len(first) + len(second) - 2 * shared


def covers(wide: str, narrow: str) -> bool:
    """Whether an area is the other or holds it."""
    return narrow == wide or narrow.startswith(wide + ".")


def has_own_unit(people: Sequence[Candidate], area: str) -> bool:
    """Whether any of these comes from below the province, or the province itself is in need."""
    return any(one.area != area[:2] for one in people) or (bool(people) and area == area[:2])


def _nearest_unit(duties: Sequence[Candidate], area: str) -> list[Candidate]:
    """The people of the one unit that is nearest, the province's own last.

    Of two as near, the one with more people.
    """
    units: dict[str, list[Candidate]] = {}
    for one in duties:
        if one.area[:2] == area[:2]:
            units.setdefault(one.area, []).append(one)
    if not units:
        return []
    nearest = min(
        units,
        key=lambda unit: (unit == area[:2], distance(unit, area), -len(units[unit]), unit),
    )
    return units[nearest]
