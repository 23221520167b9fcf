"""Working time: weekends, national holidays and joint leave stand still, in the area's own zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference.working_days import CLOCK_TIME, WorkingTime, working_time, zone_of

WIB = timezone(timedelta(hours=7))
JAKARTA, MAKASSAR, JAYAPURA = "31.71.01", "73.71.01", "91.71.01"
# From where, so many working hours, where that ends; local time of Jakarta. The days off are those
# of the joint decrees of three ministers (SKB 3 Menteri) for 2024 and 2025.
SPANS = """
2025-02-10 09:00    8  2025-02-10 17:00  a Monday's hours
2025-02-13 15:00   24  2025-02-14 15:00  Thursday to Friday
2025-02-14 15:00   24  2025-02-17 15:00  over a weekend
2025-02-15 10:00    1  2025-02-17 01:00  begun on a Saturday
2025-02-16 23:59   24  2025-02-18 00:00  begun on a Sunday
2025-01-24 12:00   24  2025-01-30 12:00  27 Isra Miraj, 28 joint leave, 29 Imlek
2025-03-27 12:00   24  2025-04-08 12:00  Nyepi, Idulfitri and their joint leave: 28 March to 7 April
2025-04-30 12:00   24  2025-05-02 12:00  1 May, Labour Day
2025-08-15 12:00   24  2025-08-19 12:00  17 August is a Sunday; 18 August joint leave
2025-12-24 12:00   24  2025-12-29 12:00  Christmas and the joint leave of 26 December
2024-02-07 12:00   24  2024-02-12 12:00  8 Isra Miraj, 9 joint leave
2024-04-05 12:00   24  2024-04-16 12:00  Idulfitri with joint leave, 8 to 15 April
2024-02-13 12:00   24  2024-02-15 12:00  14 February 2024, day of the general election
"""
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))
moments = st.datetimes(
    min_value=datetime(2023, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)
zones = st.sampled_from([JAKARTA, MAKASSAR, JAYAPURA])


def local(day: str, time: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=WIB)


@pytest.mark.parametrize("line", SPANS.strip().splitlines())
def test_a_working_span_ends_where_the_calendar_says(line: str) -> None:
    day, time, hours, end_day, end_time, *_ = line.split()
    start, end = local(day, time), local(end_day, end_time)
    span = timedelta(hours=int(hours))
    assert working_time(JAKARTA).later(start, span) == end
    assert working_time(JAKARTA).between(start, end) == span


@pytest.mark.parametrize(
    ("area", "hours"),
    [
        ("11.01", 7), ("31.71", 7), ("35.08.03", 7), ("36.71", 7), ("61.01", 7), ("62.01", 7),
        ("51.71", 8), ("52.01", 8), ("53.01", 8), ("63.01", 8), ("64.01", 8), ("65.01", 8),
        ("71.01", 8), ("72.01", 8), ("73.71", 8), ("74.01", 8), ("75.01", 8), ("76.01", 8),
        ("81.01", 9), ("82.01", 9), ("91.71", 9), ("92.01", 9), ("93.01", 9), ("94.01", 9),
        ("95.01", 9), ("96.01", 9),
    ],
)  # fmt: skip
def test_each_province_counts_in_its_own_zone(area: str, hours: int) -> None:
    assert zone_of(area).utcoffset(None) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("area", "ends"),
    # Friday 14 February 2025, 16:00 UTC: 23:00 in Jakarta, Saturday already further east.
    [
        (JAKARTA, datetime(2025, 2, 16, 18, tzinfo=UTC)),
        (MAKASSAR, datetime(2025, 2, 16, 18, tzinfo=UTC)),
        (JAYAPURA, datetime(2025, 2, 16, 17, tzinfo=UTC)),
    ],
)
def test_a_weekend_begins_at_midnight_of_the_area(area: str, ends: datetime) -> None:
    start = datetime(2025, 2, 14, 16, tzinfo=UTC)
    assert working_time(area).later(start, timedelta(hours=2)) == ends


@given(start=moments, span=spans, area=zones)
def test_later_and_between_undo_each_other(start: datetime, span: timedelta, area: str) -> None:
    calendar = working_time(area)
    end = calendar.later(start, span)
    assert calendar.between(start, end) == span
    assert end >= start + span
    assert calendar.between(calendar.later(start, -span), start) == span


@given(start=moments, first=spans, second=spans, area=zones)
def test_two_spans_in_a_row_are_one_long_span(
    start: datetime, first: timedelta, second: timedelta, area: str
) -> None:
    calendar = working_time(area)
    assert calendar.later(calendar.later(start, first), second) == calendar.later(
        start, first + second
    )


@given(start=moments, earlier=spans, area=zones)
def test_time_never_runs_backward(start: datetime, earlier: timedelta, area: str) -> None:
    calendar = working_time(area)
    assert timedelta(0) <= calendar.between(start - earlier, start) <= earlier


@given(start=moments, span=spans)
def test_by_the_clock_every_hour_counts(start: datetime, span: timedelta) -> None:
    assert CLOCK_TIME.later(start, span) - start == span
    assert CLOCK_TIME.between(start, start + span) == span


def test_beyond_the_known_years_the_clock_counts() -> None:
    far = datetime(2045, 12, 29, tzinfo=UTC)
    assert WorkingTime(WIB).later(far, timedelta(days=30)) == far + timedelta(days=30)
