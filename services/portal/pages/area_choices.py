"""The villages a worker may choose from, by the areas of their duties."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.portal.clients.directory import DutyHeld
from shared.reference.areas import Level, at_level, children, label_of, level_of, name_of


@dataclass(frozen=True, slots=True)
class Group:
    """A kecamatan and its villages as (code, name)."""

    label: str
    villages: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """Villages to choose from, or, for duties wider than that, the kabupaten to begin with."""

    groups: list[Group]
    regencies: list[tuple[str, str]]

    @property
    def only(self) -> str | None:
        """The one village there is to choose, if there is only one."""
        codes = [code for group in self.groups for code, _ in group.villages]
        return codes[0] if len(codes) == 1 else None


def choices_for(duties: Iterable[DutyHeld], regency: str = "") -> Choices:
    """What the duties allow; `regency` narrows the duties of a whole province to one kabupaten."""
    areas = sorted({duty.area for duty in duties})
    narrow = [area for area in areas if level_of(area) is not Level.PROVINCE]
    wide = [area for area in areas if level_of(area) is Level.PROVINCE]
    regencies = [found for area in wide for found in children(area)]
    if regency in {code for code, _ in regencies}:
        narrow.append(regency)
    districts: dict[str, list[tuple[str, str]]] = {}
    for area in narrow:
        for village, name in _villages(area):
            listed = districts.setdefault(at_level(village, Level.DISTRICT) or village, [])
            if (village, name) not in listed:
                listed.append((village, name))
    return Choices(
        groups=[Group(label_of(code), listed) for code, listed in sorted(districts.items())],
        regencies=regencies,
    )


def _villages(area: str) -> list[tuple[str, str]]:
    if level_of(area) is Level.VILLAGE:
        return [(area, name_of(area) or area)]
    return [found for code, _ in children(area) for found in _villages(code)]
