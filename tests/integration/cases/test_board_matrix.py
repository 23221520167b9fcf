"""Who may call what coordinators work with: every kind of caller, against a table by hand."""

import random
import uuid
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from services.cases.storage.boards import By
from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from shared.policy import Action, Resource, decide
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.fixtures.matrix import (
    OFFICE,
    Caller,
    every_caller,
    patchwork,
    table,
    without_duty,
    wrong,
)
from tests.integration.cases.conftest import Api
from tests.integration.cases.seeding import put

CALLS = """
                             worker coordinator dinsos village_head admin data_protection \
 service idle stranger
GET /referrals/open          403 200 200 403 403 403  403 403 401
GET /referrals/open/export   403 200 200 403 403 403  403 403 401
GET /board                   403 200 200 403 403 403  403 403 401
GET /board/gaps              403 200 200 403 403 403  403 403 401
GET /board/export            403 200 200 403 403 403  403 403 401
GET /workload                403 200 200 403 403 403  403 403 401
POST /handover               403 200 200 403 403 403  403 403 401
POST /assignments            403 200 200 403 403 403  403 403 401
"""
ENDPOINTS = set(table(CALLS))
# Whose list holds the referral of a PSM of one office in a village.
SEES = """
coordinator  inside  PSM  same  1
dinsos       inside  -    -     1
-            -       -    -     0
"""
WHAT = ("open list", "board", "workload", "handover")
NOBODY = str(uuid.UUID(int=5))
BODIES: dict[str, dict[str, Any]] = {
    "/handover": {"from_worker": NOBODY, "reason": "Sakit."},
    "/assignments": {"referral_ids": [NOBODY]},
}


async def call(client: httpx2.AsyncClient, line: str) -> httpx2.Response:
    method, path = line.split()
    return await client.request(method, path, json=BODIES.get(path))


async def test_each_role_may_call_what_the_table_says(app: FastAPI, api: Api) -> None:
    async with without_duty(app, api) as clients:
        for role in Role:
            duty = Duty("PSM", "35.08", role)
            clients[role.value] = api(Actor(uuid.uuid4(), "worker", (duty,)))
        for line, numbers in table(CALLS).items():
            for who, number in numbers.items():
                answer = await call(clients[who], line)
                assert answer.status_code == number, (line, who, answer.text)


async def test_each_coordinator_and_office_sees_and_moves_what_is_in_their_charge(
    api: Api, worker_db: Database
) -> None:
    sender = Actor(uuid.uuid4(), "worker", (Duty("PSM", "35.08.04.2001", Role.WORKER),))
    one = await put(
        worker_db, sender, pillar="PSM", area=SUMBERWULUH, organisation_id=OFFICE,
        sender_area="35.08.04.2001", status="accepted", holder_id=uuid.UUID(int=5),
    )  # fmt: skip
    expected: dict[tuple[Caller, str], int] = {}
    found: dict[tuple[Caller, str], int] = {}
    for caller in every_caller():
        if caller.role not in {"coordinator", "dinsos"}:
            continue
        client = api(caller.actor())
        count = int(caller.standing(SEES))
        expected |= {(caller, what): count for what in WHAT}
        listed = (await client.get("/referrals/open")).json()["items"]
        total = (await client.get("/board")).json()["total"]["open"]
        load = (await client.get("/workload")).json()["items"]
        moves = await client.post("/handover?preview=true", json=BODIES["/handover"])
        numbers = (len(listed), total, len(load), len(moves.json()["items"]))
        found |= {(caller, what): number for what, number in zip(WHAT, numbers, strict=True)}
        assert all(item["referral_id"] == str(one) for item in listed)
    assert wrong(found, expected) == {}
    client = api(patchwork(Role.COORDINATOR))
    assert (await client.get("/referrals/open")).json()["items"] == []
    assert (await client.get("/board")).json()["total"]["open"] == 0


@pytest.mark.parametrize("seed", range(4))
async def test_a_board_counts_once_what_any_of_many_duties_puts_in_charge(
    seed: int, api: Api, psm: Actor, worker_db: Database
) -> None:
    luck = random.Random(seed)  # noqa: S311 - the same duties every time
    areas = ("35.08.04", CANDIPURO, LUMAJANG, SUMBERWULUH, "35.09", "35.09.01")
    offices = (None, OFFICE, uuid.UUID(int=6))
    things = []
    for _ in range(30):
        thing = Resource(
            area=luck.choice(areas),
            pillar=luck.choice(("PSM", "TKSK", "LKS")),
            organisation_id=luck.choice(offices),
            confidentiality=luck.choice(list(Confidentiality)),
        )
        things.append(thing)
        await put(
            worker_db, psm, area=thing.area, pillar=thing.pillar,
            organisation_id=thing.organisation_id, confidentiality=thing.confidentiality,
        )  # fmt: skip
    for _ in range(12):
        duties = tuple(
            Duty(
                luck.choice(("PSM", "TKSK", "LKS")),
                luck.choice((*areas, "35")),
                luck.choice((Role.COORDINATOR, Role.COORDINATOR, Role.DINSOS)),
                luck.choice(offices),
            )
            for _ in range(luck.randrange(1, 5))
        )
        actor, asked = Actor(uuid.uuid4(), "worker", duties), luck.choice((None, *areas))
        count = sum(
            decide(actor, Action.BOARD_READ, thing)
            and (asked is None or f"{thing.area}.".startswith(f"{asked}."))
            for thing in things
        )
        narrowed = {"area": asked} if asked else {}
        for by in By:
            answer = await api(actor).get("/board", params={"by": by.value} | narrowed)
            body = answer.json()
            assert body["total"]["open"] == count, (duties, asked, by)
            assert sum(line["open"] for line in body["items"]) == count
