"""What an open referral's events say, and what a flag keeps out of them."""

import pytest

from services.cases.domain.flags import FLAGS, Bind, Flag
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Relation
from shared.contracts.codes import Confidentiality, Outcome
from tests.unit.cases.story import by, people, referral

SILENT = [flag for flag, info in FLAGS.items() if Bind.NO_CATEGORY_OUTSIDE in info.binds]


def told_of(*flags: Flag) -> Referral:
    """One that was sent, accepted and completed with a service."""
    who = people()
    one = referral(who, confidentiality=Confidentiality.C1, category="ODGJ", flags=flags)
    one.send(by(who.sender, Relation.SENDER))
    one.accept(by(who.receiver, Relation.RECEIVER))
    one.complete(
        by(who.receiver, Relation.HOLDER), outcome=Outcome.NEED_MET, service="TERAPI", note=None
    )
    return one


def test_an_open_referral_names_category_and_service_to_those_who_listen() -> None:
    events = [fact.model_dump() for fact in told_of().facts]
    assert {event["category"] for event in events} == {"ODGJ"}
    assert events[-1]["service"] == "TERAPI"


@pytest.mark.parametrize("flag", SILENT)
def test_a_flag_keeps_both_out_of_every_event_however_open_it_is(flag: Flag) -> None:
    one = told_of(flag)
    events = [fact.model_dump() for fact in one.facts]
    assert {event["category"] for event in events} == {None}
    assert events[-1]["service"] is None
    assert one.category == "ODGJ", "the referral itself keeps it"
