import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.directory.domain.duty import HeldDuty, day_of, require_sound
from services.directory.domain.errors import (
    AbsenceOverlaps,
    DutyEnded,
    PeriodPast,
    PeriodReversed,
    UnfitStandIn,
    WorkerGone,
)
from services.directory.domain.worker import Absence, Worker
from services.directory.use_cases.worker_scope import actor_of
from shared.contracts.codes import Role
from shared.contracts.directory import WorkerAbsent, WorkerChanged, WorkerJoined, WorkerLeft
from shared.errors import NotFound
from shared.reference.areas import UnknownArea
from shared.reference.pillars import UnknownPillar
from tests.conftest import CANDIPURO, SUMBERWULUH

TODAY = date(2026, 5, 4)
DAY = timedelta(days=1)


def duty(
    pillar: str = "PSM",
    area: str = SUMBERWULUH,
    *,
    starts: int = -100,
    ends: int | None = None,
    organisation_id: uuid.UUID | None = None,
) -> HeldDuty:
    return HeldDuty(
        id=uuid.uuid4(),
        pillar=pillar,
        area=area,
        role=Role.WORKER,
        starts_on=TODAY + starts * DAY,
        ends_on=None if ends is None else TODAY + ends * DAY,
        organisation_id=organisation_id,
    )


def worker(*duties: HeldDuty) -> Worker:
    """A worker as loaded from storage, in version 3."""
    held = list(duties) or [duty()]
    active = any(not one.has_ended(TODAY) for one in held)
    return Worker(uuid.uuid4(), "Sulastri", 3, is_active=active, duties=held)


def absence(first: int, last: int, stand_in: Worker | None = None) -> Absence:
    return Absence(
        uuid.uuid4(), TODAY + first * DAY, TODAY + last * DAY, stand_in.id if stand_in else None
    )


def test_days_change_at_midnight_in_western_indonesia() -> None:
    assert day_of(datetime(2026, 5, 4, 16, 59, tzinfo=UTC)) == date(2026, 5, 4)
    assert day_of(datetime(2026, 5, 4, 17, 0, tzinfo=UTC)) == date(2026, 5, 5)


@pytest.mark.parametrize(
    ("starts", "ends", "current"),
    [(0, None, True), (-9, 0, True), (1, None, False), (-9, -1, False), (0, 0, True)],
)
def test_a_duty_is_in_force_on_its_first_and_its_last_day(
    starts: int, ends: int | None, *, current: bool
) -> None:
    assert duty(starts=starts, ends=ends).is_current(TODAY) is current


def test_expired_and_future_duties_never_get_into_a_token() -> None:
    now, past, future = duty(), duty("TKSK", CANDIPURO, ends=-1), duty("TAGANA", "35.08", starts=1)
    actor = actor_of(worker(now, past, future), TODAY)
    assert [held.pillar for held in actor.duties] == ["PSM"]
    assert actor.name == ""


def test_joining_states_every_duty_but_no_name() -> None:
    joined = Worker.join(uuid.uuid4(), "Sulastri", [duty(), duty(starts=3)], TODAY)
    state = joined.state()
    assert isinstance(state, WorkerJoined)
    assert state.active
    assert len(state.duties) == 2
    assert "Sulastri" not in state.model_dump_json()


def test_a_duty_ended_at_once_is_not_in_force_today() -> None:
    held, other = duty(), duty("TKSK", CANDIPURO)
    ended = worker(held, other)
    ended.end_duty(held.id, None, TODAY)
    assert ended.current_duties(TODAY) == [other]
    assert isinstance(ended.state(), WorkerChanged)
    assert ended.state().active


def test_the_end_of_the_last_duty_states_that_the_worker_left() -> None:
    held = duty()
    gone = worker(held, duty(ends=-5))
    gone.end_duty(held.id, None, TODAY)
    assert isinstance(gone.state(), WorkerLeft)
    assert not gone.state().active


def test_a_duty_that_will_end_keeps_the_worker_until_then() -> None:
    held = duty()
    staying = worker(held)
    staying.end_duty(held.id, TODAY + DAY, TODAY)
    assert isinstance(staying.state(), WorkerChanged)
    assert staying.is_active


def test_a_duty_not_begun_yet_can_be_called_off() -> None:
    future = duty(starts=10)
    staying = worker(duty(), future)
    staying.end_duty(future.id, None, TODAY)
    called_off = staying.duty(future.id)
    assert called_off.has_ended(TODAY)
    assert not any(called_off.is_current(TODAY + days * DAY) for days in range(-20, 20))


def test_an_ended_duty_cannot_end_again_and_an_unknown_one_is_not_found() -> None:
    held = duty(ends=-1)
    with pytest.raises(DutyEnded):
        worker(held, duty()).end_duty(held.id, None, TODAY)
    with pytest.raises(NotFound):
        worker().end_duty(uuid.uuid4(), None, TODAY)


