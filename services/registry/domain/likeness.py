"""How much two records look like one person: weights for what agrees and what speaks against it.

The sum of weights follows Fellegi and Sunter, "A Theory for Record Linkage" (1969): each is about
the binary logarithm of how much more often the finding is seen among records of one person than
among neighbours. `docs/lookalikes.md` explains them; `make bench` publishes how well they do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from services.registry.domain.birth import Birth, Precision
from services.registry.domain.sex import Sex
from shared.reference.areas import LENGTH_OF, Level
from shared.reference.name_words import COMMON

THRESHOLD: Final = 5.0
"""From here on a worker is shown the record before a new one is made."""
CERTAIN: Final = 14.0
"""What stands for a score of 1."""

NAME: Final = ((0.97, 6.0), (0.92, 4.5), (0.86, 3.0), (0.80, 1.5), (0.74, -1.5))
"""The weight of names at least so alike; below, `OTHER_NAME`."""
SAME_NAME: Final = 0.80
"""How alike two names are that may be one person's, where a number says that they are."""
SAME_WORD: Final = 0.85
"""How alike two words are that may be one."""
PART_OF_NAME: Final = 2.0
"""One name leaves out words of the other, and one that says who it is remains."""
MOST_OF_NAME: Final = 3.5
"""The same, and two or more such words remain."""
OTHER_NAME: Final = -9.0
SAME_DAY: Final = 5.0
ASSUMED_DAY: Final = 3.0
"""The same first or last day of a year, which often stands for a day nobody knows."""
SWAPPED_DAY: Final = 4.0
"""Day and month written the other way round."""
ONE_DIGIT: Final = 2.5
"""Two dates that differ by one digit, or by one year, or by ten."""
SAME_YEAR: Final = 1.0
NEAR_YEAR: Final = 0.5
OTHER_BIRTH: Final = -7.0
OTHER_SEX: Final = -6.0
SAME_SEX: Final = 0.5
PLACE: Final = ((Level.VILLAGE, 2.0), (Level.DISTRICT, -2.0), (Level.REGENCY, -2.0))
"""The weight of the smallest area that holds both; most neighbours live in another village."""
FAR: Final = -4.0
SAME_PHONE: Final = 3.0
SAME_CARD: Final = 2.5
"""Less than a telephone: the people of one card are each other's nearest."""
OTHER_NIK: Final = -7.0
"""Each has a NIK and they differ: another person, or a digit mistyped."""
ASSUMED: Final = frozenset({(1, 1), (12, 31)})
GUESSED_YEARS: Final = 4
"""How far an estimated age is off."""
KNOWN_YEARS: Final = 1
_ANY_YEAR: Final = (0, 9999)
COMMON_SHARE: Final = 0.3
"""How much a word counts that many names have."""
MISSING_SHARE: Final = 0.35
"""How much a word counts that only one of the two names has."""
JOINED_SHARE: Final = 0.98
"""How much of its likeness a name keeps whose words are parted elsewhere."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of a record."""

    sounds: tuple[str, ...] = field(repr=False)
    area: str
    sex: Sex | None = None
    birth: Birth | None = field(default=None, repr=False)
    has_nik: bool = False
    """Those with one and the same NIK are found by it and not compared."""
    phone: bytes | None = field(default=None, repr=False)
    """A keyed hash of the number."""
    cards: frozenset[bytes] = field(default=frozenset(), repr=False)
    """Keyed hashes of the No. KK of the families they stand with; another one says nothing, for
    people move from card to card."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The sum of weights, and what of it a worker should know, in words."""

    weight: float
    reasons: tuple[str, ...]

    @property
    def score(self) -> float:
        """Between 0 and 1, for order and display."""
        return round(min(max(self.weight / CERTAIN, 0.0), 1.0), 2)

    @property
    def is_shown(self) -> bool:
        """Whether the worker decides."""
        return self.weight >= THRESHOLD


def likeness(one: Traits, other: Traits) -> Likeness:
    """How much they look like one person; the order of the two does not matter."""
    found = [
        _of_names(one.sounds, other.sounds),
        _of_births(one.birth, other.birth),
        _of_sexes(one.sex, other.sex),
        _of_places(one.area, other.area),
        _of_phones(one.phone, other.phone),
        (SAME_CARD, "No. KK sama") if one.cards & other.cards else (0.0, None),
        (OTHER_NIK if one.has_nik and other.has_nik else 0.0, None),
    ]
    return Likeness(sum(weight for weight, _ in found), tuple(why for _, why in found if why))


Finding = tuple[float, str | None]


