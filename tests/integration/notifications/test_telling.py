import random
import uuid
from datetime import UTC, date, datetime

import asyncpg
import pytest

from shared.contracts import cases, directory
from shared.contracts.codes import Confidentiality, Role
from shared.contracts.envelope import Event
from shared.ids import new_id
from tests.integration.notifications.conftest import Api, Heard, worker
from tests.unit.notifications.story import NUMBER, Story


def worker_event(
    kind: type[directory.WorkerState], worker_id: uuid.UUID, *, version: int, active: bool
) -> Event:
    duty = directory.DutyState(
        duty_id=uuid.uuid4(),
        pillar="TAGANA",
        area="35.08",
        role=Role.WORKER,
        starts_on=date(2026, 1, 1),
    )
    return Event.stating(
        kind(worker_id=worker_id, active=active, duties=[duty] if active else []),
        event_id=new_id(),
        subject=worker_id,
        version=version,
        time=datetime.now(UTC),
        traceparent=None,
    )


async def told(owner: asyncpg.Connection, *events: Event) -> set[tuple[uuid.UUID, str]]:
    rows = await owner.fetch(
        "select recipient_id, kind from notices where event_id = any($1::uuid[])",
        [event.id for event in events],
    )
    return {(row["recipient_id"], row["kind"]) for row in rows}


