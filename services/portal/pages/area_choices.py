"""The areas a worker may choose from: by their duties, or around a referral."""

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


def villages_in(area: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The villages of an area under the headings of their kecamatan: (heading, codes, names)."""
    districts: dict[str, list[tuple[str, str]]] = {}
    for village, name in _villages(area):
        districts.setdefault(at_level(village, Level.DISTRICT) or village, []).append(
            (village, name)
        )
    return [(label_of(code), listed) for code, listed in sorted(districts.items())]


def areas_of(duties: Iterable[DutyHeld]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The duties' areas and the level below each: (heading, areas)."""
    groups = []
    for area in sorted({duty.area for duty in duties}):
        below = [] if level_of(area) is Level.VILLAGE else children(area)
        groups.append((label_of(area), [(area, label_of(area)), *below]))
    return groups


def _villages(area: str) -> list[tuple[str, str]]:
    if level_of(area) is Level.VILLAGE:
        return [(area, name_of(area) or area)]
    return [found for code, _ in children(area) for found in _villages(code)]


def targets_around(place: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Areas a referral from this place may go to, widest first: (heading, codes and names).

    Everything in its own kabupaten or kota, and the others of the province.
    """
    province = at_level(place, Level.PROVINCE) or place
    groups = [("Kabupaten/kota", children(province))]
    regency = at_level(place, Level.REGENCY)
    if regency is None:
        return groups
    districts = children(regency)
    groups.append((f"Kecamatan di {name_of(regency) or regency}", districts))
    groups += [(f"Desa di {label_of(code)}", children(code)) for code, _ in districts]
    return groups
