"""What is looked up once for many referrals is what each would find alone."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.legs import Candidate
from services.cases.domain.receivers import Duties
from services.cases.domain.referral import Referral
from services.cases.domain.routing import chain_of
from services.cases.domain.superiors import Superior, above, above_each
from shared.contracts.codes import ReferralStatus, Role
from shared.reference.areas import parents
from shared.reference.pillars import DINSOS, PILLARS
from tests.unit.cases.story import DISTRICT, VILLAGE, people, referral

AREAS = st.sampled_from(["35", "35.08", DISTRICT, VILLAGE, "35.08.03.2001", "35.08.01", "35.07"])
CHOSEN = st.sampled_from(["PSM", "TKSK", DINSOS])
OFFICES = st.none() | st.sampled_from([UUID(int=71), UUID(int=72)])
WORKERS = st.integers(1, 4).map(lambda number: UUID(int=number))
CANDIDATES = st.builds(
    Candidate,
    worker_id=WORKERS,
    pillar=CHOSEN,
    area=AREAS,
    organisation_id=OFFICES,
    absent=st.booleans(),
    stand_in_id=st.none() | st.just(UUID(int=99)),
)


def there(candidate: Candidate) -> Candidate:
    return replace(candidate, absent=False)


ROLES = st.sampled_from([Role.COORDINATOR, Role.DINSOS])
REFERRALS = st.builds(
    lambda pillar, area, office, pool, status: replace(
        referral(people(), pillar=pillar, area=area, organisation_id=office, pool=tuple(pool)),
        status=status,
    ),
    CHOSEN,
    AREAS,
    OFFICES,
    st.frozensets(WORKERS, max_size=3),
    st.sampled_from([ReferralStatus.SENT, ReferralStatus.RETURNED]),
)


@given(st.lists(REFERRALS, max_size=8), st.lists(st.builds(Superior, ROLES, CANDIDATES)))
def test_those_above_many_are_those_above_each(
    many: list[Referral], superiors: list[Superior]
) -> None:
    assert above_each(many, superiors) == [above(one, superiors) for one in many]


@given(
    REFERRALS,
    st.lists(st.builds(Superior, ROLES, CANDIDATES.map(there)), min_size=2, max_size=8),
    st.integers(1, 3),
)
def test_whose_move_it_is_stands_above_nobody_while_another_is_there_to_be_told(
    one: Referral, superiors: list[Superior], receive: int
) -> None:
    # Some of those above receive it themselves, or sent it and have it back.
    first = [superior.person.worker_id for superior in superiors[:receive]]
    one = replace(one, pool=tuple(first), sender_id=first[0])
    waited_for = {one.sender_id} if one.status is ReferralStatus.RETURNED else set(one.pool)
    others = {
        superior.person.worker_id
        for superior in superiors
        if superior.role is Role.DINSOS and superior.person.area in parents(one.area)
    } - waited_for
    told = set(above(one, superiors).dinsos)
    assert (told and told <= others) if others else told <= waited_for


@given(st.lists(CANDIDATES), AREAS, st.sets(CHOSEN))
def test_around_a_place_are_the_duties_whose_area_holds_it(
    duties: list[Candidate], area: str, pillars: set[str]
) -> None:
    expected = [one for one in duties if one.pillar in pillars and one.area in parents(area)]
    found = Duties(duties).around(area, *sorted(pillars))
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("pillar", PILLARS)
def test_nobody_outside_its_chain_is_needed_to_send_a_need_on(pillar: str) -> None:
    """A pillar of the chain that has nobody falls back in turn, to those already looked up."""
    chain = chain_of(pillar)
    assert all(set(chain_of(option)) <= set(chain) for option in chain)
