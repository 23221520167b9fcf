"""Projections end at the highest version and never go back, in whatever order events come."""

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cases.reactions import REACTIONS as CASES
from services.notifications.reactions import REACTIONS as NOTIFICATIONS
from shared.contracts.codes import BeneficiaryKind, Confidentiality, Role
from shared.contracts.directory import DutyState, WorkerChanged
from shared.contracts.envelope import Event, EventData
from shared.contracts.registry import BeneficiaryChanged
from shared.database import Database
from shared.ids import new_id
from shared.messaging.inbox import Entry, Inbox
from tests.fixtures.stack import Stack
from tests.fixtures.trail import Trail
from tests.unit.notifications.story import Story

LAST = 8
AREAS = [f"35.08.03.{number}" for number in range(2001, 2001 + LAST)]

in_any_order = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[int]]:
    """Versions 1 to the last, each at least once, shuffled and cut into batches."""
    last = draw(st.integers(1, LAST))
    repeats = draw(st.lists(st.integers(1, last), max_size=LAST))
    order = draw(st.permutations([*range(1, last + 1), *repeats]))
    batches: list[list[int]] = []
    while order:
        size = draw(st.integers(1, 4))
        batches.append(order[:size])
        order = order[size:]
    return batches


@pytest.fixture
async def trail(clean: Stack) -> AsyncIterator[Trail]:
    laid = Trail(clean.owner_url)
    await laid.begin()
    yield laid
    await laid.end()


@pytest.fixture
async def owner(clean: Stack) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(clean.owner_url)
    yield connection
    await connection.close()


@pytest.fixture
async def cases(clean: Stack) -> AsyncIterator[Inbox]:
    database = Database(clean.environment["CASES_WORKER_DATABASE_URL"], pool_size=2)
    yield Inbox("cases", database, CASES)
    await database.close()


@pytest.fixture
async def notifications(clean: Stack) -> AsyncIterator[Inbox]:
    database = Database(clean.environment["NOTIFICATIONS_WORKER_DATABASE_URL"], pool_size=2)
    yield Inbox("notifications", database, NOTIFICATIONS)
    await database.close()


def telling(subject: uuid.UUID, state: Callable[[int], EventData]) -> list[Event]:
    """The events of versions 1 to the last."""
    return [
        Event.stating(
            state(version),
            event_id=new_id(),
            subject=subject,
            version=version,
            time=datetime.now(UTC),
            traceparent=None,
        )
        for version in range(1, LAST + 1)
    ]


async def deliver(inbox: Inbox, events: Sequence[Event], batches: list[list[int]]) -> int:
    """Hand the batches over; returns the highest version among them."""
    for batch in batches:
        entries = [
            Entry(str(place), events[version - 1].to_json()) for place, version in enumerate(batch)
        ]
        assert len(await inbox.apply("test", entries)) == len(entries)
    return max(version for batch in batches for version in batch)


@in_any_order
@given(batches=deliveries())
async def test_f24_cases_ends_at_the_newest_duties_of_a_worker(
    cases: Inbox, trail: Trail, owner: asyncpg.Connection, batches: list[list[int]]
) -> None:
    worker_id = uuid.uuid4()
    duty_ids = [uuid.uuid4() for _ in range(LAST)]

    def state(version: int) -> WorkerChanged:
        duties = [
            DutyState(
                duty_id=duty_ids[place],
                pillar="PSM",
                area=AREAS[version - 1],
                role=Role.WORKER,
                starts_on=date(2026, 1, 1),
            )
            for place in range(version % 3)
        ]
        return WorkerChanged(worker_id=worker_id, active=bool(duties), duties=duties)

    last = await deliver(cases, telling(worker_id, state), batches)
    known = await owner.fetchrow(
        "select version, active from cases.known_workers where worker_id = $1", worker_id
    )
    areas = await owner.fetch("select area from cases.known_duties where worker_id = $1", worker_id)
    assert tuple(known) == (last, last % 3 > 0)
    assert [row["area"] for row in areas] == [AREAS[last - 1]] * (last % 3)
    assert await trail.receding() == []


@in_any_order
@given(batches=deliveries())
async def test_f24_cases_ends_at_the_newest_place_of_a_beneficiary(
    cases: Inbox, trail: Trail, owner: asyncpg.Connection, batches: list[list[int]]
) -> None:
    beneficiary_id = uuid.uuid4()

    def state(version: int) -> BeneficiaryChanged:
        return BeneficiaryChanged(
            beneficiary_id=beneficiary_id,
            kind=BeneficiaryKind.PERSON,
            area=AREAS[version - 1],
            confidentiality=Confidentiality.C1,
            categories=["LUT"],
        )

    last = await deliver(cases, telling(beneficiary_id, state), batches)
    known = await owner.fetchrow(
        "select version, area from cases.known_beneficiaries where beneficiary_id = $1",
        beneficiary_id,
    )
    assert tuple(known) == (last, AREAS[last - 1])
    assert await trail.receding() == []


@in_any_order
@given(batches=deliveries())
async def test_f24_notifications_ends_at_the_newest_state_of_a_referral(
    notifications: Inbox, trail: Trail, owner: asyncpg.Connection, batches: list[list[int]]
) -> None:
    story = Story()
    events = story.whole()
    last = await deliver(notifications, events, batches)
    shown = await owner.fetchrow(
        "select version, status from notifications.referral_view where referral_id = $1",
        story.referral_id,
    )
    assert tuple(shown) == (last, events[last - 1].data.status)
    assert await trail.receding() == []
    assert await trail.repeated() == []
