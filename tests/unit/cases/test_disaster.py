"""Disasters as rules: what one is, what lies in it, and what its routing rule asks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.disaster import (
    CATEGORIES,
    SITE_KINDS,
    BulkIntakeNotAllowed,
    Disaster,
    DisasterClosed,
    HeadCount,
    HeadCountWrong,
    NotADisaster,
    OutsideDisaster,
    SiteKind,
    require_bulk_intake,
)
from services.cases.domain.errors import TimeImplausible
from services.cases.domain.routing import Need, Rule, choose_rule
from shared.contracts.codes import Confidentiality, Urgency
from shared.reference.categories import CATEGORIES as PPKS
from shared.reference.situations import SITUATIONS
from shared.reference.tables import rows

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RULE = Rule(
    id="R009", priority=20, category="KBA", situation="NATURAL_DISASTER", condition="",
    primary="TAGANA", supporting=("TKSK",), external_services=(), urgency=Urgency.EMERGENCY,
    confidentiality=Confidentiality.C1, reply_minutes=15, act_hours=1, close_days=90,
    flags=("BULK_INTAKE",), rationale="",
)  # fmt: skip


def declared(**changes: object) -> Disaster:
    facts: dict[str, object] = {
        "disaster_id": uuid4(), "name": "Banjir", "situation": "NATURAL_DISASTER",
        "category": "KBA", "area": "35.08", "started_at": NOON - timedelta(hours=2), "now": NOON,
        **changes,
    }  # fmt: skip
    return Disaster.declare(**facts)  # type: ignore[arg-type] # a test's own words


def test_every_disaster_situation_and_its_category_are_ones_everybody_knows() -> None:
    assert CATEGORIES.keys() <= SITUATIONS.keys()
    assert set(CATEGORIES.values()) <= PPKS.keys()
    assert set(SITE_KINDS) == set(SiteKind)


def test_the_default_rules_take_in_families_by_batch_in_every_disaster() -> None:
    by_default = {
        (row["ppks_code"], row["situation_code"])
        for row in rows("routing_rules.csv")
        if "BULK_INTAKE" in row["mandatory_flags"].split("|")
    }
    assert {(category, situation) for situation, category in CATEGORIES.items()} <= by_default


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"situation": "HOMELESS"}, NotADisaster),
        ({"category": "KBS"}, NotADisaster),
        ({"situation": "SOCIAL_DISASTER"}, NotADisaster),
        ({"started_at": NOON + timedelta(seconds=1)}, TimeImplausible),
    ],
)
def test_what_is_no_disaster_is_not_declared(
    changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        declared(**changes)


def test_the_category_follows_from_the_situation() -> None:
    assert declared(category=None).category == "KBA"
    assert declared(situation="SOCIAL_DISASTER", category=None).category == "KBS"


@pytest.mark.parametrize("area", ["35.08", "35.08.03", "35.08.03.2005"])
def test_a_site_lies_in_the_disaster(area: str) -> None:
    declared().require_inside(area)


@pytest.mark.parametrize("area", ["35", "35.07", "35.09.01"])
def test_no_site_lies_beside_or_around_it(area: str) -> None:
    with pytest.raises(OutsideDisaster):
        declared().require_inside(area)


def test_only_what_happened_after_the_end_is_no_part_of_it() -> None:
    closed = replace(declared(), closed_at=NOON)
    closed.require_open(NOON)
    declared().require_open(NOON + timedelta(days=400))
    with pytest.raises(DisasterClosed):
        closed.require_open(NOON + timedelta(microseconds=1))


@given(st.builds(HeadCount, *[st.integers(min_value=-2, max_value=12)] * 5))
def test_a_head_count_is_right_when_its_parts_fit_into_the_whole(heads: HeadCount) -> None:
    whole = heads.male + heads.female
    right = (
        min(heads.male, heads.female, heads.children, heads.elders, heads.disabled) >= 0
        and heads.children + heads.elders <= whole
        and heads.disabled <= whole
    )
    try:
        heads.require_consistent()
    except HeadCountWrong:
        assert not right
    else:
        assert right
        assert heads.total == whole


def test_a_rule_without_the_flag_takes_in_nobody_by_batch() -> None:
    require_bulk_intake(RULE, None)
    with pytest.raises(BulkIntakeNotAllowed):
        require_bulk_intake(replace(RULE, flags=()), HeadCount(1, 1))


def test_a_rule_that_asks_for_heads_takes_no_family_without_them() -> None:
    counting = replace(RULE, flags=("BULK_INTAKE", "SITE_HEADCOUNT"))
    require_bulk_intake(counting, HeadCount(0, 1))
    for heads in (None, HeadCount()):
        with pytest.raises(HeadCountWrong):
            require_bulk_intake(counting, heads)


def test_a_count_that_is_given_must_be_right_even_where_none_is_asked() -> None:
    with pytest.raises(HeadCountWrong):
        require_bulk_intake(RULE, HeadCount(1, 0, children=2))


def test_any_other_category_in_a_disaster_is_chosen_by_the_rule_for_all() -> None:
    anybody = replace(RULE, id="R057", priority=85, category="*")
    need = Need("LUT", "NATURAL_DISASTER", "35.08.03.2005", {})
    assert choose_rule((RULE, anybody), need).id == "R057"
