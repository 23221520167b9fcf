"""The invented world is large and whole enough to show every pillar at work."""

from deploy.demo.__main__ import STORY_EVERY
from deploy.demo.people import people, workers
from deploy.demo.referrals import STORIES
from deploy.demo_logins import DEMO_LOGINS
from shared.contracts.codes import Role
from shared.reference.areas import Level, at_level, require_known
from shared.reference.categories import CATEGORIES

FIVE_PILLARS = {"PENSOSMAS", "PSM", "TKSK", "TAGANA", "KARANG_TARUNA"}


def test_every_pillar_has_workers_where_the_people_live() -> None:
    duties = [duty for worker in workers() for duty in worker.duties]
    for _, area, _ in duties:
        require_known(area)
    assert {pillar for pillar, _, role in duties if role is Role.WORKER} >= FIVE_PILLARS
    villages = {area for pillar, area, role in duties if (pillar, role) == ("PSM", Role.WORKER)}
    assert {person.area for person in people()} <= villages


def test_a_few_hundred_people_are_invented_and_say_so() -> None:
    everybody = list(people())
    assert len(everybody) >= 200
    assert len({person.id for person in everybody}) == len(everybody)
    assert [person.name for person in everybody if not person.name.endswith("(demo)")] == []
    assert {person.category for person in everybody} <= set(CATEGORIES)
    for person in everybody:
        require_known(person.area)
        assert at_level(person.area, Level.VILLAGE) == person.area


def test_the_demo_logins_are_workers_of_the_demo() -> None:
    assert {login.username for login in DEMO_LOGINS} <= {worker.username for worker in workers()}


def test_a_few_dozen_referrals_tell_every_story_more_than_once() -> None:
    told = len(list(people())[::STORY_EVERY])
    assert 24 <= told <= 60
    assert told >= 2 * len(STORIES)
    last = {story.steps[-1] if story.steps else "send" for story in STORIES}
    assert last == {"send", "see", "accept", "start", "note", "complete", "return"}