def test_a_duty_cannot_end_before_it_began() -> None:
    held = duty(starts=0)
    with pytest.raises(PeriodReversed):
        worker(held).end_duty(held.id, TODAY - DAY, TODAY)


def test_a_worker_who_left_is_back_with_a_new_duty() -> None:
    back = worker(duty(ends=-1))
    assert not back.is_active
    back.take_duty(duty("TKSK", CANDIPURO), TODAY)
    assert isinstance(back.state(), WorkerChanged)
    assert back.state().active


def test_a_duty_already_over_is_not_given() -> None:
    with pytest.raises(PeriodPast):
        worker().take_duty(duty(ends=-1), TODAY)


def test_leaving_is_stated_only_when_every_duty_has_ended() -> None:
    staying = worker(duty())
    staying.leave(TODAY)
    assert staying.fact is None
    ran_out = replace(worker(duty(ends=-1)), is_active=True)
    ran_out.leave(TODAY)
    assert isinstance(ran_out.state(), WorkerLeft)


def test_an_absence_is_stated_with_its_stand_in() -> None:
    absent, stand_in = worker(), worker(duty("PSM", CANDIPURO))
    absent.announce_absence(absence(0, 3, stand_in), stand_in, TODAY)
    state = absent.state()
    assert isinstance(state, WorkerAbsent)
    assert state.absences[0].stand_in_id == stand_in.id
    assert absent.absent_until(TODAY) == TODAY + 3 * DAY
    assert absent.absent_until(TODAY + 4 * DAY) is None


@pytest.mark.parametrize(("first", "last", "error"), [(3, 1, PeriodReversed), (-9, -1, PeriodPast)])
def test_an_absence_must_be_a_period_still_to_come(
    first: int, last: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        worker().announce_absence(absence(first, last), None, TODAY)


def test_a_second_absence_on_the_same_day_is_refused() -> None:
    absent = worker()
    absent.announce_absence(absence(1, 5), None, TODAY)
    with pytest.raises(AbsenceOverlaps):
        absent.announce_absence(absence(5, 6), None, TODAY)
    absent.announce_absence(absence(6, 6), None, TODAY)


def test_who_left_cannot_be_absent() -> None:
    with pytest.raises(WorkerGone):
        worker(duty(ends=-1)).announce_absence(absence(0, 1), None, TODAY)


@pytest.mark.parametrize(
    "other",
    [
        duty("TKSK", CANDIPURO),
        duty("PSM", "35.08.03.2001"),
        duty("PSM", CANDIPURO, ends=2),
        duty("PSM", CANDIPURO, starts=2),
    ],
    ids=["other pillar", "other village", "ends too early", "begins too late"],
)
def test_a_stand_in_must_hold_the_pillar_in_the_area_on_all_days(other: HeldDuty) -> None:
    stand_in = worker(other)
    with pytest.raises(UnfitStandIn):
        worker().announce_absence(absence(1, 3, stand_in), stand_in, TODAY)


def test_a_stand_in_must_match_every_duty_and_its_organisation() -> None:
    lks = uuid.uuid4()
    absent = worker(duty("PSM"), duty("LKS", "35.08", organisation_id=lks))
    one_pillar = worker(duty("PSM"))
    other_body = worker(duty("PSM"), duty("LKS", "35.08", organisation_id=uuid.uuid4()))
    same_body = worker(duty("PSM"), duty("LKS", "35.08", organisation_id=lks))
    for unfit in (one_pillar, other_body, absent):
        with pytest.raises(UnfitStandIn):
            absent.announce_absence(absence(1, 3, unfit), unfit, TODAY)
    absent.announce_absence(absence(1, 3, same_body), same_body, TODAY)


def test_who_is_absent_too_cannot_stand_in() -> None:
    stand_in = worker(duty("PSM", CANDIPURO))
    stand_in.announce_absence(absence(3, 4), None, TODAY)
    with pytest.raises(UnfitStandIn):
        worker().announce_absence(absence(1, 3, stand_in), stand_in, TODAY)


def test_an_import_of_the_same_states_nothing() -> None:
    held = duty()
    same = worker(held)
    same.amend("Sulastri", [held], TODAY)
    assert same.fact is None
    same.amend("Sulastri", [replace(held, ends_on=TODAY + DAY)], TODAY)
    assert isinstance(same.state(), WorkerChanged)


def test_a_duty_needs_a_known_pillar_a_known_area_and_days_in_order() -> None:
    with pytest.raises(UnknownPillar):
        require_sound(duty("POLISI"))
    with pytest.raises(UnknownArea):
        require_sound(duty(area="35.99"))
    with pytest.raises(PeriodReversed):
        require_sound(duty(starts=2, ends=1))
    require_sound(duty())
