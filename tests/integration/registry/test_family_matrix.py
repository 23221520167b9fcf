"""Families and dated categories: every endpoint x every kind of caller x sensitivity.

Who reads and who changes a record is told by the tables of `test_matrix.py`; here is what that
means for the parts of a record.
"""

import uuid
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from shared.auth import Actor
from shared.contracts.codes import Role
from tests.conftest import SUMBERWULUH
from tests.fixtures.callers import Api
from tests.fixtures.matrix import Caller, every_caller, guarded, table, without_duty, wrong
from tests.integration.registry.conftest import Body
from tests.integration.registry.test_matrix import FAMILY_CALLS, MAY, STANDING

CALLERS = every_caller(("PSM", "TKSK", "KARANG_TARUNA"), offices=("none",))
CATEGORY = {"C1": "FM", "C2": "KBSP", "C3": "KTK"}
STRANGER = uuid.UUID(int=7)
# What a change answers that is allowed and, so that it can be asked again, changes nothing.
ALLOWED = {
    "PUT /beneficiaries/{family_id}/family-card": (200, {"kk": None}),
    "POST /beneficiaries/{family_id}/members": (
        422,
        {"person_id": str(STRANGER), "relation": "child"},
    ),
    "DELETE /beneficiaries/{family_id}/members/{person_id}": (404, None),
    "POST /beneficiaries/{beneficiary_id}/categories": (409, {"code": None}),
    "POST /beneficiaries/{beneficiary_id}/categories/{code}/verify": (200, {}),
    "POST /beneficiaries/{beneficiary_id}/categories/{code}/end": (409, {"reason": "died"}),
}
OF_A_CATEGORY = {
    "POST /beneficiaries/{beneficiary_id}/categories",
    "POST /beneficiaries/{beneficiary_id}/categories/{code}/verify",
}
"""Asked here of the category for whose sake the record is hidden."""
READS = {
    "GET /beneficiaries/{family_id}/members",
    "GET /beneficiaries/{person_id}/families",
    "GET /beneficiaries/{beneficiary_id}/categories",
}


@pytest.fixture
async def families(api: Api, person: Body) -> dict[str, str]:
    """Three families of one village, one of each sensitivity, registered by somebody who left."""
    here = Caller(Role.WORKER, "village", "PSM", "none").actor()
    made = {}
    for level, code in CATEGORY.items():
        body = person(
            kind="family", name=f"Keluarga {level}", nik=None, sex=None, birth=None,
            area=SUMBERWULUH, categories=[code], accept_lookalikes=True,
        )  # fmt: skip
        answer = await api(here).post("/beneficiaries", json=body)
        assert (answer.status_code, answer.json()["confidentiality"]) == (201, level)
        made[level] = answer.json()["id"]
    return made


async def call(client: httpx2.AsyncClient, endpoint: str, level: str, family: str) -> int:
    method, path = endpoint.split()
    held = CATEGORY[level] if endpoint.endswith("verify") else "GLD"
    for name, value in (
        ("family_id", family), ("person_id", family), ("beneficiary_id", family), ("code", held),
    ):  # fmt: skip
        path = path.replace(f"{{{name}}}", value, 1)
    body: Any = ALLOWED[endpoint][1] if endpoint in ALLOWED else None
    if body == {"code": None}:
        body = {"code": CATEGORY[level]}
    answer = await client.request(method, path, json=body)
    return answer.status_code


def expected(endpoint: str, row: dict[str, int]) -> int:
    if endpoint in READS:
        return row["read"]
    return ALLOWED[endpoint][0] if row["change"] == 200 else row["change"]


def test_the_table_names_every_endpoint(app: FastAPI) -> None:
    assert {*ALLOWED, *READS} == FAMILY_CALLS
    assert guarded(app) >= FAMILY_CALLS


@pytest.mark.parametrize("level", CATEGORY)
async def test_each_caller_reads_and_changes_parts_as_the_whole(
    api: Api, families: dict[str, str], level: str
) -> None:
    wanted, found = {}, {}
    for caller in CALLERS:
        client = api(caller.actor())
        standing = caller.standing(STANDING[level])
        row = table(MAY)[standing]
        for endpoint in FAMILY_CALLS:
            hidden = standing == "closed_dinsos" and endpoint in OF_A_CATEGORY
            wanted[caller, endpoint] = 403 if hidden else expected(endpoint, row)
            found[caller, endpoint] = await call(client, endpoint, level, families[level])
    assert wrong(found, wanted) == {}


async def test_without_a_duty_there_is_nothing_to_read_or_change(
    app: FastAPI, api: Api, families: dict[str, str]
) -> None:
    async with without_duty(app, api, "cases") as clients:
        for who, client in clients.items():
            for endpoint in FAMILY_CALLS:
                found = await call(client, endpoint, "C1", families["C1"])
                assert found == (401 if who == "stranger" else 403), (who, endpoint)


async def test_who_registered_it_keeps_its_parts_wherever_they_are(
    api: Api, person: Body, families: dict[str, str]
) -> None:
    here = Caller(Role.WORKER, "village", "PSM", "none").actor()
    body = person(
        kind="family", name="Rumah Bonaman", nik=None, sex=None, birth=None, categories=["FM"]
    )
    made = (await api(here).post("/beneficiaries", json=body)).json()["id"]
    away = Actor(here.id, "worker", (Caller(Role.WORKER, "elsewhere", "PSM", "none").duty(),))
    for endpoint in FAMILY_CALLS:
        row = {"read": 200, "change": 200}
        assert await call(api(away), endpoint, "C1", made) == expected(endpoint, row), endpoint
