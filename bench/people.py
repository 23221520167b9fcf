"""Invented people of a province, and the records a second worker would make of some of them.

Each second record is labelled: the same person written with the errors of the field, or somebody
else who only looks alike (a twin, a neighbour of the same name). The same luck every time.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from services.registry.domain.birth import Birth, Precision
from services.registry.domain.sex import Sex
from shared.reference.areas import children

_FIRST_F: Final = (
    "Siti", "Sri", "Nur", "Dewi", "Endang", "Rahayu", "Sulastri", "Wagiyem", "Ngatini", "Partini",
    "Tumini", "Yuliana", "Fitri", "Aminah", "Khotimah", "Maimunah", "Suparmi", "Sumiati", "Juariyah",
    "Musrifah", "Lilik", "Umi", "Indah", "Wiwik", "Ratna", "Kartini", "Sutini", "Mujiati", "Halimah",
    "Zainab",
)  # fmt: skip
_FIRST_M: Final = (
    "Muhammad", "Ahmad", "Abdul", "Slamet", "Sutrisno", "Paimin", "Suparman", "Bambang", "Joko",
    "Misdi", "Kusnan", "Hariyanto", "Rohman", "Wahyudi", "Sugeng", "Mulyono", "Sunarto", "Ponidi",
    "Eko", "Agus", "Budi", "Heru", "Imam", "Yusuf", "Jumadi", "Kasmari", "Ngadiman", "Sutikno",
    "Tarmuji", "Zainal",
)  # fmt: skip
_STEMS: Final = (
    "Har", "Sus", "Sum", "Kus", "Was", "Mul", "Sar", "Par", "Wij", "Pur", "Kar", "Dar", "Nug", "Raj",
    "Sant", "Sup", "Bud", "Tris", "Yul", "Win", "Mar", "Ros", "Fat", "Lest", "Ast", "Wib", "Han",
    "Sud", "Jun", "Ist", "Wit", "Gun", "Set", "Ar", "Mas",
)  # fmt: skip
_ENDS: Final = (
    "anto", "iyono", "iyani", "iyah", "adi", "awati", "ono", "ini", "aningsih", "oso", "owo", "iati",
    "oko", "anti", "uni", "aeni", "udin", "imah", "atun", "iman",
)  # fmt: skip
_SHORT: Final = {
    "Muhammad": ("Moh.", "M.", "Mohamad", "Mochammad", "Muh"), "Ahmad": ("Achmad", "Akhmad", "Ach."),
    "Abdul": ("Abd.", "Abdoel"), "Siti": ("St.", "Sitti"), "Nur": ("Noer", "Noor"),
}  # fmt: skip
_OLD: Final = (("u", "oe"), ("j", "dj"), ("y", "j"), ("c", "tj"))
_SWAPS: Final = (
    ("f", "p"),
    ("z", "s"),
    ("v", "f"),
    ("kh", "h"),
    ("i", "y"),
    ("dh", "d"),
    ("o", "u"),
)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as a worker wrote them down."""

    name: str
    sex: Sex | None
    birth: Birth | None
    area: str
    has_nik: bool


@dataclass(frozen=True, slots=True)
class Second:
    """A second record: of whom it is, if of anybody there, and what is wrong with it."""

    record: Someone
    of: int | None
    """The place of the person in the population; None for somebody else."""
    kind: str


def villages(province: str = "35") -> list[str]:
    """Every village of the province that has a code of its own."""
    return [
        village
        for regency, _ in children(province)
        for district, _ in children(regency)
        for village, _ in children(district)
    ]


def population(size: int, places: list[str], seed: int = 35) -> Iterator[Someone]:
    """So many different people, spread over the places."""
    luck = random.Random(seed)
    for _ in range(size):
        yield _someone(luck, luck.choice(places))


def seconds(people: list[Someone], count: int, seed: int = 53) -> Iterator[Second]:
    """So many second records: two of three of people who are there, one of somebody else."""
    luck = random.Random(seed)
    for _ in range(count):
        of = luck.randrange(len(people))
        person = people[of]
        if luck.random() < _SAME_SHARE:
            kind = luck.choice(sorted(ERRORS))
            yield Second(_again(luck, person, kind), of, kind)
        else:
            kind = luck.choice(("twin", "namesake", "stranger"))
            yield Second(_another(luck, person, kind), None, kind)


