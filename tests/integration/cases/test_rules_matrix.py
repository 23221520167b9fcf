"""The rules and the ranking of candidates x every kind of caller, against tables by hand."""

import uuid
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.fixtures.matrix import OFFICE, every_caller, without_duty, wrong
from tests.integration.cases.conftest import Api, Owner
from tests.integration.cases.seeding import put

ENDPOINTS = {
    "GET /rules",
    "GET /rules/{rule_id}",
    "PUT /rules/{rule_id}",
    "POST /rules/dry-run",
    "GET /referrals/{referral_id}/candidates",
}
CALLERS = every_caller()
# Who reads the rules; who changes and tries those of Kabupaten Lumajang.
READS = """
coordinator|dinsos|admin  -  -  -  200
-                         -  -  -  403
"""
CHANGES = """
dinsos  kabupaten  -  -  200
-       -          -  -  403
"""
# Who sees who could take a referral that waits for the PSM of one office in a village, sent from
# the neighbour kecamatan.
RANKING = """
coordinator  inside     PSM  same  200
coordinator  -          -    -     404
dinsos       inside     -    -     200
dinsos       neighbour  -    -     403
dinsos       -          -    -     404
-            -          -    -     403
"""
CHANGE = {"area": LUMAJANG, "act_hours": 30}
TRIAL = {"area": LUMAJANG, "rules": [], "from": "2026-01-01", "to": "2026-01-31"}


@pytest.fixture(autouse=True)
async def defaults(owner: Owner) -> AsyncIterator[None]:
    yield
    await owner.execute("delete from routing_rules where area <> ''")


async def test_each_caller_reads_changes_and_tries_rules_as_the_tables_say(api: Api) -> None:
    expected, found = {}, {}
    for caller in CALLERS:
        client = api(caller.actor())
        for name, lines, answer in (
            ("all", READS, await client.get("/rules")),
            ("one", READS, await client.get("/rules/R026")),
            ("change", CHANGES, await client.put("/rules/R026", json=CHANGE)),
            ("try", CHANGES, await client.post("/rules/dry-run", json=TRIAL)),
        ):
            expected[caller, name] = int(caller.standing(lines))
            found[caller, name] = answer.status_code
    assert wrong(found, expected) == {}


async def test_each_caller_sees_the_ranking_as_the_table_says(
    api: Api, worker_db: Database
) -> None:
    sender = Actor(uuid.uuid4(), "worker", (Duty("PSM", "35.08.04.2001", Role.WORKER),))
    referral = await put(
        worker_db, sender, pillar="PSM", area=SUMBERWULUH, sender_area="35.08.04.2001",
        organisation_id=OFFICE,
    )  # fmt: skip
    expected, found = {}, {}
    for caller in CALLERS:
        answer = await api(caller.actor()).get(f"/referrals/{referral}/candidates")
        expected[caller] = int(caller.standing(RANKING))
        found[caller] = answer.status_code
    assert wrong(found, expected) == {}


async def test_without_a_duty_there_are_no_rules(app: FastAPI, api: Api) -> None:
    async with without_duty(app, api) as clients:
        for who, client in clients.items():
            number = 401 if who == "stranger" else 403
            for answer in (
                await client.get("/rules"),
                await client.get("/rules/R026"),
                await client.put("/rules/R026", json=CHANGE),
                await client.post("/rules/dry-run", json=TRIAL),
                await client.get(f"/referrals/{uuid.uuid4()}/candidates"),
            ):
                assert answer.status_code == number, who
