from datetime import UTC, date, datetime, timedelta

import pytest

from services.portal import formats

NOON = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
"""12.00 WIB on 10 March 2026."""


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [(0, 0, "0"), (1234.5, 1, "1.234,5"), (1234567, 0, "1.234.567"), (-1000, 0, "-1.000")],
)
def test_numbers_use_a_dot_for_thousands_and_a_comma_for_decimals(
    value: float, decimals: int, shown: str
) -> None:
    assert formats.number(value, decimals) == shown


def test_dates_carry_indonesian_month_names() -> None:
    names = [formats.long_date(date(2026, month, 1)).split()[1] for month in range(1, 13)]
    assert names == [
        "Januari", "Februari", "Maret", "April", "Mei", "Juni",
        "Juli", "Agustus", "September", "Oktober", "November", "Desember",
    ]  # fmt: skip


def test_a_moment_late_in_utc_is_the_next_day_in_wib() -> None:
    late = datetime(2025, 12, 31, 18, 5, tzinfo=UTC)
    assert formats.full_moment(late) == "1 Januari 2026, 01.05 WIB"


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        (2, "hari ini 14.00"),
        (13, "besok 01.00"),
        (-13, "kemarin 23.00"),
        (72, "13 Mar 12.00"),
        (24 * 365, "10 Mar 2027 12.00"),
    ],
)
def test_near_moments_are_named_by_day_in_wib(hours: int, shown: str) -> None:
    assert formats.moment(NOON + timedelta(hours=hours), NOON) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (30, "kurang dari semenit lagi"),
        (59 * 60, "59 menit lagi"),
        (3 * 3600, "3 jam lagi"),
        (5 * 86400, "5 hari lagi"),
        (-2 * 3600, "lewat 2 jam"),
    ],
)
def test_a_deadline_says_how_long_is_left_or_how_long_it_has_passed(
    seconds: int, shown: str
) -> None:
    assert formats.remaining(NOON + timedelta(seconds=seconds), NOON) == shown


def test_a_local_time_typed_in_a_form_is_wib() -> None:
    assert formats.parse_local("2026-03-10T12:00") == NOON


@pytest.mark.parametrize("text", ["", "besok", "2026-13-40T99:99"])
def test_a_time_that_cannot_be_read_is_none(text: str) -> None:
    assert formats.parse_local(text) is None