def _of_names(one: Sequence[str], other: Sequence[str]) -> Finding:
    if not one or not other:
        return OTHER_NAME, None
    alike = similarity(one, other)
    if len(one) != len(other):
        # Written as one word here and as two there.
        alike = max(alike, JOINED_SHARE * _word("".join(one), "".join(other)))
    weight = next((weight for least, weight in NAME if alike >= least), OTHER_NAME)
    of_part = _of_part(one, other)
    if of_part > weight:
        return of_part, "nama lebih pendek"
    if weight == OTHER_NAME:
        return OTHER_NAME, None
    return weight, "nama sama" if alike == 1 else "nama mirip"


def _of_part(one: Sequence[str], other: Sequence[str]) -> float:
    """The weight where the longer name has every word of the shorter, and those say who it is."""
    few, many = sorted((one, other), key=len)
    if len(few) == len(many):
        return OTHER_NAME
    if not all(any(_word(word, each) >= SAME_WORD for each in many) for word in few):
        return OTHER_NAME
    match sum(_share(word) == 1 for word in few):
        case 0:
            return OTHER_NAME
        case 1:
            return PART_OF_NAME
        case _:
            return MOST_OF_NAME


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """How alike two names sound, 0 to 1: words are paired best first, in any order.

    A common given name counts little, and so does a word that one of the names leaves out.
    """
    if one == other:
        return 1.0
    few, many = sorted((list(one), list(other)), key=lambda words: (len(words), words))
    pairs = sorted(
        ((_word(a, b), i, j) for i, a in enumerate(few) for j, b in enumerate(many)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    total = weight = 0.0
    left, right = set(range(len(few))), set(range(len(many)))
    for alike, i, j in pairs:
        if i in left and j in right:
            left.discard(i)
            right.discard(j)
            share = (_share(few[i]) + _share(many[j])) / 2
            total += alike * share
            weight += share
    return total / (weight + sum(_missing(many[j]) for j in right)) if weight else 0.0


@lru_cache(maxsize=100_000)
def _word(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        # The second group of a village is not the third.
        return 0.0
    if 1 in (len(one), len(other)):
        # An initial.
        return 0.9 if one[0] == other[0] else 0.0
    edits = DamerauLevenshtein.normalized_similarity(one, other)
    return (edits + JaroWinkler.similarity(one, other)) / 2


def _share(word: str) -> float:
    said_by_many = word in COMMON or (len(word) == 1 and not word.isdigit())
    return COMMON_SHARE if said_by_many else 1.0


def _missing(word: str) -> float:
    return _share(word) * MISSING_SHARE


def years_of(birth: Birth | None) -> tuple[int, int]:
    """The first and the last year in which such a person may be known to be born."""
    if birth is None:
        return _ANY_YEAR
    off = GUESSED_YEARS if birth.precision is Precision.AGE else KNOWN_YEARS
    return birth.year - off, birth.year + off


def _of_births(one: Birth | None, other: Birth | None) -> Finding:
    if one is None or other is None:
        return 0.0, None
    if one.on and other.on:
        return _of_days(one.on, other.on)
    guessed = Precision.AGE in (one.precision, other.precision)
    apart = abs(one.year - other.year)
    if apart == 0:
        return SAME_YEAR, "tahun lahir sama"
    if apart <= (GUESSED_YEARS if guessed else KNOWN_YEARS):
        return NEAR_YEAR, "tahun lahir berdekatan"
    return OTHER_BIRTH, None


def _of_days(one: date, other: date) -> Finding:
    if one == other:
        assumed = (one.month, one.day) in ASSUMED
        return ASSUMED_DAY if assumed else SAME_DAY, "tanggal lahir sama"
    if (one.day, one.month, one.year) == (other.month, other.day, other.year):
        return SWAPPED_DAY, "tanggal lahir sama bila hari dan bulan tertukar"
    differing = sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True))
    if differing == 1 or _slipped(one, other):
        return ONE_DIGIT, "tanggal lahir hampir sama"
    return OTHER_BIRTH, None


def _slipped(one: date, other: date) -> bool:
    """Whether only the year differs, by one or by a decade: one digit as the field writes years."""
    return abs(one.year - other.year) in {1, 10} and (one.month, one.day) == (
        other.month,
        other.day,
    )


def _of_sexes(one: Sex | None, other: Sex | None) -> Finding:
    if one is None or other is None:
        return 0.0, None
    return (SAME_SEX, None) if one is other else (OTHER_SEX, None)


def _of_phones(one: bytes | None, other: bytes | None) -> Finding:
    return (SAME_PHONE, "nomor telepon sama") if one and one == other else (0.0, None)


def _of_places(one: str, other: str) -> Finding:
    for level, weight in PLACE:
        length = LENGTH_OF[level]
        if one[:length] == other[:length]:
            return weight, "satu desa" if level is Level.VILLAGE else None
    return FAR, None
