"""Changing a rule for an area: what holds whatever a Dinsos writes."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.flags import Flag
from services.cases.domain.routing import (
    Rule,
    choose_rule,
    condition_holds,
    in_force,
    make_plan,
    narrowest,
)
from services.cases.domain.rule_change import (
    CONDITION,
    LastRule,
    NoOfficeThere,
    RuleChange,
    UnfitRule,
    changed,
    require_office,
    takes_everything,
    with_changed,
)
from shared.contracts.codes import Confidentiality, Urgency
from shared.errors import RuleViolated
from shared.reference.categories import CATEGORIES
from shared.reference.pillars import PILLARS
from shared.reference.situations import SITUATIONS
from tests.unit.cases.test_routing import RULES, need

LUMAJANG, JEMBER, PROVINCE = "35.08", "35.09", "35"
LAST = next(rule for rule in RULES if rule.id == "R065")
HOMELESS = next(rule for rule in RULES if rule.id == "R026")

changes = st.builds(
    RuleChange,
    priority=st.none() | st.integers(1, 9999),
    category=st.none() | st.sampled_from(["*", *CATEGORIES]),
    situation=st.none() | st.sampled_from(["*", *SITUATIONS]),
    condition=st.none() | st.sampled_from(["", "age<18", "age<60", "has_family=true", "x=1"]),
    primary=st.none() | st.sampled_from(list(PILLARS)),
    supporting=st.none() | st.lists(st.sampled_from(list(PILLARS)), max_size=3).map(tuple),
    urgency=st.none() | st.sampled_from(Urgency),
    confidentiality=st.none() | st.sampled_from(Confidentiality),
    reply_minutes=st.none() | st.integers(1, 5000),
    act_hours=st.none() | st.integers(1, 500),
    close_days=st.none() | st.integers(1, 400),
    working=st.none() | st.booleans(),
    flags=st.none() | st.lists(st.sampled_from(list(Flag)), max_size=3).map(tuple),
    retired=st.none() | st.booleans(),
)
areas = st.sampled_from([LUMAJANG, JEMBER, PROVINCE])
rules_and_changes = st.lists(st.tuples(st.sampled_from(RULES), changes, areas), max_size=30)


def accepted(wanted: list[tuple[Rule, RuleChange, str]]) -> list[Rule]:
    """Those of the changes that are not refused, as versions for their areas."""
    found = []
    for rule, change, area in wanted:
        try:
            found.append(changed(rule, change, area))
        except RuleViolated:
            continue
    return found


@given(wanted=rules_and_changes, category=st.sampled_from(list(CATEGORIES)),
       situation=st.sampled_from(list(SITUATIONS)), area=areas)  # fmt: skip
def test_whatever_is_accepted_every_need_still_has_a_rule(
    wanted: list[tuple[Rule, RuleChange, str]], category: str, situation: str, area: str
) -> None:
    rules = with_changed(RULES, accepted(wanted))
    village = f"{area}.03.2005" if area != PROVINCE else "35.10.01.2001"
    for attributes in ({}, {"age": 10}, {"has_family": True}):
        asked = need(category, situation, area=village, attributes=attributes)
        plan = make_plan(in_force(rules, village), asked, [])
        assert plan.rule.category in {category, "*"}
        assert plan.rule.situation in {situation, "*"}
        assert not plan.rule.retired


@given(wanted=rules_and_changes)
def test_a_change_holds_in_its_area_and_nowhere_else(
    wanted: list[tuple[Rule, RuleChange, str]],
) -> None:
    for_lumajang = [(rule, change, LUMAJANG) for rule, change, _ in wanted]
    rules = with_changed(RULES, accepted(for_lumajang))
    assert in_force(rules, JEMBER) == tuple(RULES)
    assert in_force(rules, PROVINCE) == tuple(RULES)
    for rule in narrowest(rules, f"{LUMAJANG}.03.2005"):
        assert rule.area == (LUMAJANG if rule not in RULES else "")


def test_every_situation_and_category_has_a_rule_when_all_others_are_retired() -> None:
    retired = [
        changed(rule, RuleChange(retired=True), LUMAJANG) for rule in RULES if rule is not LAST
    ]
    left = in_force(with_changed(RULES, retired), LUMAJANG)
    assert [rule.id for rule in left] == ["R065"]
    for category, situation in product(CATEGORIES, SITUATIONS):
        assert choose_rule(left, need(category, situation)).id == "R065"


@pytest.mark.parametrize(
    "change",
    [
        {"retired": True},
        {"category": "LUT"},
        {"situation": "NEGLECT"},
        {"condition": "age<18"},
        {"condition": "has_family=true", "retired": True},
    ],
)
def test_the_last_rule_is_neither_retired_nor_narrowed(change: dict[str, Any]) -> None:
    with pytest.raises(LastRule):
        changed(LAST, RuleChange(**change), LUMAJANG)
    assert takes_everything(changed(LAST, RuleChange(primary="PSM", supporting=()), LUMAJANG))


def test_no_other_rule_comes_to_take_everything() -> None:
    with pytest.raises(UnfitRule):
        changed(HOMELESS, RuleChange(category="*", situation="*"), LUMAJANG)


def test_what_is_not_named_stays() -> None:
    new = changed(HOMELESS, RuleChange(act_hours=48), LUMAJANG)
    assert new == replace(HOMELESS, act_hours=48, area=LUMAJANG)
    assert changed(HOMELESS, RuleChange(flags=()), LUMAJANG).flags == ()


@pytest.mark.parametrize("area", ["35.08.03", "35.08.03.2005"])
def test_below_a_kabupaten_there_are_no_rules_of_its_own(area: str) -> None:
    with pytest.raises(NoOfficeThere):
        require_office(area)
    require_office(LUMAJANG)
    require_office(PROVINCE)


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ("", True), ("age<18", True), ("age<130", True), ("has_family=false", True),
        ("legal_role=suspect", True), ("age<0", False), ("age<131", False), ("age<", False),
        ("age>18", False), ("has_family=ya", False), ("legal_role=", False), (" ", False),
        ("age<18 or age<60", False), ("age<١٨", False),
    ],
)  # fmt: skip
def test_a_condition_is_one_that_routing_can_read(condition: str, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    assert bool(CONDITION.fullmatch(condition)) is fits
    if fits:
        assert isinstance(condition_holds(condition, {"age": 10, "has_family": True}), bool)


def test_every_default_rule_could_have_been_written_by_a_dinsos() -> None:
    for rule in RULES:
        assert changed(rule, RuleChange(), LUMAJANG) == replace(rule, area=LUMAJANG)
