from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.errors import InvalidKk
from services.registry.domain.kk import kk_findings, require_kk
from services.registry.domain.point import Point
from shared.errors import RuleViolated

KK = "3508031203120007"
TODAY = date(2026, 1, 15)


@pytest.mark.parametrize(
    "text",
    [
        "",
        KK[:15],
        KK + "1",
        KK[:15] + "x",
        "\u0663" * 16,
        "1" * 16,
        "3508030003120007",
        "3508033203120007",
        "3508031213120007",
        "3508031200120007",
        "3508031203120000",
    ],
)
def test_what_no_family_card_bears_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidKk) as refused:
        require_kk(text)
    assert len(text) < 15 or text not in str(refused.value.detail)


def test_a_womans_nik_typed_as_a_card_is_told_apart() -> None:
    with pytest.raises(InvalidKk, match="NIK"):
        require_kk("3508035203540001")


@pytest.mark.parametrize(
    ("kk", "codes"),
    [
        (KK, []),
        ("9908031203120007", ["kk-area"]),
        ("3508033102120007", ["kk-date"]),
        ("3508031601260007", ["kk-future"]),
        ("3508031501260007", []),
        ("9908033102120007", ["kk-area", "kk-date"]),
    ],
)
def test_what_is_odd_about_a_card_warns(kk: str, codes: list[str]) -> None:
    assert [finding.code for finding in kk_findings(kk, today=TODAY)] == codes
    assert all(kk not in finding.detail for finding in kk_findings(kk, today=TODAY))


@given(st.text("0123456789", min_size=16, max_size=16))
def test_any_digits_are_either_refused_or_judged(text: str) -> None:
    try:
        require_kk(text)
    except InvalidKk:
        return
    kk_findings(text, today=TODAY)


@pytest.mark.parametrize("at", [(-8.2, 113.05), (5.9, 95.2), (-10.9, 122.8), (-8.5, 141.0)])
def test_a_point_lies_in_indonesia(at: tuple[float, float]) -> None:
    assert Point.at(*at) == Point(*at)


@pytest.mark.parametrize("at", [(113.05, -8.2), (14.6, 121.0), (-12.4, 130.8), (0.0, 0.0)])
def test_a_point_elsewhere_or_turned_round_is_refused(at: tuple[float, float]) -> None:
    with pytest.raises(RuleViolated):
        Point.at(*at)
