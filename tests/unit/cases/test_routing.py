"""Where needs go: each default rule, each fallback, and what holds for any need."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cases.domain.explanations import LEVELS
from services.cases.domain.flags import Flag
from services.cases.domain.legs import Candidate, Leg
from services.cases.domain.routing import (
    Need,
    Plan,
    Rule,
    choose_rule,
    condition_holds,
    make_plan,
)
from shared.contracts.codes import Confidentiality, Urgency
from shared.reference.areas import parents
from shared.reference.categories import CATEGORIES
from shared.reference.pillars import PILLARS
from shared.reference.situations import SITUATIONS
from shared.reference.tables import rows

VILLAGE = "35.08.03.2005"
# Every rule has a need that reaches it; a rule added behind another one must be explained here.
SHADOWED: dict[str, str] = {}
ATTRIBUTES: Mapping[str, Sequence[Any]] = {
    "age": (None, 10, 40),
    "has_family": (None, True, False),
    "legal_role": (None, "suspect", "victim_or_witness"),
}


def _rule(row: dict[str, str]) -> Rule:
    def split(text: str) -> tuple[str, ...]:
        return tuple(text.split("|")) if text else ()

    return Rule(
        id=row["rule_id"],
        priority=int(row["priority"]),
        category=row["ppks_code"],
        situation=row["situation_code"],
        condition=row["condition"],
        primary=row["primary_pillar"],
        supporting=split(row["supporting_pillars"]),
        external_services=split(row["external_services"]),
        urgency=Urgency(row["urgency"].lower()),
        confidentiality=Confidentiality(row["confidentiality"]),
        reply_minutes=int(row["ack_sla_minutes"]),
        act_hours=int(row["first_action_sla_hours"]),
        close_days=int(row["close_target_days"]),
        flags=split(row["mandatory_flags"]),
        rationale=row["rationale"],
        level=row["admin_level"],
        escalate_to=row["escalate_to_level"],
        working=row["urgency"] in {"NORMAL", "LOW"},
    )


RULES = sorted(map(_rule, rows("routing_rules.csv")), key=lambda one: (one.priority, one.id))


def need(category: str = "GLD", situation: str = "HOMELESS", **changes: Any) -> Need:
    return Need(category, situation, **{"area": VILLAGE, "attributes": {}, **changes})


def duty(pillar: str, area: str = VILLAGE, **changes: Any) -> Candidate:
    return Candidate(
        **{
            "worker_id": uuid4(),
            "pillar": pillar,
            "area": area,
            "organisation_id": None,
            "absent": False,
            **changes,
        }
    )


def workers(leg: Leg) -> list[UUID]:
    return [one.worker_id for one in leg.people]


def everywhere() -> list[Candidate]:
    """One worker of every pillar at every level above the village."""
    return [duty(pillar, area) for pillar in PILLARS for area in parents(VILLAGE)]


def test_there_are_the_sixty_five_default_rules_and_the_last_takes_everything() -> None:
    assert len(RULES) == 65
    assert (RULES[-1].category, RULES[-1].situation, RULES[-1].condition) == ("*", "*", "")


def test_every_rule_is_reached_by_some_need() -> None:
    reached = {
        choose_rule(
            RULES,
            need(
                category,
                situation,
                attributes={
                    name: value
                    for name, value in zip(ATTRIBUTES, values, strict=True)
                    if value is not None
                },
            ),
        ).id
        for category, situation in product(CATEGORIES, SITUATIONS)
        for values in product(*ATTRIBUTES.values())
    }
    assert {rule.id for rule in RULES} - reached == set(SHADOWED)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_only_codes_that_exist(rule: Rule) -> None:
    assert rule.category in {*CATEGORIES, "*"}
    assert rule.situation in {*SITUATIONS, "*"}
    assert {rule.primary, *rule.supporting} <= set(PILLARS)
    assert rule.primary not in rule.supporting
    assert 0 < rule.reply_minutes <= rule.act_hours * 60 <= rule.close_days * 24 * 60


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_named_persons_rule_is_confidential_and_the_other_way_round(rule: Rule) -> None:
    if Flag.NO_PILLAR_BROADCAST in rule.flags:
        assert rule.confidentiality is Confidentiality.C3


@pytest.mark.parametrize(
    ("category", "situation", "attributes", "expected"),
    [
        ("AKTK", "VIOLENCE", {}, "R002"),
        ("LUT", "VIOLENCE", {"age": 70}, "R053"),
        ("FM", "VIOLENCE", {"age": 17}, "R052"),
        ("FM", "VIOLENCE", {"age": 18}, "R053"),
        ("FM", "VIOLENCE", {}, "R053"),
        ("ABH", "LEGAL_CONFLICT", {"legal_role": "suspect"}, "R006"),
        ("ABH", "LEGAL_CONFLICT", {"legal_role": "victim_or_witness"}, "R007"),
        ("ABH", "LEGAL_CONFLICT", {}, "R065"),
        ("LUT", "NEGLECT", {"has_family": True}, "R019"),
        ("LUT", "NEGLECT", {"has_family": False}, "R020"),
        ("LUT", "NEGLECT", {}, "R060"),
        ("FM", "NEGLECT", {"age": 3}, "R059"),
        ("KBA", "NATURAL_DISASTER", {}, "R009"),
        ("LUT", "NATURAL_DISASTER", {}, "R057"),
        ("FM", "UNKNOWN", {"age": 5}, "R064"),
        ("FM", "UNKNOWN", {}, "R065"),
        ("KAT", "STREET_BEGGING", {}, "R065"),
    ],
)
def test_a_need_meets_the_rule_the_table_of_defaults_means(
    category: str, situation: str, attributes: dict[str, Any], expected: str
) -> None:
    assert choose_rule(RULES, need(category, situation, attributes=attributes)).id == expected


@pytest.mark.parametrize(
    ("condition", "attributes", "holds"),
    [
        ("", {}, True),
        ("age<18", {"age": 17}, True),
        ("age<18", {"age": 0}, True),
        ("age<18", {"age": 18}, False),
        ("age<18", {}, False),
        ("age<18", {"age": True}, False),
        ("age<18", {"age": "17"}, False),
        ("has_family=true", {"has_family": True}, True),
        ("has_family=true", {"has_family": False}, False),
        ("has_family=true", {}, False),
        ("has_family=false", {"has_family": False}, True),
        ("has_family=false", {}, False),
        ("legal_role=suspect", {"legal_role": "suspect"}, True),
        ("legal_role=suspect", {"legal_role": "witness"}, False),
        ("legal_role=suspect", {"legal_role": None}, False),
    ],
)
def test_a_condition_holds_only_when_it_is_known_to(
    condition: str, attributes: dict[str, Any], *, holds: bool
) -> None:
    assert condition_holds(condition, attributes) is holds


def test_a_rule_set_without_its_last_rule_says_so() -> None:
    with pytest.raises(LookupError):
        choose_rule(RULES[:-2], need("KAT", "STREET_BEGGING"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_confidentiality_is_the_higher_of_category_and_rule(rule: Rule) -> None:
    for category in CATEGORIES.values():
        chosen = make_plan(
            [rule_for_all(rule)], need(category.code, "HOMELESS"), [duty(rule.primary)]
        )
        levels = [category.sensitivity.value, rule.confidentiality.value]
        assert chosen.confidentiality.value == max(levels)


def rule_for_all(rule: Rule) -> Rule:
    """The same rule, asked for any need."""
    return Rule(
        **{
            **{name: getattr(rule, name) for name in Rule.__slots__},
            "category": "*",
            "situation": "*",
            "condition": "",
        }
    )


@pytest.mark.parametrize("asked", [None, *Urgency])
def test_urgency_is_the_rules_unless_the_sender_says_otherwise(asked: Urgency | None) -> None:
    # R026: a homeless person is urgent. Less haste is kept, and the sender must then say why.
    chosen = make_plan(RULES, need(urgency=asked), [])
    assert chosen.urgency is (asked or Urgency.HIGH)
    assert chosen.lowers_urgency == (asked in {Urgency.NORMAL, Urgency.LOW})


@pytest.mark.parametrize(
    ("situation", "present", "chosen"),
    [
        # R049 goes to Pensosmas, R048 to Karang Taruna, R039 to the PSM, R026 to the TKSK,
        # R014 to Tagana.
        ("INFORMATION_REQUEST", {"PENSOSMAS", "PSM", "TKSK", "DINSOS"}, "PENSOSMAS"),
        ("INFORMATION_REQUEST", {"PSM", "TKSK", "DINSOS"}, "PSM"),
        ("INFORMATION_REQUEST", {"TKSK", "DINSOS", "KARANG_TARUNA"}, "TKSK"),
        ("INFORMATION_REQUEST", {"DINSOS", "TAGANA"}, "DINSOS"),
        ("YOUTH_AT_RISK", {"PENSOSMAS", "PSM", "TKSK"}, "PSM"),
        ("YOUTH_AT_RISK", {"PENSOSMAS", "TKSK"}, "TKSK"),
        ("CIVIL_DOCUMENT", {"TKSK", "PENSOSMAS"}, "TKSK"),
        ("CIVIL_DOCUMENT", {"DINSOS", "PENSOSMAS"}, "DINSOS"),
        ("HOMELESS", {"PSM", "DINSOS"}, "DINSOS"),
        ("DISASTER_PREPAREDNESS", {"PSM", "TKSK", "DINSOS"}, "DINSOS"),
    ],
)
def test_a_missing_pillar_falls_back_and_the_plan_says_so(
    situation: str, present: set[str], chosen: str
) -> None:
    primary = make_plan(
        RULES, need("GLD", situation), [duty(pillar, "35.08") for pillar in sorted(present)]
    ).primary
    meant = choose_rule(RULES, need("GLD", situation)).primary
    assert primary.pillar == chosen
    assert [one.pillar for one in primary.people] == [chosen]
    told = [reason for reason in primary.reasons if "dialihkan" in reason]
    if chosen == meant:
        assert not told
    else:
        assert len(told) == 1
        assert PILLARS[chosen].name in told[0]


@pytest.mark.parametrize("area", ["35.08", "35"])
def test_tagana_of_the_kabupaten_then_of_the_province_takes_a_disaster(area: str) -> None:
    unit = duty("TAGANA", area)
    primary = make_plan(RULES, need("KBA", "NATURAL_DISASTER"), [unit, duty("DINSOS", "35.08")])
    assert workers(primary.primary) == [unit.worker_id]
    assert primary.primary.area == "35.08"


def test_tagana_of_the_nearest_kabupaten_comes_before_that_of_the_province() -> None:
    province, near, far = duty("TAGANA", "35"), duty("TAGANA", "35.09"), duty("TAGANA", "36.01")
    dinsos = duty("DINSOS", "35.08")
    plan = make_plan(RULES, need("KBA", "NATURAL_DISASTER"), [province, near, far, dinsos])
    assert workers(plan.primary) == [near.worker_id]
    assert plan.primary.area == "35.09"
    plan = make_plan(RULES, need("KBA", "NATURAL_DISASTER"), [province, far, dinsos])
    assert workers(plan.primary) == [province.worker_id]
    plan = make_plan(RULES, need("KBA", "NATURAL_DISASTER"), [far, dinsos])
    assert workers(plan.primary) == [dinsos.worker_id]


def test_a_pool_is_ordered_present_first_then_nearest_then_least_laden() -> None:
    busy = duty("TKSK", "35.08.03", open_load=9)
    free = duty("TKSK", "35.08.03", open_load=1)
    far = duty("TKSK", "35.08")
    away = duty("TKSK", "35.08.03", absent=True)
    primary = make_plan(RULES, need(), [far, away, busy, free]).primary
    assert primary.people == (free, busy, far, away)
    assert primary.reachable == (free.worker_id, busy.worker_id, far.worker_id)


def test_a_worker_with_two_duties_in_one_pillar_stands_in_a_pool_once_by_the_nearer() -> None:
    worker = uuid4()
    near, far = (duty("TKSK", area, worker_id=worker) for area in ("35.08.03", "35.08"))
    between = duty("TKSK", "35.08.03", open_load=3)
    primary = make_plan(RULES, need(), [far, between, near]).primary
    assert primary.people == (near, between)


def test_a_confidential_need_goes_to_one_present_person_by_name_and_to_no_supporting_pool() -> None:
    absent = duty("TKSK", "35.08.03", absent=True)
    far, laden = duty("TKSK", "35.08"), duty("TKSK", "35.08.03", open_load=4)
    free = duty("TKSK", "35.08.03", open_load=3)
    plan = make_plan(
        RULES, need("AKTK", "VIOLENCE"), [absent, far, laden, free, duty("PSM"), duty("PEKSOS")]
    )
    assert plan.confidentiality is Confidentiality.C3
    assert plan.primary.worker_id == free.worker_id
    assert plan.primary.reachable == (free.worker_id,)
    assert plan.supporting == ()


def test_the_stand_in_of_an_absent_named_person_is_not_told_of_a_confidential_need() -> None:
    absent = duty("TKSK", "35.08.03", absent=True, stand_in_id=uuid4())
    for target in (None, absent.worker_id):
        plan = make_plan(RULES, need("AKTK", "VIOLENCE", target_worker=target), [absent])
        assert plan.primary.worker_id == absent.worker_id
        assert plan.primary.reachable == (absent.worker_id,)
    open_plan = make_plan(RULES, need(), [absent])
    assert open_plan.primary.reachable == (absent.stand_in_id,)


def test_a_confidential_category_keeps_an_open_rule_from_telling_a_pool() -> None:
    # R039, civil documents, is open; HIV is not.
    pool = [duty("PSM"), duty("PSM")]
    assert len(make_plan(RULES, need("FM", "CIVIL_DOCUMENT"), pool).primary.reachable) == 2
    plan = make_plan(RULES, need("ODHA", "CIVIL_DOCUMENT"), pool)
    assert len(plan.primary.reachable) == 1
    assert plan.primary.worker_id == plan.primary.reachable[0]


def test_a_receiver_named_by_the_sender_is_the_only_one_told() -> None:
    named = duty("PSM")
    plan = make_plan(RULES, need(target_worker=named.worker_id), [duty("TKSK", "35.08.03"), named])
    assert plan.primary.worker_id == named.worker_id
    assert plan.primary.reachable == (named.worker_id,)
    assert plan.primary.pillar == "PSM"


def test_a_pillar_named_by_the_sender_takes_the_rules_place() -> None:
    chosen = duty("PSM")
    plan = make_plan(RULES, need(target_pillar="PSM"), [duty("TKSK", "35.08.03"), chosen])
    assert plan.primary.reachable == (chosen.worker_id,)
    assert "dipilih oleh pengirim" in plan.primary.reasons[0]


def test_an_area_named_by_the_sender_takes_the_needs_place() -> None:
    there = duty("TKSK", "35.08.04")
    plan = make_plan(RULES, need(target_area="35.08.04.2001"), [duty("TKSK", "35.08.03"), there])
    assert plan.primary.reachable == (there.worker_id,)
    assert plan.primary.area == "35.08.04"


def test_a_plan_warns_when_nobody_is_there_and_when_all_are_away() -> None:
    nobody = make_plan(RULES, need(), [])
    assert "Belum ada petugas" in nobody.warnings[0]
    away = make_plan(RULES, need(), [duty("TKSK", "35.08.03", absent=True)])
    assert "berhalangan" in away.warnings[0]
    assert len(away.primary.reachable) == 1, "an absent pool is told all the same"
    assert make_plan(RULES, need(), [duty("TKSK", "35.08.03")]).warnings == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_with_a_full_directory_reaches_its_own_pillar_and_gives_reasons(
    rule: Rule,
) -> None:
    category = "KAT" if rule.category == "*" else rule.category
    plan = make_plan([rule_for_all(rule)], need(category, "HOMELESS"), everywhere())
    assert plan.primary.pillar == rule.primary
    assert plan.primary.reasons
    assert all(reason.strip() for reason in plan.primary.reasons)
    if plan.confidentiality is not Confidentiality.C3:
        assert [leg.pillar for leg in plan.supporting] == list(rule.supporting)


AREAS = (VILLAGE, "35.08.03.2001", "35.08.03", "35.08.04", "35.08", "35.09", "35", "36")
candidates = st.builds(
    Candidate,
    worker_id=st.sampled_from([UUID(int=number) for number in range(12)]),
    pillar=st.sampled_from(sorted(PILLARS)),
    area=st.sampled_from(AREAS),
    organisation_id=st.none(),
    absent=st.booleans(),
    open_load=st.integers(0, 5),
)
needs = st.builds(
    Need,
    category=st.sampled_from(sorted(CATEGORIES)),
    situation=st.sampled_from(sorted(SITUATIONS)),
    area=st.sampled_from(AREAS),
    attributes=st.fixed_dictionaries(
        {},
        optional={
            "age": st.integers(0, 130),
            "has_family": st.booleans(),
            "legal_role": st.sampled_from(["suspect", "victim_or_witness", "other"]),
        },
    ),
    urgency=st.none() | st.sampled_from(Urgency),
    target_pillar=st.none() | st.sampled_from(sorted(PILLARS)),
    target_area=st.none() | st.sampled_from(AREAS),
)


@given(asked=needs, duties=st.lists(candidates, max_size=25))
@settings(max_examples=400)
def test_any_need_has_a_plan_that_keeps_the_promises(asked: Need, duties: list[Candidate]) -> None:
    plan = make_plan(RULES, asked, duties)
    where = parents(asked.target_area or asked.area)
    for leg in (plan.primary, *plan.supporting):
        assert leg.reasons
        assert all(reason.strip() for reason in leg.reasons)
        absences = [one.absent for one in leg.people]
        assert absences == sorted(absences), "an absent worker stands before a present one"
        outside = {one.area for one in leg.people} - set(where)
        # Only Tagana comes from outside, and then one unit of the province.
        assert not outside or (leg.pillar == "TAGANA" and len(outside) == 1), "from far away"
        assert all(area[:2] == where[0][:2] for area in outside)
        assert all(one.pillar == leg.pillar for one in leg.people)
        assert len(set(workers(leg))) == len(leg.people), "somebody stands in the pool twice"
        assert bool(leg.reachable) == bool(leg.people)
    _confidential_means_one(plan)
    assert bool(plan.warnings) == all(one.absent for one in plan.primary.people)


def _confidential_means_one(plan: Plan) -> None:
    if plan.confidentiality is Confidentiality.C3:
        assert not plan.supporting
        assert len(plan.primary.people) <= 1
        assert plan.primary.worker_id == next(iter(workers(plan.primary)), None)
    else:
        assert plan.primary.worker_id is None


@given(asked=needs, duties=st.lists(candidates, min_size=1, max_size=25), seed=st.randoms())
@settings(max_examples=150)
def test_a_plan_does_not_depend_on_the_order_the_directory_is_read_in(
    asked: Need, duties: list[Candidate], seed: Any
) -> None:
    shuffled = list(duties)
    seed.shuffle(shuffled)
    one, other = make_plan(RULES, asked, duties), make_plan(RULES, asked, shuffled)
    assert workers(one.primary) == workers(other.primary)
    assert one.warnings == other.warnings


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_choice_of_a_plan_is_explained_in_a_sentence(rule: Rule) -> None:
    category = "GLD" if rule.category == "*" else rule.category
    situation = "HOMELESS" if rule.situation == "*" else rule.situation
    plan = make_plan([replace(rule, category="*", situation="*", condition="")],
                     need(category, situation), everywhere())  # fmt: skip
    urgent, confidential, clocks, level = plan.reasons
    assert rule.id in urgent
    assert plan.confidentiality in confidential
    assert ("hari kerja" in clocks) is rule.working
    assert LEVELS[rule.level] in level
    # Not to which level: the clock tells the nearest who are there.
    assert "koordinator pilar terdekat" in level
    assert all(leg.reasons for leg in (plan.primary, *plan.supporting))


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.id)
def test_the_guardian_is_asked_about_where_it_is_special_or_a_rule_asks(rule: Rule) -> None:
    plan = make_plan([replace(rule, category="*", situation="*", condition="")], need(), [])
    asked = Flag.CONSENT_GUARDIAN_OR_BEST_INTEREST in rule.flags
    assert plan.asks_about_guardian is (asked or plan.confidentiality is Confidentiality.C3)


def test_a_rule_that_forbids_broadcasts_names_one_person_however_open_it_is() -> None:
    open_to_all = replace(
        RULES[-1], confidentiality=Confidentiality.C1, flags=(), primary="TKSK", supporting=()
    )
    named = replace(open_to_all, flags=(Flag.NO_PILLAR_BROADCAST,))
    two = [duty("TKSK", "35.08.03"), duty("TKSK", "35.08.03")]
    told = {rule.flags: make_plan([rule], need(), two) for rule in (open_to_all, named)}
    assert told[()].confidentiality is told[named.flags].confidentiality is Confidentiality.C1
    assert (told[()].named_only, len(told[()].primary.people)) == (False, 2)
    assert (told[named.flags].named_only, len(told[named.flags].primary.people)) == (True, 1)


@pytest.mark.parametrize(
    ("asked", "words"),
    [(None, "menurut aturan"), (Urgency.EMERGENCY, "lebih mendesak"), (Urgency.LOW, "kurang")],
)
def test_the_plan_says_whose_choice_the_urgency_is(asked: Urgency | None, words: str) -> None:
    plan = make_plan(RULES, need(urgency=asked), everywhere())
    assert words in plan.reasons[0]
