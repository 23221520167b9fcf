"""What coordinators see: the open list, the board, its gaps, and who has how much in hand."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.cases.domain.clocks import Limits
from services.cases.storage import boards, open_counts
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role, Urgency
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Owner
from tests.integration.cases.seeding import put
from tests.integration.cases.test_worklist import due_in, ids

Make = Callable[..., Actor]
Took = Callable[..., Awaitable[None]]
LATE = Limits(timedelta(hours=-1), timedelta(days=30), timedelta(days=60))


@pytest.fixture
def coordinator(make_actor: Make) -> Actor:
    return make_actor("PSM", LUMAJANG, Role.COORDINATOR)


async def escalate(owner: Owner, *referrals: UUID) -> None:
    await owner.execute(
        "update referrals set escalation_level = 1 where id = any($1)", list(referrals)
    )


async def opened(api: Api, actor: Actor, limit: int = 50, **filters: str) -> list[UUID]:
    """The open list, page after page."""
    found: list[UUID] = []
    cursor: str | None = None
    while True:
        question = {"limit": str(limit), **filters} | ({"cursor": cursor} if cursor else {})
        answer = await api(actor).get("/referrals/open", params=question)
        assert answer.status_code == 200, answer.text
        found += ids(answer.json()["items"])
        cursor = answer.json()["next"]
        if cursor is None:
            return found


async def board(api: Api, actor: Actor, **question: str) -> dict[str, Any]:
    answer = await api(actor).get("/board", params=question)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def counted(body: dict[str, Any]) -> dict[str | None, tuple[int, int, int]]:
    """Open, overdue and escalated by key."""
    return {
        line["key"]: (line["open"], line["overdue"], line["escalated"])
        for line in (body["total"], *body["items"])
    }


async def test_what_is_escalated_or_overdue_leads_the_open_list_over_all_pages(
    api: Api, psm: Actor, dinsos: Actor, worker_db: Database, owner: Owner
) -> None:
    hours = [5, -3, 40, 2, -9, 5, 5, 30]
    pillars = ["PSM", "TKSK", "TAGANA"]
    sent = [
        await put(worker_db, psm, limits=due_in(hour), pillar=pillars[number % 3])
        for number, hour in enumerate(hours)
    ]
    back = await put(worker_db, psm, status="returned")
    await escalate(owner, sent[1], sent[4], sent[2])
    urgent = [sent[4], sent[1], sent[2]]
    for limit in (1, 2, 3, 7, 50):
        found = await opened(api, dinsos, limit)
        assert found[:3] == urgent
        assert found[3] == sent[3]
        assert set(found[4:7]) == {sent[0], sent[5], sent[6]}
        assert found[7:] == [sent[7], back]
    assert await opened(api, dinsos, 2, escalated="true") == urgent
    assert await opened(api, dinsos, 2, escalated="false") == (await opened(api, dinsos))[3:]
    assert await opened(api, dinsos, 1, overdue="true") == urgent[:2]


async def test_the_open_list_is_narrowed_by_area_pillar_and_status(
    api: Api, psm: Actor, dinsos: Actor, worker_db: Database
) -> None:
    village = await put(worker_db, psm, pillar="PSM", area=SUMBERWULUH)
    district = await put(worker_db, psm)
    regency = await put(worker_db, psm, pillar="TAGANA", area=LUMAJANG)
    held = await put(worker_db, psm, status="accepted", holder_id=uuid.uuid4(), area="35.08.04")
    await put(worker_db, psm, status="completed")
    await put(worker_db, psm, area="35.09.01")
    assert set(await opened(api, dinsos)) == {village, district, regency, held}
    assert set(await opened(api, dinsos, area=CANDIPURO)) == {village, district}
    assert await opened(api, dinsos, area=SUMBERWULUH) == [village]
    assert await opened(api, dinsos, area="35.09") == []
    assert set(await opened(api, dinsos, area="35")) == {village, district, regency, held}
    assert await opened(api, dinsos, pillar="TAGANA") == [regency]
    assert await opened(api, dinsos, status="accepted") == [held]
    assert await opened(api, dinsos, status="completed") == []
    urgent = await put(worker_db, psm, urgency=Urgency.EMERGENCY)
    assert await opened(api, dinsos, urgency="emergency") == [urgent]
    assert urgent not in await opened(api, dinsos, urgency="high")
    refused = await api(dinsos).get("/referrals/open?area=35.99")
    assert refused.status_code == 422


async def test_a_coordinator_is_shown_the_own_pillar_office_and_area_alone(
    api: Api, psm: Actor, make_actor: Make, worker_db: Database
) -> None:
    office, other = UUID(int=1), UUID(int=2)
    mine = await put(worker_db, psm, pillar="LKS", area=LUMAJANG, organisation_id=office)
    common = await put(worker_db, psm, pillar="LKS", area=LUMAJANG)
    await put(worker_db, psm, pillar="LKS", area=LUMAJANG, organisation_id=other)
    await put(worker_db, psm, pillar="TKSK", area=CANDIPURO)
    await put(worker_db, psm, pillar="LKS", area="35.09")
    inside = make_actor("LKS", LUMAJANG, Role.COORDINATOR, organisation_id=office)
    assert set(await opened(api, inside)) == {mine, common}
    assert counted(await board(api, inside))[None] == (2, 0, 0)
    for stranger in (
        make_actor("LKS", "35.09", Role.COORDINATOR, organisation_id=UUID(int=3)),
        make_actor("PSM", LUMAJANG, Role.COORDINATOR),
    ):
        assert not {mine, common} & set(await opened(api, stranger))
    twice = Actor(inside.id, "worker", (*inside.duties, *make_actor("X", "35", Role.DINSOS).duties))
    assert len(await opened(api, twice)) == len(set(await opened(api, twice))) == 5
    assert counted(await board(api, twice))[None] == (5, 0, 0)


async def test_special_services_are_counted_and_listed_to_the_named_alone(
    api: Api, psm: Actor, dinsos: Actor, make_actor: Make, worker_db: Database, owner: Owner
) -> None:
    secret = await put(worker_db, psm, worker_id=uuid.uuid4(), confidentiality=Confidentiality.C3)
    assert await opened(api, dinsos) == []
    assert counted(await board(api, dinsos))[None] == (1, 0, 0)
    await owner.execute("update referrals set named = array[$2::uuid] where id = $1", secret,
                        dinsos.id)  # fmt: skip
    assert await opened(api, dinsos) == [secret]
    assert await opened(api, dinsos, area="35.08.04") == []
    assert await opened(api, make_actor("DINSOS", LUMAJANG, Role.DINSOS)) == []


async def test_a_board_counts_by_status_pillar_urgency_and_the_areas_below(
    api: Api, psm: Actor, dinsos: Actor, worker_db: Database, owner: Owner
) -> None:
    late = await put(worker_db, psm, limits=LATE, urgency=Urgency.EMERGENCY)
    await put(worker_db, psm, pillar="PSM", area=SUMBERWULUH)
    await put(worker_db, psm, pillar="TAGANA", area=LUMAJANG)
    held = {"status": "in_progress", "holder_id": uuid.uuid4()}
    await put(worker_db, psm, area="35.08.04", limits=LATE, **held)
    await put(worker_db, psm, status="completed")
    await put(worker_db, psm, area="35.09.01")
    await escalate(owner, late)
    total = (4, 2, 1)
    assert counted(await board(api, dinsos)) == {
        None: total, "sent": (3, 1, 1), "in_progress": (1, 1, 0),
    }  # fmt: skip
    assert counted(await board(api, dinsos, by="pillar")) == {
        None: total, "TKSK": (2, 2, 1), "PSM": (1, 0, 0), "TAGANA": (1, 0, 0),
    }  # fmt: skip
    assert counted(await board(api, dinsos, by="urgency")) == {
        None: total, "emergency": (1, 1, 1), "high": (3, 1, 0),
    }  # fmt: skip
    assert counted(await board(api, dinsos, by="area")) == {
        None: total, LUMAJANG: (1, 0, 0), CANDIPURO: (2, 1, 1), "35.08.04": (1, 1, 0),
    }  # fmt: skip
    assert counted(await board(api, dinsos, by="area", area=CANDIPURO)) == {
        None: (2, 1, 1), CANDIPURO: (1, 1, 1), SUMBERWULUH: (1, 0, 0),
    }  # fmt: skip
    assert counted(await board(api, dinsos, area="35.09")) == {None: (0, 0, 0)}


@pytest.fixture
def took(worker_db: Database, psm: Actor, owner: Owner) -> Took:
    """Makes a referral that was answered after some minutes and completed after twice as many."""

    async def made(minutes: int, days_ago: int = 1, **changes: Any) -> None:
        one = await put(worker_db, psm, status="completed", **changes)
        await owner.execute(
            """
            update referrals set sent_at = now() - $2::interval,
                replied_at = now() - $2::interval + $3::interval,
                ended_at = now() - $2::interval + 2 * $3::interval
            where id = $1
            """,
            one,
            timedelta(days=days_ago),
            timedelta(minutes=minutes),
        )

    return made


async def test_a_pillar_that_answers_thousands_leaves_the_others_their_times(
    api: Api, dinsos: Actor, took: Took, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "SAMPLE", 3)
    monkeypatch.setattr(boards, "_times_sql", boards._times_sql.__wrapped__)
    await took(60, days_ago=9)
    for minutes in (1, 2, 3, 4, 5):
        await took(minutes, days_ago=6 - minutes, pillar="TAGANA", area=LUMAJANG)
    body = await board(api, dinsos, by="pillar")
    lines = {line["key"]: line["reply"] for line in body["items"]}
    assert lines["TKSK"] == {"count": 1, "median_seconds": 3600, "p90_seconds": 3600}
    assert (lines["TAGANA"]["count"], lines["TAGANA"]["median_seconds"]) == (3, 240)
    # The latest of all pillars.
    assert (body["total"]["reply"]["count"], body["total"]["reply"]["median_seconds"]) == (3, 240)


async def test_reply_and_completion_times_are_those_of_the_last_thirty_days(
    api: Api, dinsos: Actor, took: Took
) -> None:
    for minutes in (10, 20, 30, 100):
        await took(minutes)
    await took(60, pillar="PSM", area=SUMBERWULUH)
    await took(7, days_ago=31)
    await took(8, area="35.09.01")
    body = await board(api, dinsos, by="pillar")
    lines = {line["key"]: line for line in body["items"]}
    # Of 10, 20, 30 and 100 minutes the middle is 25; nine tenths lie below 79.
    assert lines["TKSK"]["reply"] == {
        "count": 4, "median_seconds": 1500, "p90_seconds": pytest.approx(4740),
    }  # fmt: skip
    assert lines["TKSK"]["completion"]["median_seconds"] == 3000
    assert lines["PSM"]["reply"]["median_seconds"] == 3600
    assert lines["TKSK"]["open"] == 0
    assert body["total"]["reply"]["count"] == 5
    by_area = {line["key"]: line for line in (await board(api, dinsos, by="area"))["items"]}
    assert by_area[CANDIPURO]["completion"]["count"] == 5
    by_status = await board(api, dinsos)
    assert by_status["items"] == []
    assert by_status["total"]["completion"]["count"] == 5


async def test_open_need_where_nobody_holds_a_duty_of_the_pillar_is_a_gap(
    api: Api, psm: Actor, dinsos: Actor, make_actor: Make, employ: Employ, worker_db: Database
) -> None:
    for _ in range(2):
        await put(worker_db, psm, pillar="PSM", area=SUMBERWULUH)
    await put(worker_db, psm)
    await employ(make_actor("PSM", "35.08.03.2006"), make_actor("KARANG_TARUNA", SUMBERWULUH))

    async def found() -> dict[tuple[str, str], int]:
        answer = await api(dinsos).get("/board/gaps")
        assert answer.status_code == 200, answer.text
        return {(one["pillar"], one["area"]): one["open"] for one in answer.json()["gaps"]}

    assert await found() == {("PSM", SUMBERWULUH): 2, ("TKSK", CANDIPURO): 1}
    wide, left = make_actor("PSM", LUMAJANG), make_actor("TKSK", CANDIPURO)
    await employ(wide)
    await employ(left, active=False)
    assert await found() == {("TKSK", CANDIPURO): 1}


async def test_an_open_case_with_nothing_on_its_way_is_named(
    api: Api, psm: Actor, dinsos: Actor, make_actor: Make, worker_db: Database, owner: Owner
) -> None:
    idle = await put(worker_db, psm, status="completed")
    waits = await put(worker_db, psm, status="completed")
    closed = await put(worker_db, psm, status="completed")
    await put(worker_db, psm)
    case_of = "select case_id from referrals where id = $1"
    await owner.execute(
        "insert into planned_legs select gen_random_uuid(), case_id, id, 'PSM', area, sender_id,"
        " now() from referrals where id = $1",
        waits,
    )
    await owner.execute(
        "update cases set is_open = false, closed_at = now() where id = $1",
        await owner.fetchval(case_of, closed),
    )
    body = (await api(dinsos).get("/board/gaps")).json()
    assert [one["case_id"] for one in body["idle_cases"]] == [
        str(await owner.fetchval(case_of, idle))
    ]
    province = make_actor("DINSOS", "35", Role.DINSOS)
    assert (await api(province).get("/board/gaps")).json()["idle_cases"] is None
    narrowed = await api(province).get("/board/gaps", params={"area": LUMAJANG})
    assert narrowed.json()["idle_cases"] == body["idle_cases"]
    other = make_actor("PSM", LUMAJANG, Role.COORDINATOR)
    assert (await api(other).get("/board/gaps")).json()["idle_cases"] == [], "not of this pillar"


async def test_a_workload_tells_what_each_worker_holds_and_who_has_nothing(
    api: Api, psm: Actor, dinsos: Actor, make_actor: Make, employ: Employ, worker_db: Database,
    owner: Owner,
) -> None:  # fmt: skip
    busy, free, away = (make_actor("TKSK", CANDIPURO) for _ in range(3))
    gone = uuid.uuid4()
    await employ(busy, free, away, make_actor("TKSK", "35.09.01"))
    await owner.execute(
        "insert into known_absences values ($1, current_date - 1, current_date + 1, $2)",
        away.id,
        free.id,
    )
    for status in ("accepted", "on_hold"):
        await put(worker_db, psm, status=status, holder_id=busy.id)
    late = await put(worker_db, psm, status="in_progress", holder_id=busy.id, limits=LATE)
    await escalate(owner, late)
    await put(worker_db, psm, worker_id=busy.id)
    await put(worker_db, psm, status="accepted", holder_id=gone)
    await put(worker_db, psm)
    first = (await api(dinsos).get("/workload?limit=2")).json()
    rest = (await api(dinsos).get("/workload", params={"cursor": first["next"]})).json()
    lines = {UUID(one["worker_id"]): one for one in first["items"] + rest["items"]}
    assert [UUID(one["worker_id"]) for one in first["items"]] == [busy.id, gone]
    assert set(lines) == {busy.id, gone, free.id, away.id}
    names = ("open", "held", "waiting", "overdue", "escalated")
    assert [lines[busy.id][name] for name in names] == [4, 3, 1, 1, 1]
    assert [lines[free.id][name] for name in names] == [0] * 5
    assert (lines[gone]["pillar"], lines[gone]["held"]) == (None, 1)
    assert (lines[away.id]["absent"], lines[away.id]["stand_in_id"]) == (True, str(free.id))
    assert lines[busy.id]["absent"] is False
    own = make_actor("PSM", LUMAJANG, Role.COORDINATOR)
    assert (await api(own).get("/workload")).json()["items"] == []
    narrowed = (await api(dinsos).get("/workload?pillar=PSM")).json()["items"]
    assert narrowed == []


async def test_a_board_by_age_tells_how_many_days_ago_what_is_open_was_sent(
    api: Api, psm: Actor, dinsos: Actor, worker_db: Database, owner: Owner
) -> None:
    days = {"under_1_day": (0,), "1_to_3_days": (1, 2), "3_to_7_days": (3, 5, 6),
            "7_to_30_days": (7, 8, 28, 29), "over_30_days": (30, 31, 40, 400, 401)}  # fmt: skip
    one = None
    for number, ago in enumerate(day for some in days.values() for day in some):
        one = await put(worker_db, psm)
        # The first or the last moment of that day, in western Indonesia.
        await owner.execute(
            "update referrals set sent_at = date_trunc('day', now(), 'Asia/Jakarta')"
            " - $2::interval + case when $3 then interval '0' else interval '86399.999999 s' end"
            " where id = $1",
            one,
            timedelta(days=ago),
            number % 2 == 0,
        )
    assert one is not None
    await escalate(owner, one)
    await put(worker_db, psm, status="completed")
    await put(worker_db, psm, area="35.09.01")
    for asks in ("changes", "folded", "counted"):
        if asks == "folded":
            async with worker_db.transaction() as tx:
                await open_counts.fold(tx)
        # Within a kecamatan the rows themselves are counted.
        area = {"area": CANDIPURO} if asks == "counted" else {}
        found = await board(api, dinsos, by="age", **area)
        assert [line["key"] for line in found["items"]] == list(days), asks
        assert [line["open"] for line in found["items"]] == [1, 2, 3, 4, 5], asks
        assert (found["total"]["open"], found["total"]["escalated"]) == (15, 1)
        assert found["items"][-1]["escalated"] == 1
        assert {line["reply"] for line in found["items"]} == {None}
    sheet = (await api(dinsos).get("/board/export", params={"by": "age"})).text
    assert "30 hari atau lebih" in sheet
