"""The policy's table: what it never allows, and that it is neither area alone nor a surprise."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.errors import Forbidden
from shared.policy import (
    GRANTS,
    SERVICE_ACTIONS,
    Action,
    Match,
    Resource,
    decide,
    may,
    reaches,
    require,
)
from tests.unit.shared.people_and_things import (
    AREAS,
    OFFICES,
    PEOPLE,
    duties,
    resources,
    services,
    workers,
)

FIRST, SECOND, *_ = PEOPLE
OFFICE, OTHER_OFFICE, *_ = OFFICES
C1, C2, C3 = Confidentiality
VILLAGE, DISTRICT, REGENCY = "35.08.03.2005", "35.08.03", "35.08"

# Who may at all: w(orker), c(oordinator), d(insos), v(illage head), a(dmin), (data) p(rotection),
# s(ervice).
WHO_MAY = """
me.read                 w c d v a p
worker.read             w c d v a p s
worker.manage             c d   a
absence.announce        w c d v a p
organisation.read         c d   a
session.open                      s
password.change         w c d v a p
beneficiary.register    w c d
beneficiary.read        w c d
beneficiary.change      w c d
beneficiary.search_nik  w c d
beneficiary.merge         c d
beneficiary.import        c d
beneficiary.export        c d
beneficiary.share                 s
report.file                       s
report.handle           w c d
vulnerability.read      w c d v
protection.record       w c d     p
protection.handle           d     p
referral.send           w c d v
referral.read           w c d v   p
referral.receive        w c d
glass.break               c d
board.read                c d
work.assign               c d
rule.read                 c d   a
rule.change                 d
outside_service.read    w c d v
outside_service.manage      d
disaster.read           w c d v
disaster.manage             d
disaster.intake         w c d
reference.read          w c d v a p s
notice.read             w c d v a p
delivery.read           w c d v
events.read                       s
audit.read                  d   a p
"""
LETTERS = {
    "w": Role.WORKER,
    "c": Role.COORDINATOR,
    "d": Role.DINSOS,
    "v": Role.VILLAGE_HEAD,
    "a": Role.ADMIN,
    "p": Role.DATA_PROTECTION,
}
actions = st.sampled_from(Action)


def worker(
    pillar: str,
    area: str,
    role: Role = Role.WORKER,
    *,
    office: UUID | None = None,
    who: UUID = FIRST,
) -> Actor:
    return Actor(who, "worker", (Duty(pillar, area, role, office),))


def a_referral(**changes: object) -> Resource:
    whole = Resource(
        area=VILLAGE,
        sender_area="35.08.04",
        pillar="PSM",
        owners=(PEOPLE[3], None),
        named=(None,),
    )
    return replace(whole, **changes)  # type: ignore[arg-type] # the fields are named by the tests


def test_every_action_has_its_line_of_grants() -> None:
    assert set(GRANTS) == set(Action)


@pytest.mark.parametrize("line", WHO_MAY.strip().splitlines(), ids=lambda line: line.split()[0])
def test_an_action_is_open_to_these_roles_and_no_other(line: str) -> None:
    name, *letters = line.split()
    action = Action(name)
    # PSM is among the pillars of every grant that names pillars.
    found = {
        letter for letter, role in LETTERS.items() if may(worker("PSM", REGENCY, role), action)
    }
    if may(Actor(FIRST, "service", name="registry"), action):
        found.add("s")
    assert found == set(letters)


def test_the_table_above_is_complete() -> None:
    assert {line.split()[0] for line in WHO_MAY.strip().splitlines()} == {
        action.value for action in Action
    }


@given(actor=workers, action=actions, thing=resources)
def test_without_duties_there_is_nothing_one_may_do(
    actor: Actor, action: Action, thing: Resource
) -> None:
    idle = replace(actor, duties=())
    assert not may(idle, action)
    assert not decide(idle, action, thing)


@given(actor=services, action=actions, thing=resources)
def test_a_service_may_do_what_services_do_and_its_duties_add_nothing(
    actor: Actor, action: Action, thing: Resource
) -> None:
    assert decide(actor, action, thing) == may(actor, action) == (action in SERVICE_ACTIONS)


@given(actor=workers, action=actions, thing=resources)
@settings(max_examples=300)
def test_what_one_may_do_to_a_thing_one_may_do_at_all(
    actor: Actor, action: Action, thing: Resource
) -> None:
    if decide(actor, action, thing):
        assert may(actor, action)
        require(actor, action, thing)
    else:
        with pytest.raises(Forbidden):
            require(actor, action, thing)


@given(actor=workers, more=duties, action=actions, thing=resources)
@settings(max_examples=300)
def test_a_further_duty_takes_nothing_away_and_gives_no_more_than_it_holds(
    actor: Actor, more: Duty, action: Action, thing: Resource
) -> None:
    both = decide(replace(actor, duties=(*actor.duties, more)), action, thing)
    alone = decide(replace(actor, duties=(more,)), action, thing)
    assert both == (decide(actor, action, thing) or alone)


@given(actor=workers, action=actions, thing=resources)
@settings(max_examples=300)
def test_what_is_more_confidential_is_open_to_fewer(
    actor: Actor, action: Action, thing: Resource
) -> None:
    answers = [
        decide(actor, action, replace(thing, confidentiality=level)) for level in (C1, C2, C3)
    ]
    assert answers == sorted(answers, reverse=True)


@given(actor=workers, thing=resources)
@settings(max_examples=400)
def test_a_referral_nowhere_near_the_caller_is_out_of_reach(actor: Actor, thing: Resource) -> None:
    outside = not any(
        area is not None and duty.covers(area)
        for duty in actor.duties
        for area in (thing.area, thing.sender_area)
    )
    people = {actor.id, *actor.stands_for}
    if outside and not people & {*thing.owners, *thing.named}:
        assert not decide(actor, Action.REFERRAL_READ, thing)
        assert not decide(actor, Action.REFERRAL_RECEIVE, thing)


@given(actor=workers, thing=resources, absent=st.sampled_from(PEOPLE))
@settings(max_examples=300)
def test_a_stand_in_reads_what_the_absent_colleague_sent_or_holds_but_no_c3(
    actor: Actor, thing: Resource, absent: UUID
) -> None:
    alone = replace(actor, stands_for=())
    helper = replace(actor, stands_for=(absent,))
    adds = (
        thing.confidentiality is not C3
        and absent in thing.owners
        and any(duty.role in {Role.WORKER, Role.COORDINATOR, Role.DINSOS} for duty in actor.duties)
    )
    reads = decide(alone, Action.REFERRAL_READ, thing)
    assert decide(helper, Action.REFERRAL_READ, thing) == (reads or adds)


@given(actor=workers, thing=resources)
@settings(max_examples=400)
def test_nobody_but_its_own_people_reaches_a_c3_referral(actor: Actor, thing: Resource) -> None:
    secret = replace(thing, confidentiality=C3)
    if actor.id not in {*secret.owners, *secret.named}:
        assert not decide(actor, Action.REFERRAL_READ, secret), "nor whoever stands in for them"
    if actor.id not in secret.named:
        assert not decide(actor, Action.REFERRAL_RECEIVE, secret)


@given(held=duties, area=st.sampled_from(AREAS))
def test_an_area_is_covered_by_itself_and_the_areas_that_hold_it(held: Duty, area: str) -> None:
    expected = area.split(".")[: len(held.area.split("."))] == held.area.split(".")
    assert held.covers(area) == expected


@given(actor=workers, area=st.sampled_from(AREAS))
@settings(max_examples=300)
def test_the_second_wall_is_never_narrower_than_the_duties(actor: Actor, area: str) -> None:
    scope = actor.row_scope()
    assert scope.actor == actor.id
    if any(duty.covers(area) for duty in actor.duties):
        assert scope.area_from <= area < scope.area_to


@pytest.mark.parametrize(
    ("areas", "inside", "outside"),
    [
        ([VILLAGE], [VILLAGE], [DISTRICT, "35.08.03.2006", "35.08.03.20055"]),
        ([DISTRICT], [DISTRICT, VILLAGE], [REGENCY, "35.08.04", "35.08.030"]),
        ([VILLAGE, "35.08.03.2006"], [DISTRICT, VILLAGE], [REGENCY, "35.08.04"]),
        ([VILLAGE, "35.09"], ["35", VILLAGE], ["36", "3"]),
        (["35.08", "36"], ["11", "35.08", "94"], []),
        ([], [], ["11", "35", VILLAGE]),
    ],
)
def test_the_second_wall_is_the_narrowest_area_that_holds_all_duties(
    areas: Sequence[str], inside: Sequence[str], outside: Sequence[str]
) -> None:
    held = tuple(Duty("PSM", area, Role.WORKER) for area in areas)
    scope = Actor(FIRST, "worker", held).row_scope()
    assert all(scope.area_from <= area < scope.area_to for area in inside)
    assert not any(scope.area_from <= area < scope.area_to for area in outside)


@pytest.mark.parametrize(
    ("caller", "thing", "reads"),
    [
        (worker("PSM", VILLAGE), a_referral(), True),
        (worker("PSM", DISTRICT), a_referral(), True),
        (worker("PSM", "35.08.03.2006"), a_referral(), False),
        (worker("KARANG_TARUNA", VILLAGE), a_referral(), False),
        (worker("PSM", VILLAGE), a_referral(confidentiality=C2), True),
        (worker("PSM", VILLAGE), a_referral(confidentiality=C3), False),
        (worker("PSM", VILLAGE), a_referral(confidentiality=C3, named=(FIRST,)), True),
        (worker("PSM", VILLAGE), a_referral(confidentiality=C3, owners=(FIRST, None)), True),
        (worker("PSM", VILLAGE, office=OFFICE), a_referral(organisation_id=OFFICE), True),
        (worker("PSM", VILLAGE, office=OTHER_OFFICE), a_referral(organisation_id=OFFICE), False),
        (worker("PSM", VILLAGE), a_referral(organisation_id=OFFICE), False),
        (worker("PSM", VILLAGE, office=OFFICE), a_referral(), True),
        (worker("TKSK", DISTRICT), a_referral(), True),
        (worker("TKSK", DISTRICT), a_referral(confidentiality=C3), False),
        (worker("TKSK", "35.08.04"), a_referral(), False),
        (worker("PEKSOS", REGENCY), a_referral(confidentiality=C2), True),
        (worker("PEKSOS", REGENCY), a_referral(confidentiality=C3), False),
        (worker("PEKSOS", "35.09"), a_referral(), False),
        (worker("PEKSOS", REGENCY), a_referral(organisation_id=OFFICE), False),
        (worker("PEKSOS", REGENCY, office=OFFICE), a_referral(organisation_id=OFFICE), True),
        (worker("PSM", REGENCY, Role.COORDINATOR), a_referral(), True),
        (worker("TAGANA", REGENCY, Role.COORDINATOR), a_referral(), False),
        (worker("DINSOS", REGENCY, Role.DINSOS), a_referral(), True),
        (worker("DINSOS", REGENCY, Role.DINSOS), a_referral(confidentiality=C3), False),
        (worker("DINSOS", "35.09", Role.DINSOS), a_referral(), False),
        (worker("DINSOS", "35.09", Role.DINSOS), a_referral(sender_area="35.09.01"), True),
        (worker("DESA_GOV", VILLAGE, Role.VILLAGE_HEAD), a_referral(), False),
        (worker("DESA_GOV", VILLAGE, Role.VILLAGE_HEAD), a_referral(owners=(FIRST,)), True),
        (worker("PSM", VILLAGE, Role.ADMIN), a_referral(), False),
        (worker("PSM", VILLAGE, Role.ADMIN), a_referral(owners=(FIRST,)), False),
    ],
)
def test_who_reads_a_referral(caller: Actor, thing: Resource, *, reads: bool) -> None:
    assert decide(caller, Action.REFERRAL_READ, thing) is reads


def test_no_workers_grant_on_referrals_rests_on_the_area_alone() -> None:
    """Two offices in one area do not see each other's people.

    Only the TKSK, of whom there is one in a kecamatan, sees every pillar's referrals there, and
    the professional social worker, who manages cases, those of no office or the own one.
    """
    for action in (Action.REFERRAL_READ, Action.REFERRAL_RECEIVE):
        for grant in GRANTS[action]:
            if Role.WORKER in grant.roles:
                assert (
                    {Match.PILLAR, Match.ORGANISATION} <= grant.where
                    or {Match.OWN, Match.NAMED, Match.STAND_IN} & grant.where
                    or grant.pillars == frozenset({"TKSK"})
                    or (
                        grant.pillars == frozenset({"PEKSOS"}) and Match.ORGANISATION in grant.where
                    )
                )


@settings(max_examples=1000)
@given(
    workers,
    st.sampled_from((Action.REFERRAL_RECEIVE, Action.BOARD_READ, Action.WORK_ASSIGN)),
    resources,
)
def test_the_reaches_of_a_caller_hold_just_what_is_decided_by_area(
    actor: Actor, action: Action, thing: Resource
) -> None:
    """INVARIANT: lists are read by `reaches` and single things by `decide`.

    If they parted, a list would show what cannot be opened, or hide work.
    """
    strange = replace(thing, owners=(), named=())
    held = any(
        strange.area is not None
        and (strange.area == reach.area or strange.area.startswith(reach.area + "."))
        and reach.pillar in (None, strange.pillar)
        and (reach.any_organisation or strange.organisation_id in (None, reach.organisation_id))
        and strange.confidentiality <= reach.up_to
        for reach in reaches(actor, action)
    )
    assert held is decide(actor, action, strange)
