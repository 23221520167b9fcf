"""Invented people of a province, and the records a second worker would make of some of them.

Each second record is labelled: the same person written with the errors of the field, or somebody
else who only looks alike (a twin, a neighbour of the same name, a son who bears his father's). The
errors are those that field workers tell of; none is drawn from the rules that must find them. The
same luck every time.
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
    "Tumini", "Yuliana", "Fitri", "Aminah", "Khotimah", "Maimunah", "Suparmi", "Sumiati",
    "Juariyah",
    "Musrifah", "Lilik", "Umi", "Indah", "Wiwik", "Ratna", "Kartini", "Sutini", "Mujiati",
    "Halimah",
    "Zainab", "Juminten", "Painem", "Chusnul", "Faridah", "Rukayah", "Dwi", "Tri", "Anis", "Eni",
)  # fmt: skip
_FIRST_M: Final = (
    "Muhammad", "Ahmad", "Abdul", "Slamet", "Sutrisno", "Paimin", "Suparman", "Bambang", "Joko",
    "Misdi", "Kusnan", "Hariyanto", "Rohman", "Wahyudi", "Sugeng", "Mulyono", "Sunarto", "Ponidi",
    "Eko", "Agus", "Budi", "Heru", "Imam", "Yusuf", "Jumadi", "Kasmari", "Ngadiman", "Sutikno",
    "Tarmuji", "Zainal", "Cahyono", "Dwi", "Fathur", "Khoirul", "Syaiful", "Djumali", "Saman",
)  # fmt: skip
_STEMS: Final = (
    "Har", "Sus", "Sum", "Kus", "Was", "Mul", "Sar", "Par", "Wij", "Pur", "Kar", "Dar", "Nug",
    "Raj",
    "Sant", "Sup", "Bud", "Tris", "Yul", "Win", "Mar", "Ros", "Fat", "Lest", "Ast", "Wib", "Han",
    "Sud", "Jun", "Ist", "Wit", "Gun", "Set", "Ar", "Mas",
)  # fmt: skip
_ENDS: Final = (
    "anto", "iyono", "iyani", "iyah", "adi", "awati", "ono", "ini", "aningsih", "oso", "owo",
    "iati",
    "oko", "anti", "uni", "aeni", "udin", "imah", "atun", "iman",
)  # fmt: skip
_SURNAMES: Final = tuple(stem + end for stem in _STEMS for end in _ENDS)
_SHORT: Final = {
    "Muhammad": ("Moh.", "M.", "Mohamad", "Mochammad", "Muh"), "Ahmad": ("Achmad", "Akhmad", "A."),
    "Abdul": ("Abd.", "Abdoel"), "Siti": ("St.", "Sitti", "S."), "Nur": ("Noer", "Noor"),
}  # fmt: skip
_OLD: Final = (("u", "oe"), ("j", "dj"), ("y", "j"), ("c", "tj"), ("kh", "ch"), ("sy", "sj"))
_SWAPS: Final = (
    ("f", "p"), ("z", "s"), ("v", "f"), ("kh", "h"), ("i", "y"), ("dh", "d"), ("o", "u"),
    ("iy", "i"), ("ia", "iya"), ("ah", "a"), ("a", "o"), ("e", "i"), ("j", "z"), ("ch", "kh"),
    ("sy", "s"), ("m", "mm"), ("t", "th"),
)  # fmt: skip
_TITLES: Final = ("H. ", "Hj. ", "Pak ", "Bu ", "Mbah ", "Drs. ", "Mbak ", "Cak ", "Ning ", "Gus ")
_ASSUMED: Final = 0.06
"""The share of days of birth that nobody knew and an office wrote as the first of January."""
_SAME_SHARE: Final = 2 / 3
_OTHERS: Final = {"twin": 1, "namesake": 2, "heir": 2, "sibling": 2, "stranger": 3}
"""Somebody else, and how often: twins at three times their share among the born."""
ERRORS: Final = (
    "spelling", "old spelling", "title", "typing error", "swapped date", "digit of date",
    "year only", "estimated age", "no birth", "missing part", "order", "joined", "other village",
    "no sex",
)  # fmt: skip
"""What a second worker gets wrong; two of three times one of these, else two or three."""
_OF_BIRTH: Final = ("swapped date", "digit of date", "year only", "estimated age", "no birth")
_HOW_MANY: Final = (1, 1, 1, 1, 2, 3)


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
    kinds: tuple[str, ...]


def villages(province: str = "35") -> list[str]:
    """Every village of the province that has a code of its own."""
    return [
        village
        for regency, _ in children(province)
        for district, _ in children(regency)
        for village, _ in children(district)
    ]


def population(size: int, places: list[str], seed: int = 2026) -> Iterator[Someone]:
    """So many different people, spread over the places."""
    luck = random.Random(seed)
    for _ in range(size):
        yield _someone(luck, luck.choice(places))


def seconds(people: list[Someone], count: int, seed: int = 411) -> Iterator[Second]:
    """So many second records: two of three of people who are there, one of somebody else."""
    luck = random.Random(seed)
    for _ in range(count):
        of = luck.randrange(len(people))
        if luck.random() < _SAME_SHARE:
            kinds = _kinds(luck)
            again = replace(people[of], has_nik=False)
            for kind in kinds:
                again = _again(luck, again, kind)
            yield Second(again, of, kinds)
        else:
            (kind,) = luck.choices(list(_OTHERS), list(_OTHERS.values()))
            yield Second(_another(luck, people[of], kind), None, (kind,))


def _kinds(luck: random.Random) -> tuple[str, ...]:
    """Different errors; a birth is written once and so has one at most."""
    drawn = sorted(luck.sample(ERRORS, luck.choice(_HOW_MANY)))
    of_birth = [kind for kind in drawn if kind in _OF_BIRTH]
    return tuple(kind for kind in drawn if kind not in of_birth[1:])


def _someone(luck: random.Random, area: str) -> Someone:
    sex = luck.choice((Sex.FEMALE, Sex.MALE))
    born = date(1935, 1, 1) + timedelta(days=luck.randrange(85 * 365))
    if luck.random() < _ASSUMED:
        born = born.replace(month=1, day=1)
    return Someone(_name(luck, sex), sex, Birth(Precision.DAY, born.year, born), area,
                   luck.random() < 0.8)  # fmt: skip


def _name(luck: random.Random, sex: Sex) -> str:
    """Few names are borne by many: the first of each list a good deal oftener than the last."""
    first = _frequent(luck, _FIRST_F if sex is Sex.FEMALE else _FIRST_M)
    words = [_frequent(luck, _SURNAMES) for _ in range(luck.choice((0, 1, 1, 1, 2)))]
    if not words and first in _SHORT:
        words = [_frequent(luck, _SURNAMES)]
    return " ".join([first, *words])


def _frequent(luck: random.Random, names: tuple[str, ...]) -> str:
    return names[int(len(names) * luck.random() ** 1.7)]


def _again(luck: random.Random, person: Someone, kind: str) -> Someone:
    """The same person with this error more."""
    name, birth, words = person.name, person.birth, person.name.split()
    match kind:
        case "spelling":
            return replace(person, name=_spelt(luck, name, _SWAPS))
        case "old spelling":
            return replace(person, name=_spelt(luck, name, _OLD))
        case "title":
            return replace(person, name=luck.choice(_TITLES) + name)
        case "typing error":
            return replace(person, name=_mistyped(luck, name))
        case "missing part":
            shortened = words[1:] if len(words) > 1 and words[0] in _SHORT else words[:-1] or words
            return replace(person, name=" ".join(shortened))
        case "order":
            return replace(person, name=" ".join(reversed(words)))
        case "joined":
            return replace(person, name=_joined(words))
        case "other village":
            return replace(person, area=luck.choice(children(person.area[:8]))[0])
        case "no sex":
            return replace(person, sex=None)
        case "no birth":
            return replace(person, birth=None)
    assert birth is not None
    return replace(person, birth=_misdated(luck, birth, kind))


def _misdated(luck: random.Random, birth: Birth, kind: str) -> Birth:
    on = birth.on
    if kind == "year only":
        return Birth(Precision.YEAR, birth.year)
    if kind == "estimated age":
        return Birth(Precision.AGE, birth.year + luck.randrange(-3, 4))
    if on is None:
        return birth
    if kind == "swapped date" and on.day <= 12:
        on = on.replace(day=on.month, month=on.day)
    elif kind == "digit of date":
        days = [day for day in range(1, 29) if _one_digit(day, on.day)]
        on = on.replace(year=on.year + luck.choice((-1, 1, 10))) if luck.random() < 0.3 and (
            (on.month, on.day) != (2, 29)) else on.replace(day=luck.choice(days))  # fmt: skip
    return Birth(Precision.DAY, on.year, on)


def _another(luck: random.Random, person: Someone, kind: str) -> Someone:
    """Somebody else: of the family, a neighbour who bears the name, or anybody of the village."""
    stranger = _someone(luck, person.area)
    words = person.name.split()
    match kind:
        case "twin":
            # Often named alike, as Hasan and Hasin are.
            own = _rhyming(luck, words[0]) if luck.random() < 0.5 else stranger.name.split()[0]
            return replace(stranger, birth=person.birth, sex=person.sex,
                           name=" ".join([own, *words[1:]]))  # fmt: skip
        case "namesake":
            return replace(stranger, name=person.name, sex=person.sex)
        case "heir":
            own = stranger.name.split()[0]
            return replace(stranger, name=f"{own} {words[-1]}", birth=_later(luck, person, 18, 40))
        case "sibling":
            own = stranger.name.split()[0]
            return replace(stranger, name=" ".join([own, *words[1:]]), sex=person.sex,
                           birth=_later(luck, person, 1, 8))  # fmt: skip
    return stranger


def _later(luck: random.Random, person: Someone, least: int, most: int) -> Birth:
    """Born so many years after, on a day of its own."""
    assert person.birth is not None
    year = min(person.birth.year + luck.randint(least, most), 2024)
    born = date(year, 1, 1) + timedelta(days=luck.randrange(365))
    return Birth(Precision.DAY, born.year, born)


def _rhyming(luck: random.Random, word: str) -> str:
    vowels = [place for place, letter in enumerate(word) if place and letter in "aiueo"]
    place = luck.choice(vowels)
    return word[:place] + luck.choice("aiueo".replace(word[place], "")) + word[place + 1 :]


def _one_digit(one: int, other: int) -> bool:
    return sum(a != b for a, b in zip(f"{one:02}", f"{other:02}", strict=True)) == 1


def _joined(words: list[str]) -> str:
    if len(words) < 2:
        return words[0]
    return " ".join([words[0] + words[1].lower(), *words[2:]])


def _spelt(luck: random.Random, name: str, ways: tuple[tuple[str, str], ...]) -> str:
    words = name.split()
    if words[0] in _SHORT and luck.random() < 0.5:
        return " ".join([luck.choice(_SHORT[words[0]]), *words[1:]])
    either = [way for one, other in ways for way in ((one, other), (other, one))]
    fitting = [(one, other) for one, other in either if one in name]
    if not fitting:
        return _mistyped(luck, name)
    one, other = luck.choice(fitting)
    return name.replace(one, other, 1)


def _mistyped(luck: random.Random, name: str) -> str:
    places = [place for place in range(1, len(name) - 1) if name[place] != " "]
    if not places:
        return name
    place = luck.choice(places)
    letter = luck.choice("aeiourstnkmg")
    match luck.choice(("left out", "doubled", "other", "swapped")):
        case "left out":
            return name[:place] + name[place + 1 :]
        case "doubled":
            return name[:place] + name[place] + name[place:]
        case "other":
            return name[:place] + letter + name[place + 1 :]
        case _:
            return name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]
