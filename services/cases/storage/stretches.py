"""What the policy opens to a caller, cut into the stretches that the indexes of referrals hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from uuid import UUID

from shared.auth import Actor
from shared.policy import Action, Reach, reaches
from shared.reference.areas import LENGTH_OF, Level, children
from shared.reference.pillars import PILLARS


@dataclass(frozen=True, slots=True)
class Stretch:
    """The referrals of one pillar in one stem of the index, no further than `area` and `up_to`.

    The stem is a kabupaten or a kecamatan; an area wider than that is its own stem.
    """

    pillar: str
    stem: str
    area: str
    any_organisation: bool
    organisation_id: UUID | None
    up_to: str


def pools(actor: Actor, *, pillar: str | None) -> tuple[list[Stretch], list[Stretch]]:
    """Where the caller receives: by kecamatan for duties that small, by kabupaten for others."""
    small: list[Stretch] = []
    wide: list[Stretch] = []
    for reach in reaches(actor, Action.REFERRAL_RECEIVE):
        if pillar in (None, reach.pillar):
            narrow = len(reach.area) >= LENGTH_OF[Level.DISTRICT]
            (small if narrow else wide).extend(_cut(reach, narrow=narrow))
    return small, wide


def watched(actor: Actor, action: Action, *, area: str | None, pillar: str | None) -> list[Stretch]:
    """Where the caller may do `action`, by kabupaten, inside an area and of a pillar if given."""
    found: list[Stretch] = []
    for reach in narrowed(actor, action, area):
        if pillar is None or reach.pillar in (None, pillar):
            found += _cut(reach, narrow=False, pillar=pillar)
    return found


def columns(stretches: Sequence[Stretch]) -> list[list[object]]:
    """The stretches as the arrays a statement unnests, in the order of their fields."""
    return [
        [one.pillar for one in stretches],
        [one.stem for one in stretches],
        [one.area for one in stretches],
        [one.any_organisation for one in stretches],
        [one.organisation_id for one in stretches],
        [one.up_to for one in stretches],
    ]


def narrowed(actor: Actor, action: Action, area: str | None) -> list[Reach]:
    """Where the caller may do `action`, inside an area if given."""
    inside = ((reach, _inside(reach.area, area)) for reach in reaches(actor, action))
    found = [replace(reach, area=both) for reach, both in inside if both is not None]
    return list(dict.fromkeys(found))


def watched_areas(actor: Actor, action: Action, area: str | None) -> list[str]:
    """The areas of these alone."""
    return list(dict.fromkeys(reach.area for reach in narrowed(actor, action, area)))


def shared_area(areas: Iterable[str]) -> str | None:
    """The narrowest area that holds all of them; None without one."""
    parts = zip(*(area.split(".") for area in areas), strict=False)
    same = takewhile(lambda level: len(set(level)) == 1, parts)
    return ".".join(level[0] for level in same) or None


def stems(areas: Iterable[str]) -> list[str]:
    """Every kabupaten that holds one of the areas or lies in it, and wider areas themselves."""
    return list(dict.fromkeys(stem for area in areas for stem in _regencies(area)))


def _cut(reach: Reach, *, narrow: bool, pillar: str | None = None) -> list[Stretch]:
    area = reach.area
    pillars = [reach.pillar or pillar] if reach.pillar or pillar else list(PILLARS)
    return [
        Stretch(
            pillar=one,
            stem=stem,
            area=area,
            any_organisation=reach.any_organisation,
            organisation_id=reach.organisation_id,
            up_to=reach.up_to.value,
        )
        for one in pillars
        if one is not None
        for stem in ([area[: LENGTH_OF[Level.DISTRICT]]] if narrow else _regencies(area))
    ]


def _regencies(area: str) -> list[str]:
    if len(area) >= LENGTH_OF[Level.REGENCY]:
        return [area[: LENGTH_OF[Level.REGENCY]]]
    return [area, *(code for code, _ in children(area))]


def _inside(mine: str, asked: str | None) -> str | None:
    """What two areas share: the narrower of them, when the other holds it."""
    if asked is None or mine == asked or mine.startswith(asked + "."):
        return mine
    return asked if asked.startswith(mine + ".") else None
