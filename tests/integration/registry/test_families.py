import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from services.registry.domain.birth import local_day
from shared.auth import Actor
from shared.clock import utc_now
from shared.contracts.codes import Role
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.registry.conftest import PRONOJIWO, Api, Body, Register

KK = "3508031203120007"
OTHER_KK = "3508032501190003"
TODAY = local_day(utc_now())


@pytest.fixture
def family(person: Body) -> Body:
    """A body that registers a family."""

    def body(**changes: Any) -> dict[str, Any]:
        only = {"kind": "family", "name": "Keluarga Aminah", "nik": None, "sex": None}
        return person(**{**only, "birth": None, "categories": ["FM"], "kk": KK, **changes})

    return body


async def made(answer: httpx2.Response) -> str:
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def names(api: Api, actor: Actor, path: str) -> list[tuple[str, str, bool]]:
    answer = await api(actor).get(f"/beneficiaries/{path}")
    assert answer.status_code == 200, answer.text
    return [
        (one["name"], one["relation"], one["left_on"] is None) for one in answer.json()["items"]
    ]


async def test_a_kk_is_sealed_shown_masked_and_found_by_its_keyed_hash(
    api: Api, psm: Actor, family: Body, owner: asyncpg.Connection
) -> None:
    one = await made(await api(psm).post("/beneficiaries", json=family()))
    read = await api(psm).get(f"/beneficiaries/{one}")
    assert read.json()["kk"] == "3508********0007"
    sealed = await owner.fetchval("select kk_sealed from family_cards")
    assert (sealed[0], KK.encode() in sealed) == (1, False)
    assert await owner.fetchval("select count(*) from kk_index") == 1
    again = await api(psm).post("/beneficiaries", json=family(name="Rumah Lain"))
    assert (again.status_code, again.json()["candidates"][0]["id"]) == (409, one)
    assert again.json()["candidates"][0]["reasons"][0] == "No. KK sama persis"
    assert KK not in again.text


async def test_a_batch_shows_the_family_with_the_same_kk(
    api: Api, psm: Actor, family: Body
) -> None:
    items = [
        {"key": str(uuid.uuid4()), **family(name=name)}
        for name in ("Keluarga Wiryo", "Rumah Tangga Bonaman")
    ]
    answer = await api(psm).post("/beneficiaries/batch", json={"items": items})
    first, second = answer.json()["items"]
    assert (first["status"], second["status"]) == ("created", "possible-duplicate")
    assert second["candidates"][0]["id"] == first["id"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kk": "350803120312000"}, "invalid-kk"),
        ({"kind": "group", "categories": ["KM"]}, "invalid-kk"),
        ({"aliases": ["Bu Min"]}, "rule-violated"),
        ({"disabilities": ["physical"]}, "rule-violated"),
        ({"size": 4}, "rule-violated"),
        ({"point": {"latitude": 48.2, "longitude": 16.4}}, "rule-violated"),
        ({"point": {"latitude": -8.2}}, "invalid-input"),
    ],
)
async def test_what_does_not_fit_a_family_is_refused(
    api: Api, psm: Actor, family: Body, changes: dict[str, Any], code: str
) -> None:
    answer = await api(psm).post("/beneficiaries", json=family(**changes))
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(code)
    assert KK not in answer.text


async def test_a_new_card_replaces_the_old_one_for_good(
    api: Api, psm: Actor, family: Body, owner: asyncpg.Connection
) -> None:
    client = api(psm)
    one = await made(await client.post("/beneficiaries", json=family()))
    odd = await client.put(f"/beneficiaries/{one}/family-card", json={"kk": "9908031203120007"})
    assert [warning["code"] for warning in odd.json()["warnings"]] == ["kk-area"]
    await client.put(f"/beneficiaries/{one}/family-card", json={"kk": OTHER_KK})
    assert (await client.get(f"/beneficiaries/{one}")).json()["kk"] == "3508********0003"
    assert await owner.fetchval("select count(*) from kk_index") == 1
    none = await client.put(f"/beneficiaries/{one}/family-card", json={"kk": None})
    assert none.status_code == 200
    assert (await client.get(f"/beneficiaries/{one}")).json()["kk"] is None
    assert await owner.fetchval("select count(*) from kk_index") == 0


