"""The invented workers and people in need of the demonstration: Kabupaten Lumajang and around."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from shared.contracts.codes import BeneficiaryKind, Role
from shared.reference.areas import children

NAMESPACE: Final = UUID("7c1f6a52-9a53-4f0e-8d8e-0d5ab2a4a6d1")
REGENCY: Final = "35.08"
CANDIPURO: Final = "35.08.03"
STAFFED_DISTRICTS: Final = ("35.08.03", "35.08.02", "35.08.04")
"""Candipuro, Pronojiwo and Pasirian on the slopes of Semeru have workers in every village."""
NEIGHBOURS: Final = {"35.09": "jember", "35.13": "probolinggo", "35.07": "malang"}
SINCE: Final = date(2024, 1, 1)
BENEFICIARIES: Final = 320

_GIVEN_F: Final = ("Sulastri", "Wagiyem", "Ngatini", "Partini", "Sri Wahyuni", "Siti Aminah",
                   "Dewi Lestari", "Tumini", "Rahayu", "Endang", "Yuliana", "Fitri")  # fmt: skip
_GIVEN_M: Final = ("Slamet", "Sutrisno", "Paimin", "Suparman", "Bambang", "Joko Santoso",
                   "Ahmad Fauzi", "Misdi", "Kusnan", "Hariyanto", "Rohman", "Wahyudi")  # fmt: skip
_FAMILY: Final = ("", "", "Wibowo", "Handoko", "Lestari", "Purnomo", "Astuti", "Kurniawan")


@dataclass(frozen=True, slots=True)
class DemoWorker:
    """An invented worker: a user name and the duties behind it."""

    username: str
    name: str
    duties: tuple[tuple[str, str, Role], ...]

    @property
    def id(self) -> UUID:
        """The same at every start."""
        return uuid5(NAMESPACE, f"worker:{self.username}")

    def duty_id(self, place: int) -> UUID:
        """The same at every start."""
        return uuid5(NAMESPACE, f"duty:{self.username}:{place}")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An invented person or family in need."""

    number: int
    name: str
    sex: str | None
    born: int | None
    kind: BeneficiaryKind
    area: str
    category: str

    @property
    def id(self) -> UUID:
        """The same at every start."""
        return uuid5(NAMESPACE, f"beneficiary:{self.number}")


def workers() -> list[DemoWorker]:
    """Everybody with an account, each user name once."""
    chance = random.Random(35_08)  # noqa: S311 - invented people, the same at every start
    found: dict[str, DemoWorker] = {}
    for username, *duties in _posts():
        if username not in found:
            name = _name(chance, chance.choice("FM"))
            found[username] = DemoWorker(username, f"{name} (demo)", tuple(duties))
    return list(found.values())


def people() -> Iterator[DemoPerson]:
    """A few hundred people in need in the staffed villages."""
    chance = random.Random(35_09)  # noqa: S311 - same
    villages = [code for district in STAFFED_DISTRICTS for code, _ in children(district)]
    for number in range(BENEFICIARIES):
        category, kind, sex, ages = chance.choice(_KINDS)
        sex = sex or chance.choice("FM")
        person = kind is BeneficiaryKind.PERSON
        name = _name(chance, sex)
        yield DemoPerson(
            number=number,
            name=f"{name} (demo)" if person else f"Keluarga {name} (demo)",
            sex=sex if person else None,
            born=2026 - chance.randint(*ages) if person else None,
            kind=kind,
            area=chance.choice(villages),
            category=category,
        )


_KINDS: Final = (
    ("LUT", BeneficiaryKind.PERSON, None, (62, 88)),
    ("LUT", BeneficiaryKind.PERSON, None, (62, 88)),
    ("PD", BeneficiaryKind.PERSON, None, (19, 59)),
    ("ADK", BeneficiaryKind.PERSON, None, (3, 16)),
    ("PRSE", BeneficiaryKind.PERSON, "F", (20, 58)),
    ("GLD", BeneficiaryKind.PERSON, None, (25, 70)),
    ("AT", BeneficiaryKind.PERSON, None, (7, 17)),
    ("FM", BeneficiaryKind.FAMILY, None, (30, 60)),
    ("KBA", BeneficiaryKind.FAMILY, None, (30, 60)),
)


def _posts() -> Iterator[tuple[str, *tuple[tuple[str, str, Role], ...]]]:
    worker, coordinator = Role.WORKER, Role.COORDINATOR
    yield ("admin", ("DINSOS", "35", Role.ADMIN))
    yield ("dinsos.lumajang", ("DINSOS", REGENCY, Role.DINSOS))
    yield ("ppdp.lumajang", ("DINSOS", REGENCY, Role.DATA_PROTECTION))
    yield (
        "koordinator.lumajang",
        *(
            (pillar, REGENCY, coordinator)
            for pillar in ("TKSK", "PSM", "PENSOSMAS", "TAGANA", "KARANG_TARUNA")
        ),
    )
    for number in range(1, 5):
        suffix = "" if number == 1 else str(number)
        yield (f"tagana{suffix}.lumajang", ("TAGANA", REGENCY, worker))
    for area, slug in NEIGHBOURS.items():
        yield (f"dinsos.{slug}", ("DINSOS", area, Role.DINSOS))
        yield (f"tagana.{slug}", ("TAGANA", area, worker))
    for district, name in children(REGENCY):
        yield (f"tksk.{_slug(name)}", ("TKSK", district, worker))
    for district in STAFFED_DISTRICTS:
        for village, name in children(district):
            slug = _slug(name)
            yield (f"psm.{slug}", ("PSM", village, worker))
            yield (f"karangtaruna.{slug}", ("KARANG_TARUNA", village, worker))
            if district == CANDIPURO:
                yield (f"pensosmas.{slug}", ("PENSOSMAS", village, worker))
                yield (f"kades.{slug}", ("DESA_GOV", village, Role.VILLAGE_HEAD))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _name(chance: random.Random, sex: str) -> str:
    given = chance.choice(_GIVEN_F if sex == "F" else _GIVEN_M)
    return f"{given} {chance.choice(_FAMILY)}".strip()
