"""Attachments, letters and outside services x every kind of caller, against tables by hand."""

import io
import uuid
from datetime import UTC, datetime
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from PIL import Image

from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import SUMBERWULUH
from tests.fixtures.matrix import OFFICE, every_caller, table, without_duty, wrong
from tests.integration.cases.conftest import Api, Owner
from tests.integration.cases.seeding import put

CALLERS = every_caller()
SENDER = Actor(uuid.uuid4(), "worker", (Duty("PSM", "35.08.04.2001", Role.WORKER, None),))
# A referral to an outside service, of the PSM of one office in a village, sent from the neighbour
# kecamatan, with a photo in its first note. Who is what to it, by role, area, pillar and office.
STANDING = """
admin                  -          -      -     nobody
worker                 inside     PSM    same  reader
coordinator            inside     PSM    same  coordinator
worker                 inside     TKSK   -     reader
dinsos                 inside     -      -     coordinator
dinsos                 neighbour  -      -     reader
-                      -          -      -     outsider
"""
MAY = """
             upload file small letter
reader       409    200  200   200
coordinator  201    200  200   200
outsider     404    404  404   404
nobody       403    403  403   403
service      403    403  403   403
idle         403    403  403   403
stranger     401    401  401   401
"""
# A service of the village on the list that Dinsos keeps.
KEEPING = """
admin|data_protection  -       -  -  barred
dinsos                 inside  -  -  keeper
dinsos                 -       -  -  keeper_elsewhere
-                      -       -  -  reader
"""
MAY_KEEP = """
                  list add change
keeper            200  201 200
keeper_elsewhere  200  403 404
reader            200  403 403
barred            403  403 403
service           403  403 403
idle              403  403 403
stranger          401  401 401
"""
ENDPOINTS = {
    "upload": "POST /referrals/{referral_id}/attachments",
    "file": "GET /attachments/{attachment_id}",
    "small": "GET /attachments/{attachment_id}/thumbnail",
    "letter": "GET /referrals/{referral_id}/letter",
    "list": "GET /outside-services",
    "add": "POST /outside-services",
    "change": "PUT /outside-services/{service_id}",
}
SERVICE = {"kind": "PUSKESMAS", "area": SUMBERWULUH, "name": "Puskesmas"}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
async def ids(app: FastAPI, worker_db: Database, owner: Owner) -> dict[str, UUID]:
    """The referral, its service and its photo."""
    service, photo = uuid.uuid4(), uuid.uuid4()
    await owner.execute(
        "insert into outside_services values"
        " ($1, 'PUSKESMAS', $2, 'Puskesmas', null, null, true, $3, now())",
        service,
        SUMBERWULUH,
        SENDER.id,
    )
    referral = await put(
        worker_db,
        SENDER,
        pillar="PSM",
        area=SUMBERWULUH,
        sender_area="35.08.04.2001",
        organisation_id=OFFICE,
        service_id=service,
    )
    await owner.execute(
        "insert into attachments (id, referral_id, uploader_id, media_type, size, sha256,"
        " has_thumbnail, at, step_version) values ($1, $2, $3, 'image/jpeg', 1, '', true, $4, 1)",
        photo,
        referral,
        SENDER.id,
        datetime.now(UTC),
    )
    await app.state.parts.attachments.put(photo, picture(), picture())
    return {"referral_id": referral, "service_id": service, "attachment_id": photo}


async def call(client: httpx2.AsyncClient, column: str, ids: dict[str, UUID]) -> int:
    """Do what a column of the tables stands for; the answer's number."""
    method, path = ENDPOINTS[column].split()
    path = path.format(**ids)
    if column == "upload":
        answer = await client.post(path, files={"file": ("a.jpg", picture())})
    elif method == "GET":
        params = {"area": SUMBERWULUH} if column == "list" else {}
        answer = await client.get(path, params=params)
    else:
        answer = await client.request(method, path, json=SERVICE)
    return answer.status_code


def test_every_kind_of_standing_occurs_among_the_callers() -> None:
    for lines, may in ((STANDING, MAY), (KEEPING, MAY_KEEP)):
        found = {caller.standing(lines) for caller in CALLERS}
        assert found == set(table(may)) - {"service", "idle", "stranger"}
    columns = [set(next(iter(table(may).values()))) for may in (MAY, MAY_KEEP)]
    assert set.union(*columns) == set(ENDPOINTS)


@pytest.mark.parametrize(("lines", "may"), [(STANDING, MAY), (KEEPING, MAY_KEEP)])
async def test_each_caller_does_what_the_table_says(
    api: Api, ids: dict[str, UUID], lines: str, may: str
) -> None:
    expected, found = {}, {}
    for caller in CALLERS:
        client = api(caller.actor())
        for column, number in table(may)[caller.standing(lines)].items():
            expected[caller, column] = number
            found[caller, column] = await call(client, column, ids)
    assert wrong(found, expected) == {}


async def test_without_a_duty_there_is_nothing_to_see_or_do(
    app: FastAPI, api: Api, ids: dict[str, UUID]
) -> None:
    async with without_duty(app, api) as clients:
        for who, client in clients.items():
            for may in (MAY, MAY_KEEP):
                for column, number in table(may)[who].items():
                    assert await call(client, column, ids) == number, (who, column)


async def test_the_sender_sees_the_photo_and_prints_the_letter_wherever_they_are(
    api: Api, ids: dict[str, UUID]
) -> None:
    for column, number in {"upload": 201, "file": 200, "small": 200, "letter": 200}.items():
        assert await call(api(SENDER), column, ids) == number, column
