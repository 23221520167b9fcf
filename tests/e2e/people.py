"""Invented people, remembered so that the last test can look for them where none may be."""

import random
from dataclasses import dataclass
from typing import Final

BIRTH_YEAR: Final = 1951
_SYLLABLES: Final = [a + b for a in "bdgjklmnprstw" for b in "aeiou"]


@dataclass(frozen=True, slots=True)
class Person:
    """An elderly woman of Sumberwuluh who does not exist."""

    name: str
    nik: str


class Inventor:
    """Makes people no two of whom are alike."""

    def __init__(self) -> None:
        self.made: list[Person] = []
        self._chance = random.SystemRandom()

    def person(self) -> Person:
        """Somebody new, with a NIK that agrees with her birth."""
        words = ["".join(self._chance.sample(_SYLLABLES, k=4)).capitalize() for _ in range(2)]
        day, month = self._chance.randint(1, 28) + 40, self._chance.randint(1, 12)
        serial = self._chance.randint(1, 9999)
        nik = f"350803{day:02}{month:02}{BIRTH_YEAR % 100:02}{serial:04}"
        person = Person(" ".join(words), nik)
        self.made.append(person)
        return person
