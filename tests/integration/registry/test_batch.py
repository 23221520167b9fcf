"""Registrations in batches: each item for itself, and each key once for good."""

import asyncio
import signal
import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx2
import pytest

from shared.auth import Actor
from tests.fixtures.processes import ServiceProcess
from tests.fixtures.stack import Stack
from tests.integration.cases.neighbours import Neighbours, running_neighbours
from tests.integration.registry.conftest import NEXT_NIK, NIK, PRONOJIWO, Api, Body, Register


@pytest.fixture
def neighbours(clean: Stack) -> Iterator[Neighbours]:
    """Directory's keys, for a process that checks tokens by itself."""
    with running_neighbours(clean, ["directory"]) as running:
        yield running


def keyed(body: dict[str, Any], key: uuid.UUID | None = None) -> dict[str, Any]:
    return {"key": str(key or uuid.uuid4()), **body}


async def send(client: httpx2.AsyncClient, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.post("/beneficiaries/batch", json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["items"]
    return results


async def count(owner: asyncpg.Connection, table: str = "beneficiaries") -> int:
    number: int = await owner.fetchval(f"select count(*) from {table}")  # noqa: S608 - our own names
    return number


async def test_a_repeated_key_answers_the_same_record_and_adds_nothing(
    api: Api, psm: Actor, without_nik: Body, owner: asyncpg.Connection
) -> None:
    items = [keyed(without_nik(name=f"Warga {number}")) for number in range(50)]
    first = await send(api(psm), *items)
    assert {one["status"] for one in first} == {"created"}
    again = await send(api(psm), *items, keyed(without_nik(name="Baru")))
    assert [one["status"] for one in again] == ["repeated"] * 50 + ["created"]
    assert [one["id"] for one in again[:50]] == [one["id"] for one in first]
    assert await count(owner) == 51
    assert await count(owner, "event_log") == 51
    assert await count(owner, "audit_log") == 51


async def test_a_key_twice_in_one_batch_makes_one_record(
    api: Api, psm: Actor, without_nik: Body, owner: asyncpg.Connection
) -> None:
    key = uuid.uuid4()
    one, two = await send(api(psm), keyed(without_nik(), key), keyed(without_nik(), key))
    assert one["id"] == two["id"]
    assert await count(owner) == 1


async def test_a_key_is_its_workers_own(
    api: Api, psm: Actor, tksk: Actor, without_nik: Body
) -> None:
    item = keyed(without_nik())
    (mine,) = await send(api(psm), item)
    (theirs,) = await send(api(tksk), {**item, "accept_lookalikes": True})
    assert theirs["status"] == "created"
    assert theirs["id"] != mine["id"]


async def test_no_bad_item_blocks_the_others(
    api: Api, psm: Actor, without_nik: Body, owner: asyncpg.Connection
) -> None:
    taken = uuid.uuid4()
    results = await send(
        api(psm),
        keyed(without_nik(name="Baik satu", id=str(taken))),
        {"key": "bukan-kunci", **without_nik()},
        keyed({"kind": "person"}),
        keyed(without_nik(area="35.08.99.9999")),
        keyed(without_nik(area=PRONOJIWO)),
        keyed(without_nik(birth={"year": 1700})),
        keyed(without_nik(name="Nol \x00 di dalam")),
        keyed(without_nik(id=str(taken))),
        keyed(without_nik(name="Baik dua")),
    )
    assert [one["status"] for one in results] == ["created", *["invalid"] * 7, "created"]
    assert results[1]["key"] is None
    assert [fault["pointer"] for fault in results[1]["errors"]] == ["/key"]
    assert "/name" in [fault["pointer"] for fault in results[2]["errors"]]
    codes = [one["errors"][0]["code"] for one in results[3:8]]
    assert codes[0] == "unknown-area"
    assert codes[1] == "forbidden"
    assert codes[3:] == ["invalid-text", "id-taken"]
    assert await count(owner) == 2


async def test_a_refused_item_is_decided_anew_under_its_key(
    api: Api, psm: Actor, without_nik: Body
) -> None:
    key = uuid.uuid4()
    (refused,) = await send(api(psm), keyed(without_nik(area=PRONOJIWO), key))
    (mended,) = await send(api(psm), keyed(without_nik(), key))
    assert (refused["status"], mended["status"]) == ("invalid", "created")


async def test_the_same_nik_is_shown_and_the_worker_decides(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    there = await api(psm).post("/beneficiaries", json=person())
    key = uuid.uuid4()
    (found,) = await send(api(psm), keyed(person(), key))
    assert found["status"] == "possible-duplicate"
    assert [one["id"] for one in found["candidates"]] == [there.json()["id"]]
    assert "NIK sama persis" in found["candidates"][0]["reasons"]
    actions = await owner.fetch(
        "select action from audit_log where subject_id = $1", uuid.UUID(there.json()["id"])
    )
    assert "beneficiary.lookalike_shown" in {row["action"] for row in actions}
    (decided,) = await send(api(psm), keyed(person(accept_lookalikes=True), key))
    assert decided["status"] == "created"


async def test_two_items_with_one_nik_are_not_both_taken(
    api: Api, psm: Actor, person: Body
) -> None:
    one, two = await send(api(psm), keyed(person(nik=NEXT_NIK)), keyed(person(nik=NEXT_NIK)))
    assert (one["status"], two["status"]) == ("created", "possible-duplicate")
    assert two["candidates"][0]["id"] == one["id"]


async def test_a_batch_tells_of_no_more_niks_than_a_worker_may_ask_for(
    api: Api, psm: Actor, register: Register, person: Body
) -> None:
    mothers = [person(), person(name="Wagiyem", nik=NEXT_NIK, accept_lookalikes=True)]
    made = await send(api(psm), *map(keyed, mothers))
    assert [one["status"] for one in made] == ["created"] * 2
    asked = [person(nik=nik) for nik in (NIK, NEXT_NIK) * 15]
    results = await send(api(psm), *map(keyed, asked))
    statuses = [one["status"] for one in results]
    assert statuses == ["possible-duplicate"] * 20 + ["try-again"] * 10
    assert all("candidates" not in one or not one["candidates"] for one in results[20:])


@pytest.mark.parametrize("size", [0, 201])
async def test_a_batch_has_between_one_and_two_hundred_items(
    api: Api, psm: Actor, without_nik: Body, size: int
) -> None:
    items = [keyed(without_nik()) for _ in range(size)]
    answer = await api(psm).post("/beneficiaries/batch", json={"items": items})
    assert answer.status_code == 422


async def test_two_batches_with_the_same_keys_at_once_make_each_record_once(
    api: Api, psm: Actor, without_nik: Body, owner: asyncpg.Connection
) -> None:
    items = [keyed(without_nik(name=f"Warga {number}")) for number in range(40)]
    answers = await asyncio.gather(*(send(api(psm), *items) for _ in range(4)))
    assert len({tuple(one["id"] for one in results) for results in answers}) == 1
    assert await count(owner) == 40


async def test_facts_of_many_are_told_to_a_service_and_audited(
    api: Api, cases_service: Actor, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    ids = [str(await register(psm, name=f"Warga {number}")) for number in range(3)]
    asked = [*ids, str(uuid.uuid4())]
    answer = await api(cases_service).post("/internal/beneficiaries", json={"ids": asked})
    assert sorted(one["id"] for one in answer.json()["items"]) == sorted(ids)
    assert not {"name", "nik"} & set(answer.json()["items"][0])
    shared = await owner.fetchval(
        "select count(*) from audit_log where action = 'beneficiary.shared'"
    )
    assert shared == 3


@pytest.mark.parametrize(("point", "left"), [("commit.before", 0), ("commit.after", 100)])
async def test_a_batch_sent_again_after_a_kill_makes_nothing_twice(
    neighbours: Neighbours,
    clean: Stack,
    psm: Actor,
    without_nik: Body,
    owner: asyncpg.Connection,
    *,
    point: str,
    left: int,
) -> None:
    process = ServiceProcess(
        "services.registry.main",
        clean.environment,
        clean.folder / "registry-batch.log",
        clean.url_of("registry"),
    )
    items = [keyed(without_nik(name=f"Warga {number}")) for number in range(100)]
    headers = {"Authorization": f"Bearer {clean.token(psm)}"}
    try:
        process.start(SINERGI_FAILPOINT=f"{point}:kill")
        await process.wait_ready(path="/health/live")
        async with httpx2.AsyncClient(
            base_url=process.url, headers=headers, trust_env=False, timeout=30
        ) as client:
            with pytest.raises(httpx2.TransportError):
                await client.post("/beneficiaries/batch", json={"items": items})
            assert process.wait_ended() == -signal.SIGKILL
            assert await count(owner) == left
            process.start()
            await process.wait_ready()
            results = await send(client, *items)
    finally:
        process.kill()
    assert {one["status"] for one in results} == {"repeated" if left else "created"}
    assert await count(owner) == 100
    assert await count(owner, "event_log") == 100
