import json
import uuid
from collections.abc import Callable

import asyncpg
import pytest

from shared.auth import Actor
from tests.conftest import CANDIPURO, SUMBERWULUH
from tests.integration.registry.conftest import PRONOJIWO, Api, Body, Register

OTHER_VILLAGE = "35.08.03.2001"


async def test_a_record_is_read_with_the_nik_masked(api: Api, psm: Actor, person: Body) -> None:
    made = (await api(psm).post("/beneficiaries", json=person())).json()
    answer = await api(psm).get(f"/beneficiaries/{made['id']}")
    assert answer.status_code == 200
    body = answer.json()
    assert body["nik"] == "3508********0001"
    assert body["name"] == "Siti Aminah"
    assert body["birth"] == {"precision": "day", "date": "1954-03-12", "year": 1954, "age": None}
    assert body["area_label"] == "Sumberwuluh, Kec. Candipuro"
    assert (body["phone"], body["safe_contact"]) == ("0812-3456-7890", True)
    assert (body["categories"], body["version"]) == (["LUT"], 1)
    assert body["registered_by"] == str(psm.id)
    assert [basis["basis"] for basis in body["legal_bases"]] == ["public_task"]
    assert answer.headers["cache-control"] == "no-store"


async def test_an_estimated_age_is_read_as_an_estimate(
    api: Api, psm: Actor, without_nik: Body
) -> None:
    made = (await api(psm).post("/beneficiaries", json=without_nik(birth={"age": 71}))).json()
    birth = (await api(psm).get(f"/beneficiaries/{made['id']}")).json()["birth"]
    assert (birth["precision"], birth["age"], birth["date"]) == ("age", 71, None)


@pytest.mark.parametrize(
    ("pillar", "area", "categories", "status"),
    [
        ("PSM", SUMBERWULUH, ["LUT"], 200),
        ("PSM", SUMBERWULUH, ["PD"], 200),
        ("PSM", SUMBERWULUH, ["KTK"], 404),
        ("KARANG_TARUNA", SUMBERWULUH, ["LUT"], 200),
        ("KARANG_TARUNA", SUMBERWULUH, ["PD"], 404),
        ("TKSK", CANDIPURO, ["KTK"], 200),
        ("TKSK", "35.08.02", ["LUT"], 404),
        ("PSM", OTHER_VILLAGE, ["LUT"], 404),
        ("PSM", "35.08.03.200", ["LUT"], 404),
    ],
)
async def test_who_may_read_hangs_on_pillar_area_and_sensitivity(
    *,
    api: Api,
    psm: Actor,
    register: Register,
    make_actor: Callable[..., Actor],
    pillar: str,
    area: str,
    categories: list[str],
    status: int,
) -> None:
    made = await register(psm, categories=categories)
    reader = make_actor(pillar, area)
    answer = await api(reader).get(f"/beneficiaries/{made}")
    assert answer.status_code == status
    change = await api(reader).patch(f"/beneficiaries/{made}", json={"address": "pindah"})
    assert (change.status_code == 404) == (status == 404)


async def test_out_of_scope_and_missing_look_alike(
    api: Api, psm: Actor, register: Register, make_actor: Callable[..., Actor]
) -> None:
    made = await register(psm)
    stranger = api(make_actor("PSM", PRONOJIWO))
    hidden = await stranger.get(f"/beneficiaries/{made}")
    missing = await stranger.get(f"/beneficiaries/{uuid.uuid4()}")
    assert (hidden.status_code, hidden.json()) == (404, missing.json())


async def test_without_a_token_nothing_is_read(api: Api, psm: Actor, register: Register) -> None:
    made = await register(psm)
    answer = await api(psm).get(f"/beneficiaries/{made}", headers={"Authorization": ""})
    assert answer.status_code == 401


