import uuid
from typing import Any

import asyncpg
import pytest

from shared.contracts.codes import Role
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.directory.conftest import (
    Api,
    Employ,
    EventsOf,
    Person,
    days,
    held,
)


def period(first: int = 0, last: int = 3, stand_in: Person | None = None) -> dict[str, Any]:
    return {
        "from": str(days(first)),
        "to": str(days(last)),
        "stand_in_id": str(stand_in.id) if stand_in else None,
    }


@pytest.fixture
async def psm(employ: Employ) -> Person:
    return await employ(held("PSM", SUMBERWULUH))


async def test_a_worker_announces_an_absence_with_a_stand_in_from_a_wider_area(
    api: Api, employ: Employ, psm: Person, events_of: EventsOf
) -> None:
    """The stand-in lies outside what the worker may list, yet can be named."""
    stand_in = await employ(held("PSM", CANDIPURO))
    me = api(psm.actor)
    assert (await me.get(f"/workers/{stand_in.id}")).status_code == 404
    answer = await me.post(f"/workers/{psm.id}/absence", json=period(0, 3, stand_in))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["worker_id"] == str(psm.id)
    assert (body["from"], body["to"]) == (str(days(0)), str(days(3)))
    assert body["stand_in_id"] == str(stand_in.id)
    event = (await events_of(psm.id))[-1]
    assert event.type == "id.sinergi.directory.worker.absent.v1"
    assert event.subjectversion == 2
    assert event.data["absences"] == [
        {
            "starts_on": str(days(0)),
            "ends_on": str(days(3)),
            "stand_in_id": str(stand_in.id),
        }
    ]
    assert len(event.data["duties"]) == 1
    assert (await me.get("/me")).json()["absent_until"] == str(days(3))
    assert (await me.get("/workers")).json()["items"][0]["absent_until"] == str(days(3))


async def test_an_absence_to_come_does_not_show_as_absent_today(api: Api, psm: Person) -> None:
    me = api(psm.actor)
    assert (await me.post(f"/workers/{psm.id}/absence", json=period(2, 3))).status_code == 201
    body = (await me.get("/me")).json()
    assert body["absent_until"] is None
    assert [absence["from"] for absence in body["absences"]] == [str(days(2))]


async def test_a_stand_in_of_another_pillar_or_place_or_nobody_is_refused(
    api: Api, employ: Employ, psm: Person
) -> None:
    others = [
        (await employ(held("TKSK", CANDIPURO))).id,
        (await employ(held("PSM", "35.08.03.2001"))).id,
        (await employ(held("PSM", SUMBERWULUH, ends=-1))).id,
        psm.id,
        uuid.uuid4(),
    ]
    for other in others:
        body = {**period(), "stand_in_id": str(other)}
        refused = await api(psm.actor).post(f"/workers/{psm.id}/absence", json=body)
        assert refused.status_code == 422
        assert refused.json()["type"] == "urn:sinergi:problem:unfit-stand-in"
        assert refused.json()["errors"][0]["pointer"] == "/stand_in_id"


async def test_who_may_announce_for_another(api: Api, employ: Employ, psm: Person) -> None:
    allowed = [
        await employ(held("PSM", CANDIPURO, Role.COORDINATOR)),
        await employ(held("DINSOS", LUMAJANG, Role.DINSOS)),
    ]
    colleague = await employ(held("PSM", SUMBERWULUH))
    strangers = [
        await employ(held("TKSK", CANDIPURO, Role.COORDINATOR)),
        await employ(held("DINSOS", "35.09", Role.DINSOS)),
    ]
    path = f"/workers/{psm.id}/absence"
    for day, person in enumerate(allowed):
        answer = await api(person.actor).post(path, json=period(day, day))
        assert answer.status_code == 201, answer.text
    assert (await api(colleague.actor).post(path, json=period(9, 9))).status_code == 403
    for person in strangers:
        assert (await api(person.actor).post(path, json=period(9, 9))).status_code == 404


async def test_an_overlapping_absence_is_a_conflict(api: Api, psm: Person) -> None:
    path = f"/workers/{psm.id}/absence"
    assert (await api(psm.actor).post(path, json=period(1, 5))).status_code == 201
    overlapping = await api(psm.actor).post(path, json=period(5, 9))
    assert overlapping.status_code == 409
    assert overlapping.json()["type"] == "urn:sinergi:problem:absence-overlaps"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (period(3, 1), "/to"),
        (period(-3, -1), "/to"),
        ({"to": str(days(1))}, "/from"),
        ({"from": str(days(1))}, "/to"),
        ({**period(), "from": 12.5}, "/from"),
        ({**period(), "stand_in_id": "Budi"}, "/stand_in_id"),
        ({**period(), "reason": "sakit"}, "/reason"),
    ],
)
async def test_a_bad_absence_is_refused_with_a_pointer(
    api: Api, psm: Person, body: dict[str, Any], pointer: str
) -> None:
    refused = await api(psm.actor).post(f"/workers/{psm.id}/absence", json=body)
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


async def test_an_absence_follows_its_worker_into_a_wider_area(
    api: Api, employ: Employ, psm: Person, owner: asyncpg.Connection
) -> None:
    """INVARIANT: the wall around absences compares the worker's areas of now, not of then."""
    office = await employ(held("DINSOS", "35", Role.DINSOS))
    await api(psm.actor).post(f"/workers/{psm.id}/absence", json=period())
    duty = {"pillar": "PSM", "area": "35.09.01.2001", "role": "worker"}
    moved = await api(office.actor).post(f"/workers/{psm.id}/duties", json=duty)
    assert moved.status_code == 201, moved.text
    span = await owner.fetchrow("select area_low, area_high from absences")
    assert tuple(span or ()) == (SUMBERWULUH, "35.09.01.2001")
