"""Reports by other systems x every kind of caller x sensitivity."""

import uuid
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from fastapi import FastAPI

from shared.auth import Actor
from tests.conftest import SUMBERWULUH
from tests.fixtures.callers import Api
from tests.fixtures.matrix import every_caller, table, without_duty, wrong
from tests.integration.registry.conftest import Body

REPORTS = {
    "POST /reports",
    "GET /reports",
    "GET /reports/{report_id}",
    "POST /reports/{report_id}/register",
    "POST /reports/{report_id}/settle",
}
CALLERS = every_caller(("PSM", "TKSK", "PEKSOS", "TAGANA", "KARANG_TARUNA"), offices=("same",))
CASEWORK = "PSM|PENSOSMAS|TKSK|PEKSOS|PENDAMPING_PKH|DINSOS"
OPEN = f"""
dinsos              inside  -                -  decides
worker|coordinator  inside  {CASEWORK}       -  decides
dinsos              -       -                -  away
worker|coordinator  -       {CASEWORK}       -  away
-                   -       -                -  nobody
"""
SPECIAL = f"""
dinsos              inside  -                -  decides
worker              inside  TKSK|PEKSOS      -  decides
dinsos              -       -                -  away
worker|coordinator  -       {CASEWORK}       -  away
-                   -       -                -  nobody
"""
STANDING = {"C1": OPEN, "C2": OPEN, "C3": SPECIAL}
CATEGORY = {"C1": "LUT", "C2": "PD", "C3": "ODHA"}
ANSWERS = table("""
         file  list  read  register  settle
decides  403   200   200   201       200
away     403   404   404   404       404
nobody   403   403   403   403       403
""")
"""404 of a list: without the report."""
Filed = Callable[[], Awaitable[str]]


@pytest.fixture
def filed(api: Api, exchange: Actor) -> Callable[[str], Filed]:
    """Files reports of a sensitivity, each about somebody else."""

    def of(level: str) -> Filed:
        async def file() -> str:
            answer = await api(exchange).post("/reports", json=told(level))
            assert answer.status_code == 201, answer.text
            report: str = answer.json()["id"]
            return report

        return file

    return of


def told(level: str) -> dict[str, object]:
    return {
        "source": "Puskesmas",
        "external_id": str(uuid.uuid4()),
        "name": "Wagirah",
        "area": SUMBERWULUH,
        "categories": [CATEGORY[level]],
    }


async def answers(
    client: httpx2.AsyncClient, level: str, filed: Filed, body: Body
) -> dict[str, int]:
    """What each endpoint answers this caller."""
    report = await filed()
    listed = await client.get("/reports", params={"limit": 100})
    found = {
        "file": (await client.post("/reports", json=told(level))).status_code,
        "list": listed.status_code,
        "read": (await client.get(f"/reports/{report}")).status_code,
    }
    if listed.is_success and report not in {one["id"] for one in listed.json()["items"]}:
        found["list"] = 404
    person = body(nik=None, nik_absent_reason="lost", accept_lookalikes=True)
    path = f"/reports/{report}/register"
    found["register"] = (await client.post(path, json=person)).status_code
    path = f"/reports/{await filed()}/settle"
    found["settle"] = (await client.post(path, json={"refusal": "mistaken"})).status_code
    return found


async def settle_the_rest(api: Api, dinsos: Actor) -> None:
    for one in (await api(dinsos).get("/reports", params={"limit": 100})).json()["items"]:
        await api(dinsos).post(f"/reports/{one['id']}/settle", json={"refusal": "mistaken"})


@pytest.mark.parametrize("level", STANDING)
async def test_each_caller_decides_about_what_the_table_says(
    *, api: Api, filed: Callable[[str], Filed], person: Body, dinsos: Actor, level: str
) -> None:
    expected, found = {}, {}
    for caller in CALLERS:
        given = await answers(api(caller.actor()), level, filed(level), person)
        for column, number in ANSWERS[caller.standing(STANDING[level])].items():
            expected[caller, column], found[caller, column] = number, given[column]
        await settle_the_rest(api, dinsos)
    assert wrong(found, expected) == {}


def test_every_kind_of_standing_occurs_among_the_callers() -> None:
    for lines in STANDING.values():
        assert {caller.standing(lines) for caller in CALLERS} == set(ANSWERS)


async def test_without_a_duty_nobody_decides_and_services_only_file(
    *, app: FastAPI, api: Api, filed: Callable[[str], Filed], person: Body
) -> None:
    async with without_duty(app, api, "cases") as clients:
        for who, client in clients.items():
            given = await answers(client, "C1", filed("C1"), person)
            number = 401 if who == "stranger" else 403
            expected = dict.fromkeys(ANSWERS["nobody"], number)
            if who == "service":
                expected["file"] = 201
            assert given == expected, who
