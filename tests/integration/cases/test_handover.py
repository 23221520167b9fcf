"""Work that changes hands, many referrals at once: a result per item, a preview, no stranger."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.integration.cases.conftest import Api, Employ, Owner
from tests.integration.cases.seeding import put

Make = Callable[..., Actor]
CLOCKS = "select act_by, close_by, hold_until, paused_at, due_at from referrals where id = $1"


@pytest.fixture
def coordinator(make_actor: Make) -> Actor:
    return make_actor("TKSK", LUMAJANG, Role.COORDINATOR)


@pytest.fixture
async def sick(make_actor: Make, employ: Employ) -> Actor:
    one = make_actor("TKSK", CANDIPURO)
    await employ(one)
    return one


@pytest.fixture
async def colleague(make_actor: Make, employ: Employ) -> Actor:
    one = make_actor("TKSK", CANDIPURO)
    await employ(one)
    return one


async def ask(api: Api, actor: Actor, path: str, **body: Any) -> dict[str, Any]:
    answer = await api(actor).post(path, json={"reason": "Sakit.", **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def codes(body: dict[str, Any]) -> dict[UUID, str | None]:
    return {UUID(one["referral_id"]): one["code"] for one in body["items"]}


async def hands(owner: Owner, referral: UUID) -> tuple[UUID | None, str]:
    row = await owner.fetchrow("select holder_id, status from referrals where id = $1", referral)
    assert row is not None
    return row["holder_id"], row["status"]


async def test_a_handover_moves_what_is_held_and_what_waits_by_name_with_its_clocks(
    api: Api, psm: Actor, sick: Actor, colleague: Actor, coordinator: Actor, worker_db: Database,
    owner: Owner,
) -> None:  # fmt: skip
    held = {
        status: await put(worker_db, psm, status=status, holder_id=sick.id)
        for status in ("accepted", "in_progress", "on_hold")
    }
    await owner.execute(
        "update referrals set paused_at = now(), hold_until = now() + interval '3 days'"
        " where id = $1",
        held["on_hold"],
    )
    named = await put(worker_db, psm, worker_id=sick.id)
    pool = await put(worker_db, psm)
    ended = await put(worker_db, psm, status="completed", holder_id=sick.id)
    clocks = {one: await owner.fetchrow(CLOCKS, one) for one in held.values()}
    body = await ask(
        api, coordinator, "/handover", from_worker=str(sick.id), to_worker=str(colleague.id)
    )
    assert codes(body) == dict.fromkeys([*held.values(), named])
    assert (body["moved"], body["failed"], body["left"], body["preview"]) == (4, 0, 0, False)
    assert await hands(owner, held["accepted"]) == (colleague.id, "accepted")
    assert await hands(owner, held["in_progress"]) == (colleague.id, "accepted")
    assert await hands(owner, held["on_hold"]) == (colleague.id, "on_hold")
    assert await hands(owner, named) == (colleague.id, "accepted")
    assert await hands(owner, pool) == (None, "sent")
    assert await hands(owner, ended) == (sick.id, "completed")
    for one, before in clocks.items():
        after = await owner.fetchrow(CLOCKS, one)
        assert after["close_by"] == before["close_by"]
        assert after["act_by"] == before["act_by"]
        assert (after["hold_until"], after["paused_at"]) == (
            before["hold_until"], before["paused_at"],
        )  # fmt: skip
    history = (await api(colleague).get(f"/referrals/{named}")).json()["history"]
    assert (history[-1]["verb"], history[-1]["note"]) == ("assign", "Sakit.")
    said = await owner.fetch(
        "select type from event_log where subject = any($1) and version > 1", [*held.values()]
    )
    assert {row["type"] for row in said} == {"id.sinergi.cases.referral.assigned.v1"}


async def test_a_preview_says_the_same_with_a_ranking_and_changes_nothing(
    api: Api, psm: Actor, sick: Actor, colleague: Actor, coordinator: Actor, make_actor: Make,
    employ: Employ, worker_db: Database, owner: Owner, stored: Callable[[], Any],
) -> None:  # fmt: skip
    laden, away = make_actor("TKSK", CANDIPURO), make_actor("TKSK", CANDIPURO)
    wide = make_actor("TKSK", LUMAJANG)
    await employ(laden, away, wide, make_actor("TKSK", "35.08.04"), make_actor("PSM", CANDIPURO))
    await owner.execute(
        "insert into known_absences values ($1, current_date - 1, current_date + 1)", away.id
    )
    await put(worker_db, psm, status="accepted", holder_id=laden.id)
    one = await put(worker_db, psm, status="accepted", holder_id=sick.id)
    before = await stored()
    body = await ask(api, coordinator, "/handover?preview=true", from_worker=str(sick.id))
    assert await stored() == before
    assert await hands(owner, one) == (sick.id, "accepted")
    (item,) = body["items"]
    assert (item["ok"], item["to_worker"]) == (True, str(colleague.id))
    assert [UUID(person["worker_id"]) for person in item["candidates"]] == [
        colleague.id, laden.id, wide.id, away.id,
    ]  # fmt: skip
    assert all(person["reasons"] for person in item["candidates"])
    done = await ask(api, coordinator, "/handover", from_worker=str(sick.id))
    assert done["items"][0]["to_worker"] == str(colleague.id)
    assert done["items"][0]["candidates"] == []


async def test_without_a_named_receiver_the_work_is_spread_by_load(
    api: Api, psm: Actor, sick: Actor, colleague: Actor, coordinator: Actor, make_actor: Make,
    employ: Employ, worker_db: Database,
) -> None:  # fmt: skip
    third = make_actor("TKSK", CANDIPURO)
    await employ(third)
    for _ in range(4):
        await put(worker_db, psm, status="accepted", holder_id=sick.id)
    body = await ask(api, coordinator, "/handover", from_worker=str(sick.id))
    given = [item["to_worker"] for item in body["items"]]
    assert sorted(given) == sorted([str(colleague.id), str(third.id)] * 2)


async def test_one_bad_item_never_holds_up_the_others(
    api: Api, psm: Actor, sick: Actor, colleague: Actor, coordinator: Actor, make_actor: Make,
    worker_db: Database, owner: Owner, clean: Stack,
) -> None:  # fmt: skip
    """INVARIANT: each item is moved by itself.

    Were all moved at once, a colleague's lock or a leg just ended would leave a sick worker's
    whole list where it is.
    """
    good = [await put(worker_db, psm, status="accepted", holder_id=sick.id) for _ in range(2)]
    ended = await put(worker_db, psm, status="completed", holder_id=sick.id)
    busy = await put(worker_db, psm, status="accepted", holder_id=sick.id)
    elsewhere = await put(worker_db, psm, status="accepted", holder_id=sick.id, area="35.08.04")
    outside = await put(worker_db, make_actor("PSM", "35.09.01.2001"), area="35.09.01",
                        sender_area="35.09.01.2001")  # fmt: skip
    other_pillar = await put(worker_db, psm, pillar="PSM", area=SUMBERWULUH)
    missing = uuid.uuid4()
    blocker = await asyncpg.connect(
        clean.owner_url, server_settings={"search_path": "cases, public"}
    )
    try:
        async with blocker.transaction():
            await blocker.fetch("select 1 from referrals where id = $1 for update", busy)
            body = await asyncio.wait_for(
                ask(
                    api,
                    coordinator,
                    "/assignments",
                    referral_ids=[
                        str(one)
                        for one in (
                            missing,
                            good[0],
                            ended,
                            busy,
                            elsewhere,
                            outside,
                            other_pillar,
                            good[1],
                        )
                    ],
                    to_worker=str(colleague.id),
                ),
                5,
            )
    finally:
        await blocker.close()
    assert list(codes(body).items()) == [
        (missing, "not-found"),
        (good[0], None),
        (ended, "transition-not-allowed"),
        (busy, "version-conflict"),
        (elsewhere, "unknown-receiver"),
        (outside, "not-found"),
        (other_pillar, "not-found"),
        (good[1], None),
    ]
    assert (body["moved"], body["failed"]) == (2, 6)
    for one in good:
        assert await hands(owner, one) == (colleague.id, "accepted")
    for one in (busy, elsewhere):
        assert await hands(owner, one) == (sick.id, "accepted")


async def test_a_chosen_part_is_moved_and_what_is_not_with_the_worker_is_refused(
    api: Api, psm: Actor, sick: Actor, colleague: Actor, coordinator: Actor, worker_db: Database,
    owner: Owner,
) -> None:  # fmt: skip
    mine = [await put(worker_db, psm, status="accepted", holder_id=sick.id) for _ in range(3)]
    strange = await put(worker_db, psm, status="accepted", holder_id=colleague.id)
    body = await ask(
        api, coordinator, "/handover", from_worker=str(sick.id), to_worker=str(colleague.id),
        referral_ids=[str(strange), str(mine[0])],
    )  # fmt: skip
    assert list(codes(body).items()) == [(strange, "not-with-worker"), (mine[0], None)]
    assert body["left"] == 2
    assert await hands(owner, mine[1]) == (sick.id, "accepted")
    same = await api(coordinator).post(
        "/handover",
        json={"from_worker": str(sick.id), "to_worker": str(sick.id), "reason": "Sakit."},
    )
    assert same.status_code == 422
    assert same.json()["type"] == "urn:sinergi:problem:same-worker"


async def test_special_services_and_other_pillars_stay_and_are_counted_as_left(
    api: Api, psm: Actor, sick: Actor, colleague: Actor, coordinator: Actor, make_actor: Make,
    employ: Employ, worker_db: Database, owner: Owner,
) -> None:  # fmt: skip
    secret = {"status": "accepted", "confidentiality": Confidentiality.C3}
    hidden = await put(worker_db, psm, holder_id=sick.id, **secret)
    named = await put(worker_db, psm, holder_id=sick.id, **secret)
    await owner.execute(
        "update referrals set named = array[$2::uuid] where id = $1", named, coordinator.id
    )
    other = await put(worker_db, psm, status="accepted", holder_id=sick.id, pillar="PSM")
    body = await ask(api, coordinator, "/handover", from_worker=str(sick.id))
    assert codes(body) == {named: None}
    assert body["left"] == 2
    for one in (hidden, other):
        assert await hands(owner, one) == (sick.id, "accepted")
    refused = await ask(
        api, coordinator, "/handover", from_worker=str(sick.id), referral_ids=[str(hidden)]
    )
    assert codes(refused)[hidden] == "not-found"


async def test_where_nobody_can_take_it_the_item_says_so(
    api: Api, psm: Actor, sick: Actor, coordinator: Actor, worker_db: Database
) -> None:
    one = await put(worker_db, psm, status="accepted", holder_id=sick.id)
    body = await ask(api, coordinator, "/handover", from_worker=str(sick.id))
    assert codes(body) == {one: "nobody-to-receive"}
    assert body["items"][0]["title"]


async def test_a_repeated_key_moves_once_and_a_preview_does_not_use_it_up(
    api: Api, psm: Actor, sick: Actor, colleague: Actor, coordinator: Actor, worker_db: Database,
    owner: Owner,
) -> None:  # fmt: skip
    one = await put(worker_db, psm, status="accepted", holder_id=sick.id)
    key = {"Idempotency-Key": "serah-terima-1"}
    body = {"from_worker": str(sick.id), "to_worker": str(colleague.id), "reason": "Sakit."}
    client = api(coordinator)
    seen = await client.post("/handover?preview=true", json=body, headers=key)
    first = await client.post("/handover", json=body, headers=key)
    again = await client.post("/handover", json=body, headers=key)
    assert seen.json()["preview"] is True
    assert first.json() == again.json()
    assert first.json()["moved"] == 1
    version = await owner.fetchval("select version from referrals where id = $1", one)
    assert version == 2


async def test_a_stand_in_sees_and_accepts_what_waits_for_the_absent_colleague(
    api: Api, psm: Actor, make_actor: Make, employ: Employ, worker_db: Database, owner: Owner
) -> None:
    absent = make_actor("TKSK", CANDIPURO)
    own = make_actor("TKSK", "35.08.04")
    stand_in = Actor(own.id, "worker", (*own.duties, *absent.duties), stands_for=(absent.id,))
    named = await put(worker_db, psm, worker_id=absent.id, confidentiality=Confidentiality.C2)
    held = await put(worker_db, psm, status="accepted", holder_id=absent.id)
    pool = await put(worker_db, psm)
    secret = await put(worker_db, psm, worker_id=absent.id, confidentiality=Confidentiality.C3)
    kept = await put(
        worker_db, psm, status="accepted", holder_id=absent.id, confidentiality=Confidentiality.C3
    )
    items = (await api(stand_in).get("/worklist")).json()["items"]
    assert {UUID(one["referral_id"]) for one in items} == {named, held, pool}
    assert (await api(own).get("/worklist")).json()["items"] == []
    accepted = await api(stand_in).post(f"/referrals/{named}/accept", json={})
    assert accepted.status_code == 200, accepted.text
    assert await hands(owner, named) == (stand_in.id, "accepted")
    started = await api(stand_in).post(f"/referrals/{held}/start", json={})
    assert started.status_code == 200, started.text
    assert await hands(owner, held) == (absent.id, "in_progress")
    for one in (secret, kept):
        assert (await api(stand_in).get(f"/referrals/{one}")).status_code == 404


async def test_what_waits_for_the_worker_as_its_sender_is_counted(
    api: Api, sick: Actor, coordinator: Actor, worker_db: Database
) -> None:
    await put(worker_db, sick, status="returned")
    await put(worker_db, sick, service_id=uuid.uuid4())
    await put(worker_db, sick)
    body = await ask(api, coordinator, "/handover?preview=true", from_worker=str(sick.id))
    assert (body["items"], body["left"], body["as_sender"]) == ([], 0, 2)
