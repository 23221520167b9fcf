"""Trying a changed rule set on a past period, over HTTP and on real rows."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role, Urgency
from shared.database import Database
from tests.conftest import LUMAJANG
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.seeding import put

TO_PSM = {"id": "R026", "pillar": "PSM", "supporting": ["TKSK"]}
JEMBER_VILLAGE = "35.09.01.2001"


@pytest.fixture
def dinsos() -> Actor:
    return Actor(uuid.uuid4(), "worker", (Duty("DINSOS", LUMAJANG, Role.DINSOS),))


@pytest.fixture(autouse=True)
async def defaults(owner: Owner) -> AsyncIterator[None]:
    await owner.execute("delete from routing_rules where area <> ''")
    yield
    await owner.execute("delete from routing_rules where area <> ''")


def trial(*rules: dict[str, Any], days: float = 30, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    start, end = now - timedelta(days=days), now + timedelta(hours=1)
    return {"rules": rules, "from": start.isoformat(), "to": end.isoformat(), **more}


async def test_it_says_what_would_have_gone_elsewhere_and_changes_nothing(
    api: Api, dinsos: Actor, psm: Actor, tksk: Actor, worker_db: Database, employ: Employ,
    owner: Owner,
) -> None:  # fmt: skip
    await employ(psm, tksk)
    homeless = [await put(worker_db, psm) for _ in range(3)]
    await put(worker_db, psm, category="LUT", situation="AID_NEEDED", pillar="PSM")
    before = await owner.fetchval("select count(*) from referral_steps")
    answer = await api(dinsos).post("/rules/dry-run", json=trial(TO_PSM))
    assert answer.status_code == 200
    body = answer.json()
    counts = {name: body[name] for name in ("area", "examined", "is_whole", "differing")}
    assert counts == {"area": LUMAJANG, "examined": 4, "is_whole": True, "differing": 3}
    assert body["elsewhere"] == 3
    assert {one["pillar"]: (one["before"], one["after"]) for one in body["pillars"]} == {
        "TKSK": (3, 0),
        "PSM": (1, 4),
    }
    assert {one["referral_id"] for one in body["items"]} == {str(one) for one in homeless}
    for one in body["items"]:
        assert (one["category"], one["situation"]) == ("GLD", "HOMELESS")
        assert (one["before"]["pillar"], one["after"]["pillar"]) == ("TKSK", "PSM")
        assert (one["before"]["act_hours"], one["before"]["close_days"]) == (24, 7)
    person = {"beneficiary_id", "need", "sender_id", "holder_id"}
    assert not person & set(body["items"][0])
    assert await owner.fetchval("select count(*) from routing_rules where area <> ''") == 0
    assert await owner.fetchval("select count(*) from referral_steps") == before


async def test_without_a_change_nothing_differs(
    api: Api, dinsos: Actor, psm: Actor, worker_db: Database
) -> None:
    for situation in ("HOMELESS", "NEGLECT", "UNKNOWN"):
        await put(worker_db, psm, situation=situation)
    for rules in ([], [{"id": "R026"}], [{"id": "R026", "pillar": "TKSK"}]):
        body = (await api(dinsos).post("/rules/dry-run", json=trial(*rules))).json()
        assert (body["examined"], body["differing"], body["items"]) == (3, 0, [])


async def test_what_people_would_notice_beside_the_pillar_differs_too(
    api: Api, dinsos: Actor, psm: Actor, worker_db: Database
) -> None:
    await put(worker_db, psm)
    urgent = await put(worker_db, psm, reported_urgency=Urgency.EMERGENCY)
    for change, seen in (
        ({"urgency": "low"}, 1),
        ({"act_hours": 48}, 2),
        ({"working": True}, 2),
        ({"confidentiality": "C2"}, 2),
        ({"flags": ["FAMILY_TRACING"]}, 2),
        ({"rationale": "Ditulis ulang."}, 0),
    ):
        body = (
            await api(dinsos).post("/rules/dry-run", json=trial({"id": "R026", **change}))
        ).json()
        assert (body["differing"], body["elsewhere"]) == (seen, 0), change
        if seen == 1:
            assert body["items"][0]["referral_id"] != str(urgent)


async def test_only_the_area_the_period_and_what_the_rules_sent_are_looked_at(
    api: Api, dinsos: Actor, psm: Actor, worker_db: Database, owner: Owner
) -> None:
    jember = Actor(uuid.uuid4(), "worker", (Duty("PSM", JEMBER_VILLAGE, Role.WORKER),))
    inside = await put(worker_db, psm)
    old = await put(worker_db, psm)
    await owner.execute(
        "update referrals set sent_at = now() - interval '40 days' where id = $1", old
    )
    await put(worker_db, jember, area="35.09.01", sender_area=JEMBER_VILLAGE, place=JEMBER_VILLAGE)
    rerouted = await put(worker_db, psm)
    await owner.execute("update referrals set rerouted_from = $2 where id = $1", rerouted, inside)
    body = (await api(dinsos).post("/rules/dry-run", json=trial(TO_PSM))).json()
    assert [one["referral_id"] for one in body["items"]] == [str(inside)]
    assert body["examined"] == 1
    longer = (await api(dinsos).post("/rules/dry-run", json=trial(TO_PSM, days=50))).json()
    assert longer["examined"] == 2
    day = (datetime.now(UTC) + timedelta(hours=7)).date()
    whole_day = {"rules": [TO_PSM], "from": str(day), "to": str(day)}
    assert (await api(dinsos).post("/rules/dry-run", json=whole_day)).json()["examined"] == 1


async def test_a_special_service_is_counted_and_cannot_be_found(
    api: Api, dinsos: Actor, psm: Actor, worker_db: Database
) -> None:
    await put(
        worker_db, psm, category="LUT", situation="VIOLENCE", confidentiality=Confidentiality.C3,
        worker_id=uuid.uuid4(),
    )  # fmt: skip
    change = {"id": "R053", "pillar": "PSM", "supporting": []}
    body = (await api(dinsos).post("/rules/dry-run", json=trial(change))).json()
    (one,) = body["items"]
    assert (body["differing"], one["after"]["confidentiality"]) == (1, "C3")
    hidden = ("referral_id", "case_number", "category", "situation")
    assert [one[name] for name in hidden] == [None] * 4


async def test_at_most_a_hundred_are_listed_and_all_are_counted(
    api: Api, dinsos: Actor, psm: Actor, worker_db: Database, owner: Owner
) -> None:
    first = await put(worker_db, psm)
    names = [
        row["column_name"]
        for row in await owner.fetch(
            "select column_name from information_schema.columns where table_schema = 'cases'"
            " and table_name = 'referrals' and is_generated = 'NEVER' and column_name <> 'id'"
        )
    ]
    listed = ", ".join(names)
    await owner.execute(
        f"insert into referrals (id, {listed}) select gen_random_uuid(), {listed}"  # noqa: S608 - our own columns
        " from referrals, generate_series(1, 249) where id = $1",
        first,
    )
    body = (await api(dinsos).post("/rules/dry-run", json=trial(TO_PSM))).json()
    assert (body["examined"], body["differing"], len(body["items"])) == (250, 250, 100)


async def test_a_published_change_sends_needs_where_its_dry_run_said(
    api: Api, dinsos: Actor, psm: Actor, tksk: Actor, worker_db: Database, employ: Employ,
    need: Need,
) -> None:  # fmt: skip
    await employ(psm, tksk)
    await put(worker_db, psm)
    tried = (await api(dinsos).post("/rules/dry-run", json=trial(TO_PSM))).json()
    change = {name: value for name, value in TO_PSM.items() if name != "id"}
    await api(dinsos).put("/rules/R026", json=change)
    plan = (await api(psm).post("/referrals/plan", json=need())).json()
    assert plan["legs"][0]["pillar"] == tried["items"][0]["after"]["pillar"] == "PSM"
    again = (await api(dinsos).post("/rules/dry-run", json=trial(TO_PSM))).json()
    assert again["differing"] == 0


async def test_a_trial_is_checked_like_a_change(api: Api, dinsos: Actor) -> None:
    client = api(dinsos)
    for rules, status, pointer in (
        ([{"id": "R999"}], 404, None),
        ([{"id": "R026"}, {"id": "R030", "pillar": "TIDAK_ADA"}], 422, "/rules/1/pillar"),
        ([{"id": "R065", "retired": True}], 422, "/rules/0"),
        ([{"id": "R026", "flags": ["SESUKANYA"]}], 422, "/rules/0/flags/0"),
    ):
        answer = await client.post("/rules/dry-run", json=trial(*rules))
        assert answer.status_code == status, rules
        if pointer:
            assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    backwards = {"rules": [], "from": "2026-02-02", "to": "2026-02-01"}
    answer = await client.post("/rules/dry-run", json=backwards)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/to")
    local = {"rules": [], "from": "2026-02-02T10:30:00", "to": "2026-02-03"}
    assert (await client.post("/rules/dry-run", json=local)).status_code == 422
