"""When alarms ring: what the clocks reckon in short is what the table of alarms says."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.clocks import ALARMS, Alarm, Clocks, Limits
from shared.contracts.codes import Deadline
from tests.unit.cases.story import NOON, VILLAGE

MINUTES = st.integers(-60 * 24 * 20, 60 * 24 * 20)
MOMENTS = MINUTES.map(lambda minutes: NOON + timedelta(minutes=minutes))
MAYBE = st.none() | MOMENTS
SPANS = st.integers(1, 60 * 24 * 9).map(lambda minutes: timedelta(minutes=minutes))
CLOCKS = st.builds(
    Clocks,
    reply_by=MAYBE,
    act_by=MAYBE,
    close_by=MAYBE,
    paused_at=MAYBE,
    hold_until=MAYBE,
    rung_until=MAYBE,
)
LIMITS = st.builds(Limits, SPANS, SPANS, SPANS, st.booleans())


def test_only_limits_that_say_so_are_counted_in_working_time() -> None:
    span = timedelta(days=7)
    friday = NOON + timedelta(days=4)
    later = {
        working: Limits(span, span, span, working).calendar(VILLAGE).later(friday, span)
        for working in (False, True)
    }
    assert later[False] == friday + span
    assert later[True] > friday + span


def unrung(clocks: Clocks, limits: Limits) -> list[Alarm]:
    """Every alarm of every deadline that runs and has not rung, as the table has them."""
    due = {Deadline.REPLY: clocks.reply_by, Deadline.HOLD: clocks.hold_until}
    if clocks.paused_at is None:
        due = {
            Deadline.REPLY: clocks.reply_by,
            Deadline.ACT: clocks.act_by,
            Deadline.CLOSE: clocks.close_by,
        }
    calendar = limits.calendar(VILLAGE)
    alarms = [
        Alarm(
            deadline,
            stage,
            calendar.later(due_at, limits.of(deadline) * portion) if portion else due_at,
            due_at,
        )
        for deadline, due_at in due.items()
        if due_at is not None
        for stage, portion in ALARMS[deadline]
    ]
    return [one for one in alarms if clocks.rung_until is None or one.at > clocks.rung_until]


@given(CLOCKS, LIMITS, MOMENTS)
def test_of_each_deadline_the_last_alarm_that_is_due_rings(
    clocks: Clocks, limits: Limits, now: datetime
) -> None:
    last: dict[Deadline, Alarm] = {}
    for alarm in unrung(clocks, limits):
        if alarm.at <= now:
            last[alarm.deadline] = alarm
    expected = sorted(last.values(), key=lambda alarm: alarm.at)
    assert clocks.ringing(now, limits, limits.calendar(VILLAGE)) == expected


@given(CLOCKS, LIMITS)
def test_the_next_alarm_is_the_earliest_that_has_not_rung(clocks: Clocks, limits: Limits) -> None:
    expected = min((alarm.at for alarm in unrung(clocks, limits)), default=None)
    assert clocks.next_alarm_at(limits, limits.calendar(VILLAGE)) == expected
