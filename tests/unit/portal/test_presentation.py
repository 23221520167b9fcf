"""Codes on a page: an icon, a tone and a word for each, and never a blank."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.portal import presentation
from services.portal.assets import Assets
from services.portal.clients.cases import Referral, Work
from services.portal.clients.directory import DutyHeld, Worker
from services.portal.clients.reference import Reference
from services.portal.pages.area_choices import choices_for
from services.portal.pages.worklist import Filter
from services.portal.rendering import templates
from services.portal.sessions import Visitor
from shared.contracts.codes import ReferralStatus, Role, Urgency
from tests.integration.portal.answers import cases
from tests.integration.portal.answers.known import ME, in_hours

ENVIRONMENT = templates(Assets())
REFERENCE = Reference.model_validate(cases.reference())
VISITOR = Visitor(Worker(id=UUID(ME), name="Rahmat Hidayat"), "token")
NOW = datetime.now(UTC)


@pytest.mark.parametrize("status", list(ReferralStatus))
def test_every_status_has_a_look_and_its_word_on_the_card(status: ReferralStatus) -> None:
    assert status in presentation.STATUSES
    shown = _cards([Work.model_validate(cases.work(status=status))])
    assert f"#{presentation.STATUSES[status].icon}" in shown
    assert cases.LABELS[status] in shown


@pytest.mark.parametrize("status", list(ReferralStatus))
def test_every_status_has_its_word_on_the_referral(status: ReferralStatus) -> None:
    shown = _facts(Referral.model_validate(cases.referral(status=status)))
    assert cases.LABELS[status] in shown


@pytest.mark.parametrize("urgency", list(Urgency))
def test_every_urgency_has_a_look(urgency: Urgency) -> None:
    assert urgency in presentation.URGENCIES


def test_a_status_nobody_listed_is_shown_all_the_same() -> None:
    shown = _cards([Work.model_validate(cases.work(status="parked"))])
    assert "parked" in shown
    assert f"#{presentation.PLAIN.icon}" in shown


def test_a_restricted_referral_never_names_its_category() -> None:
    row = cases.work(confidentiality="C3", category="ODHA", situation="HIV_SUPPORT")
    assert "HIV" not in (shown := _cards([Work.model_validate(row)]))
    assert presentation.SPECIAL_SERVICE in shown


def test_what_people_wrote_is_text_and_never_markup() -> None:
    row = cases.referral(need="<script>alert(1)</script>")
    assert "<script>alert" not in _facts(Referral.model_validate(row))


def test_the_next_clock_is_the_earliest_still_open() -> None:
    row = cases.work(reply_by=None, act_by=in_hours(2))
    clock = presentation.next_clock(Work.model_validate(row))
    assert clock is not None
    assert clock.word == "Mulai"
    assert clock.by - NOW < timedelta(hours=3)


def test_a_referral_without_open_clocks_has_no_next_one() -> None:
    row = cases.work(reply_by=None, act_by=None, close_by=None)
    assert presentation.next_clock(Work.model_validate(row)) is None


def test_a_village_worker_has_only_the_own_village_to_choose() -> None:
    assert choices_for([_duty("35.08.03.2005")]).only == "35.08.03.2005"


def test_a_district_worker_chooses_among_the_villages_of_the_district() -> None:
    choices = choices_for([_duty("35.08.03")])
    assert [group.label for group in choices.groups] == ["Kec. Candipuro"]
    assert all(code.startswith("35.08.03.") for code, _ in choices.groups[0].villages)
    assert choices.only is None


def test_overlapping_duties_list_a_village_once() -> None:
    choices = choices_for([_duty("35.08.03"), _duty("35.08.03.2005")])
    codes = [code for group in choices.groups for code, _ in group.villages]
    assert len(codes) == len(set(codes))


def test_a_province_worker_chooses_a_regency_first() -> None:
    choices = choices_for([_duty("35")])
    assert not choices.groups
    assert "35.08" in {code for code, _ in choices.regencies}
    assert choices_for([_duty("35")], "35.08").groups


def test_a_regency_outside_the_duties_opens_nothing() -> None:
    assert not choices_for([_duty("35")], "33.01").groups


def _duty(area: str) -> DutyHeld:
    return DutyHeld(pillar="TKSK", area=area, role=Role.WORKER)


def _cards(work: list[Work]) -> str:
    return ENVIRONMENT.get_template("parts/cards.html").render(
        work=work, reference=REFERENCE, workers={}, persons={}, visitor=VISITOR, now=NOW,
        sent=False, wanted=Filter(), more=None, address="/tugas",
    )  # fmt: skip


def _facts(referral: Referral) -> str:
    return ENVIRONMENT.get_template("parts/facts.html").render(
        referral=referral, reference=REFERENCE, workers={}, persons={}, visitor=VISITOR, now=NOW,
        deliveries=None, with_history=True,
    )  # fmt: skip