async def test_members_join_and_leave_and_both_sides_show_it(
    *, api: Api, psm: Actor, family: Body, register: Register, owner: asyncpg.Connection
) -> None:
    client = api(psm)
    home = await made(await client.post("/beneficiaries", json=family()))
    mother = await register(psm, name="Siti Aminah")
    son = await register(psm, name="Bagus Prasetyo", sex="M", birth={"year": 2015})
    members = f"/beneficiaries/{home}/members"
    for person_id, relation in ((son, "child"), (mother, "head")):
        body = {"person_id": str(person_id), "relation": relation, "joined_on": "2020-01-31"}
        assert (await client.post(members, json=body)).status_code == 201
    assert await names(api, psm, f"{home}/members") == [
        ("Siti Aminah", "head", True),
        ("Bagus Prasetyo", "child", True),
    ]
    assert await names(api, psm, f"{son}/families") == [("Keluarga Aminah", "child", True)]
    left = await client.delete(f"{members}/{son}", params={"left_on": TODAY.isoformat()})
    assert left.status_code == 200, left.text
    assert await names(api, psm, f"{home}/members") == [
        ("Siti Aminah", "head", True),
        ("Bagus Prasetyo", "child", False),
    ]
    assert (await client.delete(f"{members}/{son}")).status_code == 404
    trail = await owner.fetch(
        "select action, detail from audit_log where subject_id = $1 and action like '%.member_%'"
        " order by id",
        son,
    )
    assert [tuple(row) for row in trail] == [
        ("beneficiary.member_added", home),
        ("beneficiary.member_removed", home),
    ]


async def test_members_and_cards_of_merged_records_are_those_of_the_one_that_remains(
    *, api: Api, psm: Actor, dinsos: Actor, family: Body, register: Register
) -> None:
    client, officer = api(psm), api(dinsos)
    home = await made(await client.post("/beneficiaries", json=family()))
    twin = await made(await client.post("/beneficiaries", json=family(kk=OTHER_KK, name="Bonaman")))
    mother, again = await register(psm, name="Siti Aminah"), await register(psm, name="St. Aminah")
    son = await register(psm, name="Bagus Prasetyo", sex="M", birth={"year": 2015})
    for where, person_id, relation in ((home, mother, "head"), (twin, again, "head"),
                                       (twin, son, "child")):  # fmt: skip
        body = {"person_id": str(person_id), "relation": relation}
        answer = await client.post(f"/beneficiaries/{where}/members", json=body)
        assert answer.status_code == 201, answer.text
    for merged, into in ((twin, home), (again, mother)):
        answer = await officer.post(f"/beneficiaries/{merged}/merge", json={"into": str(into)})
        assert answer.status_code == 200, answer.text
    together = [("Siti Aminah", "head", True), ("Bagus Prasetyo", "child", True)]
    assert await names(api, psm, f"{home}/members") == together
    assert await names(api, psm, f"{mother}/families") == [("Keluarga Aminah", "head", True)]
    known = await client.post("/beneficiaries", json=family(kk=OTHER_KK, name="Rumah Lain"))
    assert [one["id"] for one in known.json()["candidates"]] == [home]
    left = await client.delete(f"/beneficiaries/{home}/members/{son}")
    assert left.status_code == 200, left.text
    assert (await names(api, psm, f"{home}/members"))[1] == ("Bagus Prasetyo", "child", False)
    for merged in (twin, again):
        assert (await officer.post(f"/beneficiaries/{merged}/unmerge")).status_code == 200
    assert await names(api, psm, f"{home}/members") == together[:1]
    assert await names(api, psm, f"{twin}/members") == [
        ("St. Aminah", "head", True),
        ("Bagus Prasetyo", "child", False),
    ]


async def test_a_family_has_one_head_and_each_member_once(
    api: Api, psm: Actor, family: Body, register: Register
) -> None:
    client = api(psm)
    home = await made(await client.post("/beneficiaries", json=family()))
    other = await made(
        await client.post("/beneficiaries", json=family(name="Rumah Bonaman", kk=OTHER_KK))
    )
    mother, son = await register(psm, name="Siti Aminah"), await register(psm, name="Bagus Joyo")
    found = []
    for where, person_id, relation in (
        (home, mother, "head"),
        (home, mother, "relative"),
        (home, son, "head"),
        (home, home, "child"),
        (mother, son, "child"),
        (home, other, "child"),
        (home, uuid.uuid4(), "child"),
        (other, mother, "parent"),
    ):
        body = {"person_id": str(person_id), "relation": relation}
        answer = await client.post(f"/beneficiaries/{where}/members", json=body)
        found.append((answer.status_code, answer.json().get("type", "").split(":")[-1]))
    assert found == [
        (201, ""),
        (409, "already-member"),
        (409, "has-head"),
        (422, "rule-violated"),
        (422, "rule-violated"),
        (422, "rule-violated"),
        (422, "unknown-person"),
        (201, ""),
    ]
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["member-elsewhere"]


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY - timedelta(days=9)])
async def test_nobody_leaves_tomorrow_or_before_joining(
    api: Api, psm: Actor, family: Body, register: Register, day: Any
) -> None:
    client = api(psm)
    home = await made(await client.post("/beneficiaries", json=family()))
    mother = await register(psm)
    body = {"person_id": str(mother), "relation": "head", "joined_on": TODAY.isoformat()}
    await client.post(f"/beneficiaries/{home}/members", json=body)
    answer = await client.delete(
        f"/beneficiaries/{home}/members/{mother}", params={"left_on": day.isoformat()}
    )
    assert answer.status_code == 422


