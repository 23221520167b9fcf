"""Routing rules: their versions, changing them for one area, and the walls around that."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from services.cases.storage import known
from services.cases.storage.rules import RuleBook
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Need, Owner

JEMBER, JEMBER_VILLAGE = "35.09", "35.09.01.2001"
CHANGE = {"pillar": "PSM", "supporting": ["TKSK"], "urgency": "normal", "act_hours": 48}


def officer(*areas: str) -> Actor:
    duties = tuple(Duty("DINSOS", area, Role.DINSOS) for area in areas)
    return Actor(uuid.uuid4(), "worker", duties)


@pytest.fixture
def dinsos() -> Actor:
    return officer(LUMAJANG)


@pytest.fixture(autouse=True)
async def defaults(owner: Owner) -> AsyncIterator[None]:
    """The default rules alone, before and after: they outlive the emptying between tests."""
    await owner.execute("delete from routing_rules where area <> ''")
    yield
    await owner.execute("delete from routing_rules where area <> ''")


def pointers(answer: httpx2.Response) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_the_rules_of_an_area_are_the_65_defaults_until_somebody_changes_one(
    api: Api, dinsos: Actor
) -> None:
    answer = (await api(dinsos).get("/rules")).json()
    assert answer["area"] == LUMAJANG
    assert len(answer["items"]) == 65
    assert {one["area"] for one in answer["items"]} == {None}
    assert [one["priority"] for one in answer["items"]] == sorted(
        one["priority"] for one in answer["items"]
    )
    for_elderly = (
        await api(dinsos).get("/rules", params={"category": "LUT", "situation": "NEGLECT"})
    ).json()
    assert [one["id"] for one in for_elderly["items"]] == ["R019", "R020", "R059", "R060", "R065"]


async def test_a_change_is_a_new_version_for_the_area_and_says_who_made_it(
    api: Api, dinsos: Actor
) -> None:
    client = api(dinsos)
    before = (await client.get("/rules/R026")).json()
    assert (before["version"], before["area"], before["pillar"]) == (1, None, "TKSK")
    changed = await client.put("/rules/R026", json=CHANGE, headers={"If-Match": "1"})
    assert changed.status_code == 200
    body = changed.json()
    assert (body["version"], body["area"], body["pillar"]) == (2, LUMAJANG, "PSM")
    assert (body["close_days"], body["flags"]) == (before["close_days"], before["flags"])
    assert body["author_id"] == str(dinsos.id)
    again = (await client.put("/rules/R026", json={"act_hours": 72})).json()
    newest, older, default = again["versions"]
    assert (newest["version"], newest["act_hours"], newest["pillar"]) == (3, 72, "PSM")
    assert newest["valid_to"] is None
    assert (older["version"], older["valid_to"]) == (2, newest["valid_from"])
    assert (default["area"], default["valid_to"], default["author_id"]) == (None, None, None)
    listed = (await client.get("/rules", params={"versions": True})).json()["items"]
    (mine,) = [one for one in listed if one["area"] == LUMAJANG]
    assert [one["version"] for one in mine["versions"]] == [3, 2, 1]


async def test_a_change_in_one_kabupaten_reaches_no_other(
    api: Api, dinsos: Actor, worker_db: Database, owner: Owner, need: Need
) -> None:
    sender = Actor(uuid.uuid4(), "worker", (
        Duty("PSM", SUMBERWULUH, Role.WORKER), Duty("PSM", JEMBER_VILLAGE, Role.WORKER),
    ))  # fmt: skip
    client = api(sender)

    async def planned(area: str) -> tuple[str, str]:
        # Nobody is on duty anywhere, so the leg keeps the pillar its rule names.
        plan = (await client.post("/referrals/plan", json=need(area=area))).json()
        return plan["legs"][0]["pillar"], plan["legs"][0]["urgency"]

    for area in (SUMBERWULUH, JEMBER_VILLAGE):
        assert await planned(area) == ("TKSK", "high")
    assert (await api(dinsos).put("/rules/R026", json=CHANGE)).status_code == 200
    assert await planned(SUMBERWULUH) == ("PSM", "normal")
    assert await planned(JEMBER_VILLAGE) == ("TKSK", "high")
    there = (await api(dinsos).get("/rules/R026", params={"area": JEMBER})).json()
    assert (there["pillar"], there["area"], len(there["versions"])) == ("TKSK", None, 1)


async def test_the_rule_of_a_kabupaten_goes_before_that_of_its_province(
    api: Api, dinsos: Actor
) -> None:
    province = officer("35")
    await api(dinsos).put("/rules/R026", json={"pillar": "PSM", "supporting": []})
    await api(province).put("/rules/R026", json={"pillar": "PENSOSMAS", "supporting": []})
    found = {
        area: (await api(province).get("/rules/R026", params={"area": area})).json()["pillar"]
        for area in (CANDIPURO, JEMBER_VILLAGE, "33.01")
    }
    assert found == {CANDIPURO: "PSM", JEMBER_VILLAGE: "PENSOSMAS", "33.01": "TKSK"}
    for_lumajang = await api(province).put(
        "/rules/R026", json={"area": LUMAJANG, "act_hours": 30}, headers={"If-Match": "2"}
    )
    assert (for_lumajang.json()["pillar"], for_lumajang.json()["act_hours"]) == ("PSM", 30)


async def test_of_two_edits_of_one_version_one_wins(api: Api, dinsos: Actor, owner: Owner) -> None:
    others = [api(dinsos), *(api(officer(LUMAJANG)) for _ in range(4))]
    answers = await asyncio.gather(
        *(
            one.put("/rules/R026", json={"act_hours": hours}, headers={"If-Match": "1"})
            for hours, one in enumerate(others, 30)
        )
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409]
    refused = next(one for one in answers if one.status_code == 409).json()
    assert (refused["type"], refused["version_now"]) == ("urn:sinergi:problem:version-conflict", 2)
    rows = await owner.fetch("select version, act_hours from routing_rules where area <> ''")
    won = next(one for one in answers if one.status_code == 200).json()
    assert [tuple(row) for row in rows] == [(2, won["act_hours"])]


async def test_edits_that_ask_for_no_version_come_one_after_the_other(
    api: Api, owner: Owner
) -> None:
    clients = [api(officer(LUMAJANG)) for _ in range(5)]
    answers = await asyncio.gather(
        *(one.put("/rules/R026", json={"act_hours": 30}) for one in clients)
    )
    assert {one.status_code for one in answers} == {200}
    rows = await owner.fetch(
        "select version, valid_to from routing_rules where area <> '' order by version"
    )
    assert [row["version"] for row in rows] == [2, 3, 4, 5, 6]
    assert [row["valid_to"] is None for row in rows] == [False] * 4 + [True]


async def test_a_repeated_change_changes_once(api: Api, dinsos: Actor, owner: Owner) -> None:
    headers = {"Idempotency-Key": "satu-perubahan"}
    first, again = [
        await api(dinsos).put("/rules/R026", json=CHANGE, headers=headers) for _ in range(2)
    ]
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    other = await api(dinsos).put("/rules/R026", json={"act_hours": 60}, headers=headers)
    assert other.status_code == 422
    audited = await owner.fetch("select actor_id, action, detail from audit_log")
    assert [tuple(row) for row in audited] == [
        (dinsos.id, "rule.changed", "R026 35.08 2"),
        (dinsos.id, "answer.repeated", None),
    ]
    (event,) = await owner.fetch("select convert_from(data, 'UTF8')::jsonb as said from event_log")
    said = json.loads(event["said"])
    assert said["type"] == "id.sinergi.cases.rule.changed.v1"
    data = said["data"]
    assert (data["rule_id"], data["area"], data["rule_version"]) == ("R026", LUMAJANG, 2)
    assert (data["pillar"], data["actor_id"]) == ("PSM", str(dinsos.id))


@pytest.mark.parametrize(
    "who", ["worker", "coordinator", "village_head", "admin", "data_protection"]
)
async def test_nobody_but_dinsos_changes_or_tries_rules(api: Api, who: str) -> None:
    actor = Actor(uuid.uuid4(), "worker", (Duty("PSM", LUMAJANG, Role(who)),))
    trial = {"rules": [], "from": "2026-01-01", "to": "2026-02-01"}
    assert (await api(actor).put("/rules/R026", json=CHANGE)).status_code == 403
    assert (await api(actor).post("/rules/dry-run", json=trial)).status_code == 403
    reads = 200 if who in {"coordinator", "admin"} else 403
    assert (await api(actor).get("/rules")).status_code == reads


async def test_a_dinsos_changes_rules_of_its_own_area_alone(
    api: Api, dinsos: Actor, owner: Owner
) -> None:
    client = api(dinsos)
    trial = {"rules": [], "from": "2026-01-01", "to": "2026-02-01"}
    for area in (JEMBER, "35"):
        body = {**CHANGE, "area": area}
        assert (await client.put("/rules/R026", json=body)).status_code == 403
        answer = await client.post("/rules/dry-run", json={**trial, "area": area})
        assert answer.status_code == 403
    below = await client.put("/rules/R026", json={**CHANGE, "area": CANDIPURO})
    assert (below.status_code, pointers(below)) == (422, ["/area"])
    nowhere = await client.put("/rules/R026", json={**CHANGE, "area": "99.99"})
    assert (nowhere.status_code, pointers(nowhere)) == (422, ["/area"])
    assert (await client.put("/rules/R999", json=CHANGE)).status_code == 404
    assert (await client.get("/rules/R999")).status_code == 404
    both = api(officer(LUMAJANG, JEMBER))
    unnamed = await both.put("/rules/R026", json=CHANGE)
    assert (unnamed.status_code, pointers(unnamed)) == (422, ["/area"])
    assert await owner.fetchval("select count(*) from routing_rules") == 65
    named = await both.put("/rules/R026", json={**CHANGE, "area": JEMBER})
    assert (named.status_code, named.json()["area"]) == (200, JEMBER)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"category": "TIDAK_ADA"}, "/category"),
        ({"situation": "TIDAK_ADA"}, "/situation"),
        ({"situation": "*"}, "/situation"),
        ({"condition": "age<umur"}, "/condition"),
        ({"condition": "true or age<18"}, "/condition"),
        ({"pillar": "TIDAK_ADA"}, "/pillar"),
        ({"supporting": ["PSM", "TIDAK_ADA"]}, "/supporting/1"),
        ({"supporting": ["TKSK"]}, "/supporting"),
        ({"external_services": ["TIDAK_ADA"]}, "/external_services/0"),
        ({"flags": ["FAMILY_TRACING", "SESUKANYA"]}, "/flags/1"),
        ({"flags": ["FAMILY_TRACING", "FAMILY_TRACING"]}, "/flags/1"),
        ({"urgency": "kapan-kapan"}, "/urgency"),
        ({"confidentiality": "C4"}, "/confidentiality"),
        ({"reply_minutes": 0}, "/reply_minutes"),
        ({"reply_minutes": 25 * 60}, "/act_hours"),
        ({"close_days": 1, "act_hours": 25}, "/close_days"),
        ({"close_days": 100_000}, "/close_days"),
        ({"author_id": str(uuid.uuid4())}, "/author_id"),
    ],
)
async def test_what_no_rule_can_be_is_refused_at_its_field(
    api: Api, dinsos: Actor, change: dict[str, Any], pointer: str
) -> None:
    answer = await api(dinsos).put("/rules/R026", json=change)
    assert answer.status_code == 422
    assert [one for one in pointers(answer) if one.startswith(pointer)]


@pytest.mark.parametrize(
    "change",
    [{"retired": True}, {"category": "LUT"}, {"situation": "NEGLECT"}, {"condition": "age<18"}],
)
async def test_the_last_rule_goes_on_taking_everything(
    api: Api, dinsos: Actor, change: dict[str, Any]
) -> None:
    refused = await api(dinsos).put("/rules/R065", json=change)
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:sinergi:problem:last-rule"
    softer = await api(dinsos).put("/rules/R065", json={"pillar": "PSM", "supporting": []})
    assert softer.status_code == 200


async def test_a_retired_rule_leaves_its_needs_to_the_next_and_can_come_back(
    api: Api, dinsos: Actor, psm: Actor, need: Need
) -> None:
    client = api(dinsos)

    async def rule_used() -> str:
        return str((await api(psm).post("/referrals/plan", json=need())).json()["rule_id"])

    assert await rule_used() == "R026"
    await client.put("/rules/R026", json={"retired": True})
    assert await rule_used() == "R065"
    assert len((await client.get("/rules")).json()["items"]) == 64
    everything = (await client.get("/rules", params={"retired": True})).json()["items"]
    assert [one["id"] for one in everything if one["retired"]] == ["R026"]
    back = await client.put("/rules/R026", json={"retired": False}, headers={"If-Match": "2"})
    assert back.json()["version"] == 3
    assert await rule_used() == "R026"


async def test_who_began_before_a_change_does_not_keep_the_old_rules_for_everybody(
    api: Api, dinsos: Actor, worker_db: Database, employ: Employ
) -> None:
    book = RuleBook()

    async def pillar(tx: Any) -> str:
        around = await known.surroundings(tx, uuid.uuid4(), SUMBERWULUH, None)
        rules = await book.current(tx, around.rules_stamp, SUMBERWULUH)
        return next(rule.primary for rule in rules if rule.id == "R026")

    async with worker_db.transaction() as early:
        assert (await api(dinsos).put("/rules/R026", json=CHANGE)).status_code == 200
        assert await pillar(early) == "PSM"
    async with worker_db.transaction() as later:
        assert await pillar(later) == "PSM"
