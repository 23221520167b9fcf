"""A family of a disaster gets one case, however often and by whomever it is sent."""

import asyncio
import signal
import uuid

import httpx2
import pytest

from services.cases.storage import known
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Database
from tests.conftest import SUMBERWULUH
from tests.fixtures.processes import ServiceProcess
from tests.fixtures.stack import Stack
from tests.integration.cases.conftest import Api, Employ, Families, Owner
from tests.integration.cases.disasters import Place, intake, rows, send
from tests.integration.cases.neighbours import Neighbours


async def test_a_repeated_key_answers_the_same_case_and_adds_nothing(
    api: Api, tagana: Actor, place: Place, families: Families, owner: Owner
) -> None:
    items = [intake(place, one) for one in await families(50)]
    first = await send(api(tagana), place, *items)
    counted = await rows(owner)
    again = await send(api(tagana), place, *items)
    assert {one["status"] for one in again} == {"repeated"}
    assert [one["case"] for one in again] == [one["case"] for one in first]
    assert await rows(owner) == counted


async def test_two_batches_with_the_same_keys_at_once_open_each_case_once(
    api: Api, tagana: Actor, place: Place, families: Families, owner: Owner
) -> None:
    items = [intake(place, one, legs=["TKSK"]) for one in await families(40)]
    answers = await asyncio.gather(*(send(api(tagana), place, *items) for _ in range(4)))
    assert len({tuple(one["case"]["id"] for one in results) for results in answers}) == 1
    assert (await rows(owner))["cases"] == 40


async def test_a_family_that_is_there_already_gets_no_second_case(
    api: Api, tagana: Actor, tksk: Actor, place: Place, families: Families, owner: Owner
) -> None:
    family, other = await families(2)
    (first,) = await send(api(tagana), place, intake(place, family))
    again, new, twice = await send(
        api(tksk),
        place,
        intake(place, family),
        intake(place, other),
        intake(place, other),
    )
    assert (again["status"], again["case"]) == ("already", first["case"])
    assert [new["status"], twice["status"]] == ["created", "already"]
    assert twice["case"] == new["case"]
    assert (await rows(owner))["cases"] == 2


async def test_a_family_taken_in_by_two_workers_at_once_gets_one_case(
    api: Api, tagana: Actor, tksk: Actor, place: Place, families: Families, owner: Owner
) -> None:
    there = await families(40)
    results = await asyncio.gather(
        send(api(tagana), place, *(intake(place, one, legs=[]) for one in there)),
        send(api(tksk), place, *(intake(place, one, legs=[]) for one in reversed(there))),
    )
    statuses = [one["status"] for result in results for one in result]
    assert (statuses.count("created"), statuses.count("already")) == (40, 40)
    assert (await rows(owner))["cases"] == 40


async def test_a_family_merged_meanwhile_keeps_the_case_it_has(
    api: Api, tagana: Actor, employ: Employ, place: Place, families: Families, worker_db: Database,
) -> None:  # fmt: skip
    await employ(tagana)
    merged, remains = await families(2)
    (first,) = await send(api(tagana), place, intake(place, merged))
    async with worker_db.transaction() as tx:
        await known.remember_beneficiary(
            tx,
            beneficiary_id=uuid.UUID(merged),
            version=9,
            area=SUMBERWULUH,
            confidentiality=Confidentiality.C1,
            merged_into=uuid.UUID(remains),
        )
    later = await send(api(tagana), place, intake(place, remains), intake(place, merged))
    assert [one["status"] for one in later] == ["already", "already"]
    assert {one["case"]["id"] for one in later} == {first["case"]["id"]}


@pytest.mark.parametrize("turn", [("commit.before", 0), ("commit.after", 100)])
async def test_a_batch_sent_again_after_a_kill_opens_nothing_twice(
    clean: Stack, neighbours: Neighbours, api: Api, dinsos: Actor, tagana: Actor, place: Place,
    families: Families, owner: Owner, turn: tuple[str, int],
) -> None:  # fmt: skip
    point, left = turn
    items = [intake(place, one, legs=["TKSK", "PSM"]) for one in await families(100)]
    process = ServiceProcess(
        "services.cases.main", clean.environment, clean.folder / "intake.log",
        clean.url_of("cases"),
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {clean.token(tagana)}"}
    try:
        # One commit looks for unknown families, five take blocks of twenty case numbers.
        process.start(SINERGI_FAILPOINT=f"{point}:kill@7")
        await process.wait_ready(path="/health/live")
        async with httpx2.AsyncClient(
            base_url=process.url, headers=headers, trust_env=False, timeout=30
        ) as client:
            with pytest.raises(httpx2.TransportError):
                await client.post(place.intakes, json={"items": items})
            assert process.wait_ended() == -signal.SIGKILL
            assert (await rows(owner))["cases"] == left
            process.start()
            await process.wait_ready()
            results = await send(client, place, *items)
    finally:
        process.kill()
    assert {one["status"] for one in results} == {"repeated" if left else "created"}
    counted = await rows(owner)
    assert (counted["cases"], counted["disaster_intakes"]) == (100, 100)
    assert await owner.fetchval("select count(distinct beneficiary_id) from cases") == 100