async def test_scope_holds_for_both_sides(
    *,
    api: Api,
    psm: Actor,
    family: Body,
    register: Register,
    make_actor: Callable[..., Actor],
) -> None:
    home = await made(await api(psm).post("/beneficiaries", json=family()))
    neighbour = make_actor("PSM", PRONOJIWO)
    afar = await register(neighbour, name="Rahmat Hidayat", area=PRONOJIWO)
    near = await register(psm, name="Siti Aminah")
    members = f"/beneficiaries/{home}/members"
    body = {"person_id": str(afar), "relation": "child"}
    assert (await api(psm).post(members, json=body)).status_code == 422
    assert (await api(neighbour).post(members, json=body)).status_code == 404
    youth = make_actor("KARANG_TARUNA", SUMBERWULUH)
    assert (
        await api(youth).post(members, json={**body, "person_id": str(near)})
    ).status_code == 403
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    assert (await api(dinsos).post(members, json=body)).status_code == 201
    assert await names(api, dinsos, f"{home}/members") == [("Rahmat Hidayat", "child", True)]
    assert await names(api, psm, f"{home}/members") == [], "a member out of sight is left out"
    assert await names(api, neighbour, f"{afar}/families") == []


async def test_a_family_does_not_tell_of_a_member_whose_name_is_hidden(
    *, api: Api, psm: Actor, family: Body, register: Register, make_actor: Callable[..., Actor]
) -> None:
    home = await made(await api(psm).post("/beneficiaries", json=family()))
    child = await register(psm, name="Rahasia Sekali", categories=["AKTK"])
    members = f"/beneficiaries/{home}/members"
    body = {"person_id": str(child), "relation": "child"}
    assert (await api(psm).post(members, json=body)).status_code == 201
    tksk = make_actor("TKSK", CANDIPURO)
    assert await names(api, tksk, f"{home}/members") == []
    assert await names(api, tksk, f"{child}/families") == []
    assert (await api(tksk).delete(f"{members}/{child}")).status_code == 404
    assert await names(api, psm, f"{home}/members") == [("Rahasia Sekali", "child", True)]


async def test_of_a_hidden_person_nothing_is_read_that_tells_who_it_is(
    api: Api, psm: Actor, person: Body, make_actor: Callable[..., Actor]
) -> None:
    whole = person(
        categories=["ODHA", "LUT"],
        aliases=["Mbah Siti"],
        disabilities=["sensory"],
        point={"latitude": -8.19771234, "longitude": 113.0531},
    )
    one = await made(await api(psm).post("/beneficiaries", json=whole))
    own = (await api(psm).get(f"/beneficiaries/{one}")).json()
    assert (own["masked"], own["aliases"], own["disabilities"]) == (
        False,
        ["Mbah Siti"],
        ["sensory"],
    )
    assert own["point"] == {"latitude": -8.19771, "longitude": 113.0531}
    answer = await api(make_actor("TKSK", CANDIPURO)).get(f"/beneficiaries/{one}")
    told = answer.json()
    assert (told["masked"], told["name"]) == (True, "Warga (dirahasiakan)")
    shown = {field for field, value in told.items() if value not in (None, [], False)}
    assert shown == {
        "id", "version", "kind", "name", "area", "area_label", "categories", "confidentiality",
        "masked", "registered_by", "registered_at", "changed_at", "legal_bases",
    }  # fmt: skip
    assert told["categories"] == ["LUT"]
    for secret in ("Aminah", "Mbah", "RT 02", "0812", "3508****", "1954", "113.05", "ODHA"):
        assert secret not in answer.text


async def test_what_few_records_say_is_kept_changed_and_emptied(
    api: Api, psm: Actor, person: Body, without_nik: Body
) -> None:
    group = without_nik(
        kind="group", name="Kelompok Tani", sex=None, birth=None, nik_absent_reason=None,
        categories=["KM"], size=12,
    )  # fmt: skip
    one = await made(await api(psm).post("/beneficiaries", json=group))
    assert (await api(psm).get(f"/beneficiaries/{one}")).json()["size"] == 12
    somebody = await made(await api(psm).post("/beneficiaries", json=person(aliases=["Mbah"])))
    changes = {"aliases": ["Bu Min", "Mbah"], "disabilities": ["physical", "mental"]}
    read = (await api(psm).patch(f"/beneficiaries/{somebody}", json=changes)).json()
    assert {field: read[field] for field in changes} == changes
    read = (await api(psm).patch(f"/beneficiaries/{somebody}", json={"aliases": []})).json()
    assert (read["aliases"], read["disabilities"], read["version"]) == (
        [],
        ["physical", "mental"],
        3,
    )