async def test_a_sent_referral_is_delivered_to_each_worker_of_the_pool(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story = Story()
    sent = story.event(cases.ReferralSent)
    await heard.hear(sent)
    assert await told(owner, sent) == {(person, "referral_new") for person in story.pool}
    ledger = await owner.fetch("select recipient_id, channel, status, sender_id from deliveries")
    assert {tuple(row) for row in ledger} == {
        (person, "in_app", "delivered", story.sender) for person in story.pool
    }


async def test_the_losers_of_an_acceptance_are_told_and_the_winner_is_not(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story = Story()
    accepted = [story.event(cases.ReferralSent), story.event(cases.ReferralAccepted)][1]
    await heard.hear(accepted)
    assert await told(owner, accepted) == {
        (story.sender, "referral_accepted"),
        *((person, "referral_taken") for person in story.pool[1:]),
    }


@pytest.mark.parametrize("seed", range(5))
async def test_repeated_and_shuffled_events_tell_each_person_once_and_move_no_status_back(
    heard: Heard, owner: asyncpg.Connection, seed: int
) -> None:
    """INVARIANT: without the version guard a late `sent` would reopen a completed referral."""
    shuffle = random.Random(seed)  # noqa: S311 - repeatable, not secret
    story = Story()
    events = story.whole()
    stream = events * 10
    shuffle.shuffle(stream)
    await heard.hear_in_pieces(stream, shuffle)

    view = await owner.fetchrow("select status, version from referral_view")
    assert tuple(view) == ("completed", len(events))
    notices = await owner.fetch("select event_id, recipient_id from notices")
    assert len({tuple(row) for row in notices}) == len(notices)
    # sent 3, returned 1, resent 3, accepted 1 + 2, started 1, noted 1, completed 1
    assert len(notices) == 13
    assert await owner.fetchval("select count(*) from deliveries") == 13
    for person in (story.sender, *story.pool):
        versions = [
            row["version"]
            for row in await owner.fetch(
                """
                select (data ->> 'version')::int as version from stream_rows
                where worker_id = $1 and kind = 'worklist' order by seq
                """,
                person,
            )
        ]
        assert versions == sorted(set(versions))


async def test_a_late_older_event_refreshes_no_list(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story = Story()
    sent, accepted = story.event(cases.ReferralSent), story.event(cases.ReferralAccepted)
    await heard.hear(accepted)
    await heard.hear(sent)
    statuses = await owner.fetch(
        "select distinct data ->> 'status' from stream_rows where kind = 'worklist'"
    )
    assert [row[0] for row in statuses] == ["accepted"]
    assert len(await told(owner, sent)) == 3, "it happened, so those it names are told"


async def test_a_worker_who_left_gets_nothing_and_the_sender_can_see_why(
    heard: Heard, owner: asyncpg.Connection, api: Api
) -> None:
    story = Story()
    gone = story.pool[1]
    await heard.hear(
        worker_event(directory.WorkerLeft, gone, version=2, active=False),
        worker_event(directory.WorkerJoined, story.pool[2], version=1, active=True),
    )
    # An older state that comes late brings nobody back.
    await heard.hear(worker_event(directory.WorkerJoined, gone, version=1, active=True))
    sent = story.event(cases.ReferralSent)
    await heard.hear(sent, times=2)

    assert {person for person, _ in await told(owner, sent)} == {story.pool[0], story.pool[2]}
    assert not await owner.fetch("select from stream_rows where worker_id = $1", gone)
    answer = await api(worker(story.sender)).get(
        "/deliveries", params={"referral_id": str(story.referral_id)}
    )
    statuses = {
        item["recipient_id"]: (item["status"], item["detail"]) for item in answer.json()["items"]
    }
    assert statuses == {
        str(story.pool[0]): ("delivered", None),
        str(gone): ("failed", "worker_left"),
        str(story.pool[2]): ("delivered", None),
    }
    events = [bytes(row["data"]) for row in await owner.fetch("select data from event_log")]
    assert len(events) == 1
    said = Event.model_validate_json(events[0])
    assert said.type == "id.sinergi.notifications.worker.unreachable.v1"
    assert said.data == {"worker_id": str(gone), "referral_id": str(story.referral_id)}


async def test_what_a_reaction_states_belongs_to_the_trace_of_its_cause(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story = Story()
    await heard.hear(worker_event(directory.WorkerLeft, story.pool[1], version=1, active=False))
    traces = [f"00-{digit * 32}-{'1' * 16}-01" for digit in "ab"]
    kinds: tuple[type[cases.ReferralState], ...] = (cases.ReferralSent, cases.ReferralResent)
    await heard.hear(
        *(
            story.event(kind).model_copy(update={"traceparent": trace, "requestid": trace[3:7]})
            for kind, trace in zip(kinds, traces, strict=True)
        )
    )
    said = [
        Event.model_validate_json(bytes(row["data"]))
        for row in await owner.fetch("select data from event_log order by seq")
    ]
    assert [(one.traceparent or "").split("-")[1] for one in said] == ["a" * 32, "b" * 32]
    assert [one.requestid for one in said] == ["a" * 4, "b" * 4]


async def test_a_worker_who_came_back_is_told_again(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story = Story()
    back = story.pool[1]
    await heard.hear(worker_event(directory.WorkerLeft, back, version=2, active=False))
    await heard.hear(worker_event(directory.WorkerChanged, back, version=3, active=True))
    sent = story.event(cases.ReferralSent)
    await heard.hear(sent)
    assert (back, "referral_new") in await told(owner, sent)


async def test_nothing_stored_about_a_c3_referral_names_a_category(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story = Story(confidentiality=Confidentiality.C3)
    # Even were cases to forget itself, the category must not get through.
    await heard.hear(story.event(cases.ReferralSent, category="KORBAN_KEKERASAN"))
    titles = {row["title"] for row in await owner.fetch("select title from notices")}
    assert titles == {f"Rujukan layanan khusus baru {NUMBER}"}
    for table in ("notices", "deliveries", "stream_rows", "referral_view"):
        rows = await owner.fetch(f"select row_to_json(t)::text as line from {table} t")  # noqa: S608 - our own names
        assert rows
        assert not [row["line"] for row in rows if "KEKERASAN" in row["line"]]


async def test_a_receiver_who_opens_the_referral_shows_as_opened_in_the_ledger(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story = Story()
    other = Story(sender=story.sender, pool=story.pool)
    await heard.hear(story.event(cases.ReferralSent), other.event(cases.ReferralSent))
    await heard.hear(story.event(cases.ReferralSeen, actor=story.pool[1]))
    opened = await owner.fetch(
        "select recipient_id, referral_id from deliveries where status = 'opened'"
    )
    assert [tuple(row) for row in opened] == [(story.pool[1], story.referral_id)]
    read = await owner.fetch("select recipient_id from notices where read_at is not null")
    assert [row["recipient_id"] for row in read] == [story.pool[1]]


async def test_one_event_costs_two_statements(heard: Heard) -> None:
    story = Story()
    first, *events = [
        story.event(kind)
        for kind in (cases.ReferralSent, cases.ReferralAccepted, cases.ReferralCompleted)
    ]
    statements: list[str] = []
    async with heard.database.transaction() as tx:
        # The first use of a connection also asks for the array types.
        await heard.inbox._reactions[first.type](first, tx)
        with tx._driver.query_logger(lambda query: statements.append(query.query)):
            for event in events:
                await heard.inbox._reactions[event.type](event, tx)
    assert len(statements) == 2 * len(events)
