"""Every endpoint of disasters x every kind of caller, against a table written by hand."""

import uuid
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from shared.auth import Actor
from shared.contracts.codes import Role
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.fixtures.matrix import Caller, every_caller, table, without_duty, wrong
from tests.integration.cases.conftest import Api, Owner

# A disaster of the kabupaten with a site in the village. Who is what to it, by role, area, pillar
# and office; `neighbour` is another kecamatan of the kabupaten, `sibling` another village of the
# site's kecamatan.
STANDING = """
admin|data_protection  -          -       -  barred
village_head           inside     -       -  reader
village_head           elsewhere  -       -  reader_away
village_head           -          -       -  reader_beside
dinsos                 kabupaten  -       -  manager
dinsos                 inside     -       -  manager_of_sites
dinsos                 elsewhere  -       -  manager_away
dinsos                 -          -       -  manager_beside
coordinator            kabupaten  TAGANA  -  manager
coordinator            inside     TAGANA  -  manager_of_sites
coordinator            elsewhere  TAGANA  -  manager_away
coordinator            -          TAGANA  -  manager_beside
worker|coordinator     inside     -       -  taker
worker|coordinator     elsewhere  -       -  taker_away
worker|coordinator     -          -       -  taker_beside
"""
# Declaring one for the kabupaten, reading, adding a site in the village, counting its heads and
# reading the counts, sending a batch, closing. A batch is served whoever sends it: its items say
# by themselves that the site is not the caller's.
MAY = """
                  declare list read site count counts intakes close
manager           201     200  200  201  201   200    200     200
manager_of_sites  403     200  200  201  201   200    200     403
manager_beside    403     200  200  403  404   404    200     403
manager_away      403     404  404  404  404   404    404     404
taker             403     200  200  403  201   200    200     403
taker_beside      403     200  200  403  404   404    200     403
taker_away        403     404  404  403  404   404    404     403
reader            403     200  200  403  403   200    403     403
reader_beside     403     200  200  403  403   404    403     403
reader_away       403     404  404  403  403   404    403     403
barred            403     403  403  403  403   403    403     403
service           403     403  403  403  403   403    403     403
idle              403     403  403  403  403   403    403     403
stranger          401     401  401  401  401   401    401     401
"""
ENDPOINTS = {
    "declare": "POST /disasters",
    "list": "GET /disasters",
    "read": "GET /disasters/{disaster_id}",
    "site": "POST /disasters/{disaster_id}/sites",
    "count": "POST /disasters/{disaster_id}/sites/{site_id}/head-counts",
    "counts": "GET /disasters/{disaster_id}/sites/{site_id}/head-counts",
    "intakes": "POST /disasters/{disaster_id}/intakes",
    "close": "POST /disasters/{disaster_id}/close",
}
CALLERS = every_caller(("PSM", "TAGANA"), offices=("same",))
DECLARED = {"name": "Banjir", "situation": "NATURAL_DISASTER", "area": LUMAJANG}
SITE = {"name": "Posko", "area": SUMBERWULUH, "kind": "shelter"}


@pytest.fixture
async def place(api: Api) -> tuple[str, str]:
    """The ids of the disaster and its site."""
    dinsos = api(Caller(Role.DINSOS, "kabupaten", "DINSOS", "same").actor())
    disaster = (await dinsos.post("/disasters", json=DECLARED)).json()["id"]
    site = (await dinsos.post(f"/disasters/{disaster}/sites", json=SITE)).json()["id"]
    return disaster, site


async def call(client: httpx2.AsyncClient, column: str, place: tuple[str, str]) -> int:
    """Do what a column of the table stands for; the answer's number, 404 if a list lacks it."""
    disaster, site = place
    path = ENDPOINTS[column].split()[1].format(disaster_id=disaster, site_id=site)
    bodies: dict[str, Any] = {
        "declare": DECLARED,
        "site": SITE,
        "count": {"male": 3, "female": 4},
        "intakes": {
            "items": [
                {
                    "key": str(uuid.uuid4()),
                    "site_id": site,
                    "beneficiary_id": str(uuid.uuid4()),
                    "need": "Tenda.",
                }
            ]
        },
        "close": {},
    }
    if column not in bodies:
        answer = await client.get(path)
        lacks = column == "list" and answer.is_success and disaster not in answer.text
        return 404 if lacks else answer.status_code
    return (await client.post(path, json=bodies[column])).status_code


def test_every_kind_of_standing_occurs_among_the_callers() -> None:
    found = {caller.standing(STANDING) for caller in CALLERS}
    assert found == set(table(MAY)) - {"service", "idle", "stranger"}
    assert all(set(row) == set(ENDPOINTS) for row in table(MAY).values())


async def test_each_caller_does_what_the_table_says(
    api: Api, place: tuple[str, str], owner: Owner
) -> None:
    expected, found = {}, {}
    for caller in CALLERS:
        client = api(caller.actor())
        for column, number in table(MAY)[caller.standing(STANDING)].items():
            expected[caller, column] = number
            found[caller, column] = await call(client, column, place)
        await owner.execute("update disasters set closed_at = null, closed_by = null")
    assert wrong(found, expected) == {}


async def test_without_a_duty_there_is_nothing_to_see_or_do(
    app: FastAPI, api: Api, place: tuple[str, str]
) -> None:
    async with without_duty(app, api) as clients:
        for who, client in clients.items():
            for column, number in table(MAY)[who].items():
                assert await call(client, column, place) == number, (who, column)


async def test_a_caller_of_two_areas_sees_what_lies_in_either_and_not_between(
    api: Api, place: tuple[str, str]
) -> None:
    duties = tuple(
        Caller(Role.WORKER, area, "PSM", "same").duty() for area in ("sibling", "elsewhere")
    )
    client = api(Actor(uuid.uuid4(), "worker", duties))
    for column, number in table(MAY)["taker_beside"].items():
        assert await call(client, column, place) == number, column
