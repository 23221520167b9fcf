"""The PPKS categories: the 26 of Permensos 8/2012, each with the days between which it holds.

A list that replaces this one adds rows and ends others. An ended category is given to nobody any
more and stays readable where it was given; `maps_to` says what took its place.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.contracts.codes import BeneficiaryKind, Confidentiality, Urgency
from shared.errors import RuleViolated
from shared.reference.tables import rows

_BETWEEN_ALIASES: Final = re.compile(r"[,()]")


@dataclass(frozen=True, slots=True)
class Category:
    """One category; ages are completed years and only ever warn."""

    number: int
    code: str
    name: str
    name_en: str
    unit: BeneficiaryKind
    cluster: str
    sensitivity: Confidentiality
    default_urgency: Urgency
    min_age: int | None
    max_age: int | None
    sex: str | None
    valid_from: date
    valid_to: date | None
    """The last day on which it is given."""
    maps_to: str | None
    aliases: tuple[str, ...]
    """What else it is called in the field."""

    def holds_on(self, day: date) -> bool:
        """Whether it may be given on this day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class UnknownCategory(RuleViolated):
    """No PPKS category has this code."""

    code = "unknown-category"
    title = "Kategori PPKS tidak dikenal"
    title_en = "Unknown PPKS category"


class EndedCategory(RuleViolated):
    """The category is not given any more."""

    code = "ended-category"
    title = "Kategori PPKS ini sudah tidak dipakai"
    title_en = "This PPKS category is no longer in use"


def _category(row: dict[str, str]) -> Category:
    return Category(
        number=int(row["no"]),
        code=row["code"],
        name=row["name_id"],
        name_en=row["name_en"],
        unit=BeneficiaryKind(row["unit_of_record"].lower()),
        cluster=row["cluster_code"],
        sensitivity=Confidentiality(row["sensitivity"]),
        default_urgency=Urgency(row["default_urgency"].lower()),
        min_age=int(row["min_age"]) if row["min_age"] else None,
        max_age=int(row["max_age"]) if row["max_age"] else None,
        sex=None if row["sex_rule"] == "ANY" else row["sex_rule"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        maps_to=row["maps_to"] or None,
        aliases=tuple(filter(None, map(str.strip, _BETWEEN_ALIASES.split(row["alias_id"])))),
    )


CATEGORIES: Final[Mapping[str, Category]] = {
    category.code: category for category in map(_category, rows("categories.csv"))
}


def categories_on(day: date) -> list[Category]:
    """The categories that may be given on this day, in the order of the list."""
    return [category for category in CATEGORIES.values() if category.holds_on(day)]


def require_category(code: str, pointer: str = "/category", *, on: date | None = None) -> Category:
    """The category with this code; raises `UnknownCategory` pointing at the field.

    With a day, raises `EndedCategory` for one that may not be given on it.
    """
    category = CATEGORIES.get(code)
    if category is None:
        raise UnknownCategory("Tidak ada kategori PPKS dengan kode ini.", pointer)
    if on is not None and not category.holds_on(on):
        successor = CATEGORIES.get(category.maps_to or "")
        instead = f" Pakai {successor.name}." if successor else ""
        raise EndedCategory(f"{category.name} sudah tidak dipakai.{instead}", pointer)
    return category


def sensitivity_of(codes: Iterable[str]) -> Confidentiality:
    """The highest sensitivity among categories; C1 when there is none."""
    return max((CATEGORIES[code].sensitivity for code in codes), default=Confidentiality.C1)
