"""A dry run: the same plans as planning makes, compared."""

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.dry_run import SHOWN, Directory, PastNeed, compare
from services.cases.domain.legs import Candidate
from services.cases.domain.routing import Need, Plan, Rule, in_force, make_plan
from services.cases.domain.rule_change import RuleChange, with_changed
from shared.contracts.codes import Confidentiality, Urgency
from shared.reference.categories import CATEGORIES
from shared.reference.situations import SITUATIONS
from tests.unit.cases.test_routing import RULES, VILLAGE, duty
from tests.unit.cases.test_rule_change import LUMAJANG, accepted, rules_and_changes

PLACES = [VILLAGE, "35.08.03.2006", "35.08.04.2001", "35.09.01.2001"]
NOBODY = Directory([])

attributes = st.fixed_dictionaries(
    {}, optional={"age": st.integers(0, 130), "has_family": st.booleans()}
)
needs = st.builds(
    PastNeed,
    referral_id=st.uuids(),
    case_number=st.just("RJ-35.08-2026-000001"),
    secret=st.booleans(),
    category=st.sampled_from(list(CATEGORIES)),
    situation=st.sampled_from(list(SITUATIONS)),
    place=st.sampled_from(PLACES),
    attributes=attributes,
    reported_urgency=st.none() | st.sampled_from(Urgency),
)
duties = st.lists(
    st.builds(
        duty,
        st.sampled_from(["PSM", "TKSK", "TAGANA", "PENSOSMAS", "KARANG_TARUNA", "DINSOS"]),
        st.sampled_from([*PLACES, "35.08.03", "35.08", "35.09", "35"]),
        absent=st.booleans(),
    ),
    max_size=12,
)


def past(situation: str = "HOMELESS", category: str = "GLD", **changes: Any) -> PastNeed:
    return PastNeed(
        **{
            "referral_id": uuid4(),
            "case_number": "RJ-35.08-2026-000001",
            "secret": False,
            "category": category,
            "situation": situation,
            "place": VILLAGE,
            "attributes": {},
            "reported_urgency": None,
            **changes,
        }
    )


@given(many=st.lists(needs, max_size=40), wanted=rules_and_changes, people=duties)
def test_a_rule_set_compared_with_itself_never_differs(
    many: list[PastNeed], wanted: list[tuple[Rule, RuleChange, str]], people: list[Candidate]
) -> None:
    rules = with_changed(RULES, accepted(wanted))
    shuffled = tuple(reversed(rules))
    found = compare(many, rules, shuffled, Directory(people))
    assert (found.examined, found.differing, found.elsewhere) == (len(many), 0, 0)
    assert found.before == found.after
    assert found.shown == []


@given(many=st.lists(needs, max_size=40), wanted=rules_and_changes, people=duties)
def test_each_course_is_the_one_that_planning_would_take(
    many: list[PastNeed], wanted: list[tuple[Rule, RuleChange, str]], people: list[Candidate]
) -> None:
    proposed = with_changed(RULES, accepted(wanted))
    found = compare(many, RULES, proposed, Directory(people))

    def plan(rules: Any, one: PastNeed) -> Any:
        asked = Need(one.category, one.situation, one.place, one.attributes, one.reported_urgency)
        near = [c for c in people if f"{one.place}.".startswith(f"{c.area}.")]
        made = make_plan(in_force(rules, one.place), asked, near)
        if made.rule.primary == "TAGANA" and made.primary.pillar != "TAGANA":
            far = [c for c in people if c.pillar == "TAGANA"]
            made = make_plan(in_force(rules, one.place), asked, [*near, *far])
        return made

    before, after = ([plan(rules, one) for one in many] for rules in (RULES, proposed))
    assert found.before == Counter(one.primary.pillar for one in before)
    assert found.after == Counter(one.primary.pillar for one in after)
    differing = [
        one
        for one, old, new in zip(many, before, after, strict=True)
        if noticed(old) != noticed(new)
    ]
    assert [one.past for one in found.shown] == differing[:SHOWN]
    assert found.differing == len(differing)


