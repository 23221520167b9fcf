"""The 26 PPKS categories of Permensos 8/2012."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.contracts.codes import BeneficiaryKind, Confidentiality, Urgency
from shared.errors import RuleViolated
from shared.reference.tables import rows


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


class UnknownCategory(RuleViolated):
    """No PPKS category has this code."""

    code = "unknown-category"
    title = "Kategori PPKS tidak dikenal"
    title_en = "Unknown PPKS category"


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
    )


CATEGORIES: Final[Mapping[str, Category]] = {
    category.code: category for category in map(_category, rows("categories.csv"))
}


def require_category(code: str, pointer: str = "/category") -> Category:
    """The category with this code; raises `UnknownCategory` pointing at the field."""
    category = CATEGORIES.get(code)
    if category is None:
        raise UnknownCategory("Tidak ada kategori PPKS dengan kode ini.", pointer)
    return category


def sensitivity_of(codes: Iterable[str]) -> Confidentiality:
    """The highest sensitivity among categories; C1 when there is none."""
    return max((CATEGORIES[code].sensitivity for code in codes), default=Confidentiality.C1)
