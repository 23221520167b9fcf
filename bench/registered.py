"""A province's registry: invented people by COPY over all its villages, each with its mark."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from uuid import UUID

import asyncpg

from bench.copying import Row, bare_tables, copy, settle
from bench.people import Someone, population, villages
from services.registry.domain.birth import Precision
from services.registry.domain.name import key_of
from services.registry.domain.sex import Sex
from services.registry.storage.area_counts import RECOUNT_SQL
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.marks import SPELLING, sound_text
from shared.reference.categories import sensitivity_of

SCHEMA: Final = "registry"
TABLES: Final = ("beneficiaries", "nik_index", "category_periods", "marks")
COUNTS: Final = ("counted_records", "count_changes", "area_counts")
REGISTRAR: Final = UUID(int=5 << 100)
_STEP: Final = 50_000
_ADULT, _OLD = 18, 60
_BENEFICIARY: Final = (
    "id", "version", "kind", "name", "name_key", "sex", "birth_precision", "birth_year",
    "birth_on", "nik_sealed", "nik_absent_reason", "area", "categories", "confidentiality",
    "registered_by", "registered_at", "changed_at",
)  # fmt: skip
_MARK: Final = (
    "beneficiary_id", "spelling", "kind", "regency", "area", "sound", "sex", "birth_precision",
    "birth_year", "birth_on", "has_nik",
)  # fmt: skip


@dataclass
class Registered:
    """Who is registered; grows by `fill`, with the same people every time."""

    vault: NikVault
    people: list[Someone] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.villages = villages()
        self._coming = population(10_000_000, self.villages)

    async def fill(self, connection: asyncpg.Connection, size: int) -> None:
        """Register more people until so many are; `connection` is the owner's."""
        async with bare_tables(connection, SCHEMA, TABLES):
            for start in range(len(self.people), size, _STEP):
                new = list(islice(self._coming, min(_STEP, size - start)))
                await self._copy(connection, start, new)
                self.people += new
        # They came past the triggers that count them.
        async with connection.transaction():
            for statement in RECOUNT_SQL:
                await connection.execute(statement)
        await settle(connection, SCHEMA, (*TABLES, *COUNTS))

    def nik_of(self, number: int) -> str | None:
        """The NIK of the person at this place; None without one."""
        person = self.people[number]
        return nik_of(person, number) if person.has_nik else None

    async def _copy(
        self, connection: asyncpg.Connection, start: int, new: Sequence[Someone]
    ) -> None:
        now = datetime.now(UTC)
        numbered = list(enumerate(new, start))
        indexed = [
            (self.vault.index(nik_of(person, number)), id_of(number))
            for number, person in numbered
            if person.has_nik
        ]
        periods = [
            (id_of(number), code, now, REGISTRAR)
            for number, person in numbered
            for code in categories_of(person, number, now.year)
        ]
        await copy(connection, SCHEMA, "beneficiaries", _BENEFICIARY, self._rows(numbered, now))
        await copy(connection, SCHEMA, "marks", _MARK, map(_mark, numbered))
        await copy(connection, SCHEMA, "nik_index", ("blind_index", "beneficiary_id"), indexed)
        columns = ("beneficiary_id", "code", "given_at", "given_by")
        await copy(connection, SCHEMA, "category_periods", columns, periods)

    def _rows(self, numbered: Sequence[tuple[int, Someone]], now: datetime) -> Iterator[Row]:
        for number, person in numbered:
            birth, codes = person.birth, categories_of(person, number, now.year)
            sealed = self.vault.seal(nik_of(person, number), id_of(number))
            yield (
                id_of(number), 1, "person", person.name, key_of(person.name), person.sex,
                *((birth.precision, birth.year, birth.on) if birth else (None, None, None)),
                sealed if person.has_nik else None, None if person.has_nik else "unknown",
                person.area, codes, sensitivity_of(codes), REGISTRAR, now, now,
            )  # fmt: skip


def vault_of(environment: Mapping[str, str]) -> NikVault:
    """The vault with the keys of a running registry."""
    keys: dict[str, str] = json.loads(environment["REGISTRY_NIK_KEYS"])
    return NikVault(
        {int(version): b64decode(key) for version, key in keys.items()},
        {1: b64decode(environment["REGISTRY_NIK_INDEX_KEY"])},
    )


def id_of(number: int) -> UUID:
    """The id of the person at this place."""
    return UUID(int=(4 << 100) + number)


def nik_of(person: Someone, number: int) -> str:
    """A NIK that fits the person's place, birth and sex, and is nobody else's."""
    assert person.birth is not None
    on = person.birth.on
    assert on is not None
    day = on.day + (40 if person.sex is Sex.FEMALE else 0)
    place = person.area[:8].replace(".", "")
    return f"{place}{day:02}{on:%m%y}{number % 9999 + 1:04}"


def is_special(number: int) -> bool:
    """Whether the person at this place is of special services, and so found by few: one of 20."""
    return number % 20 == 0


def categories_of(person: Someone, number: int, year: int) -> list[str]:
    """What a person of this age is mostly registered for, or special services."""
    assert person.birth is not None
    if is_special(number):
        return ["ODHA"]
    age = year - person.birth.year
    if age >= _OLD:
        return ["LUT", "FM"] if number % 3 == 0 else ["LUT"]
    if age < _ADULT:
        return ["AT"] if number % 2 else ["ADK"]
    return [("FM", "PD", "GLD", "KBA")[number % 4]]


def _mark(numbered: tuple[int, Someone]) -> Row:
    number, person = numbered
    birth = person.birth
    assert birth is not None
    assert birth.precision is Precision.DAY
    return (
        id_of(number), SPELLING, "person", person.area[:5], person.area, sound_text(person.name),
        person.sex, birth.precision, birth.year, birth.on, person.has_nik,
    )  # fmt: skip