def noticed(plan: Plan) -> tuple[object, ...]:
    """What of a plan the people concerned would notice."""
    rule = plan.rule
    return (
        *(plan.primary.pillar, plan.urgency, plan.confidentiality, rule.limits),
        *(set() if plan.named_only else set(rule.supporting), set(rule.external_services)),
        set(rule.flags),
    )


def test_a_change_counts_only_where_it_changes_something_for_people() -> None:
    rule = next(one for one in RULES if one.id == "R026")
    rationale = accepted([(rule, RuleChange(rationale="Ditulis ulang."), LUMAJANG)])
    assert compare([past()], RULES, with_changed(RULES, rationale), NOBODY).differing == 0
    slower = accepted([(rule, RuleChange(act_hours=48), LUMAJANG)])
    found = compare([past(), past("NEGLECT")], RULES, with_changed(RULES, slower), NOBODY)
    assert (found.examined, found.differing, found.elsewhere) == (2, 1, 0)
    (one,) = found.shown
    assert (one.before.limits.act, one.after.limits.act) == (
        rule.limits.act, 2 * rule.limits.act,
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        RuleChange(supporting=("KARANG_TARUNA",)),
        RuleChange(external_services=("PUSKESMAS",)),
        RuleChange(flags=("SCREEN_FOR_VIOLENCE",)),
    ],
    ids=["supporting pillars", "outside services", "flags"],
)
def test_a_change_of_what_stands_beside_the_first_pillar_counts(change: RuleChange) -> None:
    rule = next(one for one in RULES if one.id == "R026")
    new = accepted([(rule, change, LUMAJANG)])
    found = compare([past()], RULES, with_changed(RULES, new), NOBODY)
    assert (found.differing, found.elsewhere) == (1, 0)
    ((name, value),) = change.given().items()
    (one,) = found.shown
    assert getattr(one.after, name) == value != getattr(one.before, name)


def test_a_new_pillar_nobody_holds_changes_nothing_where_it_falls_back() -> None:
    rule = next(one for one in RULES if one.id == "R040")
    alone = RuleChange(supporting=())
    present = with_changed(RULES, accepted([(rule, alone, LUMAJANG)]))
    new = accepted([(rule, replace(alone, primary="PENSOSMAS"), LUMAJANG)])
    need = past("AID_NEEDED", "FM")
    only_psm = Directory([duty("PSM")])
    assert compare([need], present, with_changed(RULES, new), only_psm).differing == 0
    both = Directory([duty("PSM"), duty("PENSOSMAS")])
    assert compare([need], present, with_changed(RULES, new), both).elsewhere == 1


def test_a_need_is_secret_when_it_was_or_would_be() -> None:
    rule = next(one for one in RULES if one.id == "R026")
    secret = accepted([(rule, RuleChange(confidentiality=Confidentiality.C3), LUMAJANG)])
    (one,) = compare([past()], RULES, with_changed(RULES, secret), NOBODY).shown
    assert one.secret
    (back,) = compare([past()], with_changed(RULES, secret), RULES, NOBODY).shown
    assert back.secret
    slower = accepted([(rule, RuleChange(act_hours=48), LUMAJANG)])
    (plain,) = compare([past()], RULES, with_changed(RULES, slower), NOBODY).shown
    assert not plain.secret
    (once,) = compare([past(secret=True)], RULES, with_changed(RULES, slower), NOBODY).shown
    assert once.secret


def test_only_the_first_hundred_are_listed() -> None:
    rule = next(one for one in RULES if one.id == "R026")
    slower = accepted([(rule, RuleChange(act_hours=48), LUMAJANG)])
    found = compare([past() for _ in range(250)], RULES, with_changed(RULES, slower), NOBODY)
    assert (found.differing, len(found.shown)) == (250, 100)
