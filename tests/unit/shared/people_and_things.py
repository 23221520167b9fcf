"""Random callers and random things for the tests of the policy."""

from uuid import UUID

from hypothesis import strategies as st

from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.policy import Resource

# Few values of each kind, so that they meet often; areas of four levels, some of them neighbours
# whose codes begin alike.
AREAS = ("35", "36", "35.08", "35.09", "35.08.03", "35.08.04", "35.08.03.2005", "35.08.03.2006")
PILLARS = ("PSM", "TKSK", "PEKSOS", "TAGANA", "KARANG_TARUNA", "DINSOS", "DESA_GOV")
PEOPLE = tuple(UUID(int=number) for number in range(1, 5))
OFFICES = tuple(UUID(int=number) for number in range(101, 104))

duties = st.builds(
    Duty,
    pillar=st.sampled_from(PILLARS),
    area=st.sampled_from(AREAS),
    role=st.sampled_from(Role),
    organisation_id=st.none() | st.sampled_from(OFFICES),
)
workers = st.builds(
    Actor,
    id=st.sampled_from(PEOPLE),
    kind=st.just("worker"),
    duties=st.lists(duties, max_size=4).map(tuple),
    stands_for=st.lists(st.sampled_from(PEOPLE), max_size=2).map(tuple),
)
services = st.builds(
    Actor,
    id=st.sampled_from(PEOPLE),
    kind=st.just("service"),
    duties=st.lists(duties, max_size=2).map(tuple),
    name=st.just("registry"),
)
somebody = st.none() | st.sampled_from(PEOPLE)
resources = st.builds(
    Resource,
    area=st.none() | st.sampled_from(AREAS),
    sender_area=st.none() | st.sampled_from(AREAS),
    pillar=st.none() | st.sampled_from(PILLARS),
    organisation_id=st.none() | st.sampled_from(OFFICES),
    owners=st.tuples(somebody, somebody),
    named=st.tuples(somebody),
    confidentiality=st.sampled_from(Confidentiality),
)
