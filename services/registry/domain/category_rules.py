"""Age, sex and unit of the PPKS categories: they warn, for the field knows better than a table."""

from collections.abc import Iterable
from datetime import date

from services.registry.domain.birth import Birth
from services.registry.domain.finding import Finding
from services.registry.domain.sex import Sex
from shared.contracts.codes import BeneficiaryKind
from shared.reference.categories import CATEGORIES, Category


def category_findings(
    codes: Iterable[str],
    *,
    kind: BeneficiaryKind,
    sex: Sex | None,
    birth: Birth | None,
    today: date,
) -> list[Finding]:
    """What does not fit between a beneficiary and the categories given."""
    found: list[Finding] = []
    for place, code in enumerate(codes):
        category = CATEGORIES[code]
        pointer = f"/categories/{place}"
        if birth is not None and not _age_fits(category, birth, today):
            found.append(
                Finding("category-age", pointer, f"Usia di luar batas kategori {category.name}.")
            )
        if sex is not None and category.sex is not None and category.sex != sex:
            found.append(
                Finding(
                    "category-sex",
                    pointer,
                    f"Kategori {category.name} berlaku untuk jenis kelamin lain.",
                )
            )
        if not _unit_fits(category, kind):
            found.append(
                Finding(
                    "category-unit",
                    pointer,
                    f"Kategori {category.name} lazimnya dicatat untuk satuan lain.",
                )
            )
    return found


def _age_fits(category: Category, birth: Birth, today: date) -> bool:
    """An inexact birth fits as long as any age it allows does."""
    youngest, oldest = birth.ages(today)
    if category.min_age is not None and oldest < category.min_age:
        return False
    return category.max_age is None or youngest <= category.max_age


def _unit_fits(category: Category, kind: BeneficiaryKind) -> bool:
    """A member is recorded beside the family, so a family's category fits a person too."""
    if category.unit is BeneficiaryKind.FAMILY:
        return kind in {BeneficiaryKind.FAMILY, BeneficiaryKind.PERSON}
    return kind is category.unit
