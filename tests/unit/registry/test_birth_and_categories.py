from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.birth import Birth, Precision, local_day
from services.registry.domain.category_rules import category_findings
from services.registry.domain.name import key_of
from services.registry.domain.sex import Sex
from shared.contracts.codes import BeneficiaryKind
from shared.errors import RuleViolated

TODAY = date(2026, 1, 15)


def codes(
    category: str,
    *,
    kind: BeneficiaryKind = BeneficiaryKind.PERSON,
    sex: Sex | None = None,
    birth: Birth | None = None,
) -> list[str]:
    found = category_findings([category], kind=kind, sex=sex, birth=birth, today=TODAY)
    assert all(finding.pointer == "/categories/0" for finding in found)
    return [finding.code for finding in found]


@given(st.dates(date(1897, 1, 1), TODAY))
def test_a_known_day_gives_one_age(day: date) -> None:
    low, high = Birth.on_day(day, today=TODAY).ages(TODAY)
    assert low == high
    assert date(day.year, day.month, min(day.day, 28)).replace(year=day.year + low) <= TODAY


@given(st.dates(date(1897, 1, 1), TODAY))
def test_a_known_year_allows_the_age_of_every_day_in_it(day: date) -> None:
    exact, _ = Birth.on_day(day, today=TODAY).ages(TODAY)
    low, high = Birth.in_year(day.year, today=TODAY).ages(TODAY)
    assert low <= exact <= high


def test_an_estimated_age_is_among_the_ages_it_allows() -> None:
    birth = Birth.at_age(67, today=TODAY)
    low, high = birth.ages(TODAY)
    assert birth.precision is Precision.AGE
    assert low <= 67 <= high


@pytest.mark.parametrize(
    "said",
    [
        {"day": date(2026, 1, 16)},
        {"day": date(1850, 1, 1)},
        {"year": 2027},
        {"year": 1895},
        {"age": -1},
        {"age": 131},
        {},
        {"year": 1990, "age": 35},
    ],
)
def test_an_impossible_or_ambiguous_birth_is_refused(said: dict[str, object]) -> None:
    whole = {"day": None, "year": None, "age": None, **said}
    with pytest.raises(RuleViolated):
        Birth.said(**whole, today=TODAY)  # type: ignore[arg-type]  # the cases mix the fields


def test_the_day_is_that_of_western_indonesia() -> None:
    assert local_day(datetime(2026, 1, 14, 17, 0, tzinfo=UTC)) == date(2026, 1, 15)


def test_age_out_of_a_categorys_range_warns() -> None:
    assert codes("LUT", birth=Birth.at_age(40, today=TODAY)) == ["category-age"]
    assert codes("LUT", birth=Birth.at_age(80, today=TODAY)) == []
    assert codes("ABT", birth=Birth.at_age(9, today=TODAY)) == ["category-age"]
    assert codes("LUT") == []


def test_an_inexact_birth_warns_only_when_no_age_it_allows_fits() -> None:
    assert codes("LUT", birth=Birth.in_year(1966, today=TODAY)) == []
    assert codes("LUT", birth=Birth.in_year(1967, today=TODAY)) == ["category-age"]


def test_sex_and_unit_warn() -> None:
    assert codes("PRSE", sex=Sex.MALE) == ["category-sex"]
    assert codes("PRSE", sex=Sex.FEMALE) == []
    assert codes("LUT", kind=BeneficiaryKind.FAMILY) == ["category-unit"]
    assert codes("KAT") == ["category-unit"]
    assert codes("KBA") == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("  SITI   Aminah ", "siti aminah"),
        ("Mu'in", "mu in"),
        ("José-Maria", "jose maria"),
        ("H. Abd. Rahman", "h abd rahman"),
        ("---", ""),
    ],
)
def test_names_are_compared_without_case_accents_and_punctuation(name: str, key: str) -> None:
    assert key_of(name) == key
