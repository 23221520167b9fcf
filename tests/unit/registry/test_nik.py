from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.birth import Birth
from services.registry.domain.errors import InvalidNik
from services.registry.domain.nik import mask, nik_findings, require_nik
from services.registry.domain.sex import Sex

TODAY = date(2026, 1, 15)
digits = st.text("0123456789", min_size=16, max_size=16)


@st.composite
def niks(draw: st.DrawFn) -> str:
    """Any number the hard rules must let through."""
    area = draw(st.text("0123456789", min_size=6, max_size=6))
    day = draw(st.integers(1, 31)) + draw(st.sampled_from((0, 40)))
    month = draw(st.integers(1, 12))
    year = draw(st.integers(0, 99))
    serial = draw(st.integers(1, 9999))
    nik = f"{area}{day:02}{month:02}{year:02}{serial:04}"
    return nik if len(set(nik)) > 1 else f"{nik[:-1]}2"


def codes(nik: str, sex: Sex | None = None, birth: Birth | None = None) -> set[str]:
    return {finding.code for finding in nik_findings(nik, sex=sex, birth=birth)}


def on(year: int, month: int, day: int) -> Birth:
    return Birth.on_day(date(year, month, day), today=TODAY)


@given(niks())
def test_every_number_of_the_right_shape_is_a_nik(nik: str) -> None:
    assert require_nik(nik) == nik


@given(digits)
def test_sixteen_digits_are_a_nik_exactly_when_day_month_serial_and_variety_hold(text: str) -> None:
    day, month = int(text[6:8]), int(text[8:10])
    expected = (
        (1 <= day <= 31 or 41 <= day <= 71)
        and 1 <= month <= 12
        and text[12:] != "0000"
        and len(set(text)) > 1
    )
    try:
        require_nik(text)
    except InvalidNik:
        assert not expected
    else:
        assert expected


@given(st.text(max_size=40).filter(lambda text: len(text) != 16))
def test_nothing_but_sixteen_characters_is_a_nik(text: str) -> None:
    with pytest.raises(InvalidNik):
        require_nik(text)


@given(niks(), st.integers(0, 15), st.characters(exclude_characters="0123456789"))
def test_a_single_other_character_makes_it_no_nik(nik: str, place: int, other: str) -> None:
    with pytest.raises(InvalidNik):
        require_nik(nik[:place] + other + nik[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3508030001900001",  # day 00
        "3508033201900001",  # day 32
        "3508034001900001",  # day 40 is a woman's day 0
        "3508037201900001",  # day 72
        "3508030100900001",  # month 00
        "3508030113900001",  # month 13
        "3508030101900000",  # serial 0000
        "1111111111111111",
        "３５０８０３０１０１９００００１",  # full-width digits  # noqa: RUF001 - on purpose
        "3508030101900001\n",
    ],
)
def test_what_no_nik_can_be_is_refused(text: str) -> None:
    with pytest.raises(InvalidNik):
        require_nik(text)


@given(niks())
def test_a_refusal_never_repeats_the_number(nik: str) -> None:
    wrong = nik[:12] + "0000"
    with pytest.raises(InvalidNik) as refused:
        require_nik(wrong)
    assert wrong not in f"{refused.value}{refused.value.detail}{refused.value.extra}"


@given(
    niks(), st.sampled_from([None, *Sex]), st.one_of(st.none(), st.dates(date(1900, 1, 1), TODAY))
)
def test_soft_rules_never_block(nik: str, sex: Sex | None, day: date | None) -> None:
    birth = Birth.on_day(day, today=TODAY) if day else None
    assert codes(nik, sex, birth) <= {"nik-area", "nik-date", "nik-birth", "nik-sex"}


def test_a_nik_that_agrees_with_the_form_is_not_remarked_on() -> None:
    assert codes("3508035203540001", Sex.FEMALE, on(1954, 3, 12)) == set()


def test_a_day_over_forty_means_a_woman() -> None:
    assert codes("3508035203540001", Sex.MALE) == {"nik-sex"}
    assert codes("3508031203540001", Sex.FEMALE) == {"nik-sex"}
    assert codes("3508031203540001", Sex.MALE) == set()


def test_an_unknown_area_is_remarked_on() -> None:
    assert codes("9908031203540001") == {"nik-area"}
    assert codes("3508991203540001") == {"nik-area"}


def test_a_date_no_calendar_has_is_remarked_on() -> None:
    assert codes("3508033102540001") == {"nik-date"}


@pytest.mark.parametrize("birth", [on(1954, 3, 13), on(1954, 4, 12), on(1955, 3, 12)])
def test_another_birth_date_is_remarked_on(birth: Birth) -> None:
    assert codes("3508035203540001", birth=birth) == {"nik-birth"}


def test_the_century_is_never_guessed_from_a_nik() -> None:
    assert codes("3508030101200001", birth=on(1920, 1, 1)) == set()
    assert codes("3508030101200001", birth=on(2020, 1, 1)) == set()


def test_an_inexact_birth_is_compared_only_as_far_as_it_is_known() -> None:
    assert codes("3508035203540001", birth=Birth.in_year(1954, today=TODAY)) == set()
    assert codes("3508035203540001", birth=Birth.in_year(1953, today=TODAY)) == {"nik-birth"}
    assert codes("3508035203540001", birth=Birth.at_age(40, today=TODAY)) == set()


@given(niks())
def test_a_masked_nik_shows_four_digits_at_each_end_and_hides_the_birth_date(nik: str) -> None:
    assert mask(nik) == nik[:4] + "********" + nik[-4:]
    assert len(mask(nik)) == 16