async def test_a_change_makes_a_new_version_and_states_it(
    api: Api, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    made = await register(psm)
    answer = await api(psm).patch(
        f"/beneficiaries/{made}",
        json={"name": "Siti Aminah Wati", "birth": {"year": 1955}, "phone": None},
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 200
    body = answer.json()
    assert (body["version"], body["name"], body["phone"]) == (2, "Siti Aminah Wati", None)
    assert (body["birth"]["precision"], body["birth"]["year"]) == ("year", 1955)
    assert body["address"] == "RT 02 RW 05 dekat balai dusun"
    events = await owner.fetch("select type, version from event_log order by seq")
    assert [(row["type"].split(".")[4], row["version"]) for row in events] == [
        ("registered", 1),
        ("changed", 2),
    ]


async def test_a_change_that_changes_nothing_makes_no_version(
    api: Api, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    made = await register(psm)
    for same in ({}, {"name": "Siti Aminah"}):
        answer = await api(psm).patch(f"/beneficiaries/{made}", json=same)
        assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert await owner.fetchval("select count(*) from event_log") == 1


@pytest.mark.parametrize("header", ['"1"', "1", 'W/"1"'])
async def test_a_change_from_an_old_version_is_refused(
    api: Api, psm: Actor, register: Register, header: str
) -> None:
    made = await register(psm)
    await api(psm).patch(f"/beneficiaries/{made}", json={"name": "Siti A"})
    answer = await api(psm).patch(
        f"/beneficiaries/{made}", json={"name": "Siti B"}, headers={"If-Match": header}
    )
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:sinergi:problem:version-conflict"
    assert answer.json()["version_now"] == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"name": ""},
        {"area": None},
        {"area": CANDIPURO},
        {"area": "35.08.03.2999"},
        {"categories": None},
        {"categories": []},
        {"categories": ["NOPE"]},
        {"birth": {"date": "2999-01-01"}},
        {"nik": "3508035203540001"},
        {"kind": "family"},
        {"registered_by": str(uuid.uuid4())},
    ],
)
async def test_a_wrong_or_foreign_field_changes_nothing(
    api: Api, psm: Actor, register: Register, changes: dict[str, object]
) -> None:
    made = await register(psm)
    answer = await api(psm).patch(f"/beneficiaries/{made}", json=changes)
    assert answer.status_code == 422
    assert (await api(psm).get(f"/beneficiaries/{made}")).json()["version"] == 1


async def test_a_repeated_change_takes_effect_once(
    api: Api, psm: Actor, register: Register
) -> None:
    made = await register(psm)
    key = {"Idempotency-Key": "change-01"}
    first = await api(psm).patch(f"/beneficiaries/{made}", json={"name": "A B"}, headers=key)
    await api(psm).patch(f"/beneficiaries/{made}", json={"name": "C D"})
    again = await api(psm).patch(f"/beneficiaries/{made}", json={"name": "A B"}, headers=key)
    assert again.json() == first.json()
    now = (await api(psm).get(f"/beneficiaries/{made}")).json()
    assert (now["version"], now["name"]) == (3, "C D")


async def test_categories_keep_when_they_were_given_and_ended(
    api: Api, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    made = await register(psm, categories=["LUT", "GLD"])
    await api(psm).patch(f"/beneficiaries/{made}", json={"categories": ["LUT", "PD"]})
    answer = await api(psm).patch(f"/beneficiaries/{made}", json={"categories": ["PD", "GLD"]})
    assert (answer.json()["categories"], answer.json()["confidentiality"]) == (["PD", "GLD"], "C2")
    rows = await owner.fetch(
        "select code, ended_at is null as current from category_periods order by code, given_at"
    )
    assert [(row["code"], row["current"]) for row in rows] == [
        ("GLD", False),
        ("GLD", True),
        ("LUT", False),
        ("PD", True),
    ]
    last = await owner.fetchval("select data from event_log order by seq desc limit 1")
    assert json.loads(last)["data"]["categories"] == ["GLD"]


async def test_a_record_moves_only_to_where_the_worker_may_register(
    api: Api, psm: Actor, tksk: Actor, register: Register
) -> None:
    made = await register(psm)
    refused = await api(psm).patch(f"/beneficiaries/{made}", json={"area": OTHER_VILLAGE})
    moved = await api(tksk).patch(f"/beneficiaries/{made}", json={"area": OTHER_VILLAGE})
    assert (refused.status_code, moved.status_code) == (403, 200)
    assert moved.json()["area"] == OTHER_VILLAGE
    assert (await api(psm).get(f"/beneficiaries/{made}")).status_code == 200, "its registrar"


async def test_a_reader_without_the_right_to_change_is_told_so(
    api: Api, psm: Actor, register: Register, make_actor: Callable[..., Actor]
) -> None:
    made = await register(psm)
    youth = make_actor("KARANG_TARUNA", SUMBERWULUH)
    answer = await api(youth).patch(f"/beneficiaries/{made}", json={"address": "x"})
    assert answer.status_code == 403


async def test_a_change_that_makes_it_odd_warns(api: Api, psm: Actor, register: Register) -> None:
    made = await register(psm)
    answer = await api(psm).patch(f"/beneficiaries/{made}", json={"birth": {"age": 20}})
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["category-age"]