_SAME_SHARE: Final = 2 / 3
ERRORS: Final = (
    "spelling", "old spelling", "title", "typing error", "swapped date", "digit of date",
    "year only", "estimated age", "missing part", "order", "other village", "no sex",
)  # fmt: skip
"""What a second worker gets wrong, one at a time."""


def _someone(luck: random.Random, area: str) -> Someone:
    sex = luck.choice((Sex.FEMALE, Sex.MALE))
    birth = date(1935, 1, 1) + timedelta(days=luck.randrange(85 * 365))
    return Someone(_name(luck, sex), sex, Birth(Precision.DAY, birth.year, birth), area,
                   luck.random() < 0.8)  # fmt: skip


def _name(luck: random.Random, sex: Sex) -> str:
    first = luck.choice(_FIRST_F if sex is Sex.FEMALE else _FIRST_M)
    made = [luck.choice(_STEMS) + luck.choice(_ENDS) for _ in range(luck.choice((0, 1, 1, 1, 2)))]
    if not made and first in _SHORT:
        made = [luck.choice(_STEMS) + luck.choice(_ENDS)]
    return " ".join([first, *made])


def _again(luck: random.Random, person: Someone, kind: str) -> Someone:
    """The same person, with one error; the NIK was not at hand."""
    name, birth, area, sex = person.name, person.birth, person.area, person.sex
    assert birth is not None
    assert birth.on is not None
    on = birth.on
    match kind:
        case "spelling":
            name = _spelt(luck, name, _SWAPS)
        case "old spelling":
            name = _spelt(luck, name, _OLD)
        case "title":
            name = luck.choice(("H. ", "Hj. ", "Pak ", "Bu ", "Mbah ", "Drs. ")) + name
        case "typing error":
            name = _mistyped(luck, name)
        case "swapped date":
            if on.day <= 12:
                on = on.replace(day=on.month, month=on.day)
            birth = Birth(Precision.DAY, on.year, on)
        case "digit of date":
            on = on.replace(
                day=luck.choice([day for day in range(1, 29) if _one_digit(day, on.day)])
            )
            birth = Birth(Precision.DAY, on.year, on)
        case "year only":
            birth = Birth(Precision.YEAR, birth.year)
        case "estimated age":
            birth = Birth(Precision.AGE, birth.year + luck.randrange(-3, 4))
        case "missing part":
            words = name.split()
            name = " ".join(words[1:] if len(words) > 1 and words[0] in _SHORT else words[:2])
        case "order":
            name = " ".join(reversed(name.split()))
        case "other village":
            area = luck.choice([code for code, _ in children(area[:8])])
        case "no sex":
            sex = None
    return Someone(name, sex, birth, area, has_nik=False)


def _another(luck: random.Random, person: Someone, kind: str) -> Someone:
    """Somebody else: a twin, a neighbour who bears the name, or anybody of the village."""
    stranger = _someone(luck, person.area)
    if kind == "twin":
        assert person.sex is not None
        return replace(stranger, birth=person.birth, sex=person.sex,
                       name=_name(luck, person.sex))  # fmt: skip
    if kind == "namesake":
        return replace(stranger, name=person.name, sex=person.sex)
    return stranger


def _one_digit(one: int, other: int) -> bool:
    return sum(a != b for a, b in zip(f"{one:02}", f"{other:02}", strict=True)) == 1


def _spelt(luck: random.Random, name: str, ways: tuple[tuple[str, str], ...]) -> str:
    words = name.split()
    if words[0] in _SHORT and luck.random() < 0.5:
        return " ".join([luck.choice(_SHORT[words[0]]), *words[1:]])
    fitting = [(one, other) for one, other in ways if one in name]
    if not fitting:
        return _mistyped(luck, name)
    one, other = luck.choice(fitting)
    return name.replace(one, other, 1)


def _mistyped(luck: random.Random, name: str) -> str:
    place = luck.randrange(1, len(name) - 1)
    while name[place] == " ":
        place = luck.randrange(1, len(name) - 1)
    letter = luck.choice("aeiourstn")
    match luck.choice(("left out", "doubled", "other", "swapped")):
        case "left out":
            return name[:place] + name[place + 1 :]
        case "doubled":
            return name[:place] + name[place] + name[place:]
        case "other":
            return name[:place] + letter + name[place + 1 :]
        case _:
            return name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]
