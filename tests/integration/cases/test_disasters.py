"""Disasters: who may see and run one, families taken in by batch, and each of them once."""

import asyncio
import signal
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.cases.storage import known
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.fixtures.processes import ServiceProcess
from tests.fixtures.stack import Stack
from tests.integration.cases.conftest import Api, Employ, Owner
from tests.integration.cases.neighbours import Neighbours

NEIGHBOUR_DISTRICT = "35.08.02"
HEADS = {"male": 2, "female": 3, "children": 2, "elders": 1, "disabled": 0}
Families = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def dinsos(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("DINSOS", LUMAJANG, Role.DINSOS)


@pytest.fixture
def tagana(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("TAGANA", LUMAJANG)


@pytest.fixture
def families(worker_db: Database) -> Families:
    """Makes families of Sumberwuluh that cases knows of."""

    async def make(count: int, area: str = SUMBERWULUH) -> list[str]:
        made = [uuid.uuid4() for _ in range(count)]
        async with worker_db.transaction() as tx:
            for one in made:
                await known.remember_beneficiary(
                    tx,
                    beneficiary_id=one,
                    version=1,
                    area=area,
                    confidentiality=Confidentiality.C1,
                    merged_into=None,
                )
        return [str(one) for one in made]

    return make


class Place:
    """A declared disaster with one site."""

    def __init__(self, disaster: dict[str, Any], site: dict[str, Any]) -> None:
        self.id = disaster["id"]
        self.site = site["id"]
        self.intakes = f"/disasters/{self.id}/intakes"


async def declare(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    body = {
        "name": "Erupsi Semeru",
        "situation": "NATURAL_DISASTER",
        "category": "KBA",
        "area": LUMAJANG,
        "started_at": (datetime.now(UTC) - timedelta(hours=3)).isoformat(),
        **changes,
    }
    answer = await client.post("/disasters", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def add_site(client: httpx2.AsyncClient, disaster: str, **changes: Any) -> dict[str, Any]:
    body = {"name": "Posko Balai Desa", "area": SUMBERWULUH, "kind": "shelter", **changes}
    answer = await client.post(f"/disasters/{disaster}/sites", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
async def place(api: Api, dinsos: Actor) -> Place:
    disaster = await declare(api(dinsos))
    return Place(disaster, await add_site(api(dinsos), disaster["id"]))


def intake(place: Place, family: str, **changes: Any) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "site_id": place.site,
        "beneficiary_id": family,
        "need": "Tenda, makanan, dan air bersih.",
        "head_count": HEADS,
        **changes,
    }


async def send(
    client: httpx2.AsyncClient, place: Place, *items: dict[str, Any]
) -> list[dict[str, Any]]:
    answer = await client.post(place.intakes, json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["items"]
    return results


async def rows(owner: Owner) -> dict[str, int]:
    tables = ("cases", "referrals", "referral_steps", "disaster_intakes", "event_log")
    return {
        table: await owner.fetchval(f"select count(*) from {table}")  # noqa: S608 - our own names
        for table in tables
    }


async def test_a_family_merged_meanwhile_keeps_the_case_it_has(
    api: Api, tagana: Actor, employ: Employ, place: Place, families: Families, worker_db: Database,
) -> None:  # fmt: skip
    await employ(tagana)
    merged, remains = await families(2)
    (first,) = await send(api(tagana), place, intake(place, merged))
    async with worker_db.transaction() as tx:
        await known.remember_beneficiary(
            tx,
            beneficiary_id=uuid.UUID(merged),
            version=9,
            area=SUMBERWULUH,
            confidentiality=Confidentiality.C1,
            merged_into=uuid.UUID(remains),
        )
    later = await send(api(tagana), place, intake(place, remains), intake(place, merged))
    assert [one["status"] for one in later] == ["already", "already"]
    assert {one["case"]["id"] for one in later} == {first["case"]["id"]}


async def test_each_family_gets_a_case_with_the_legs_of_the_rule(
    api: Api, tagana: Actor, tksk: Actor, psm: Actor, employ: Employ, place: Place,
    families: Families, owner: Owner,
) -> None:  # fmt: skip
    await employ(tagana, tksk, psm)
    there = await families(60)
    results = await send(api(tagana), place, *(intake(place, one) for one in there))
    assert {one["status"] for one in results} == {"created"}
    numbers = [one["case"]["number"] for one in results]
    assert len(set(numbers)) == 60
    assert all(number.startswith(f"RJ-{LUMAJANG}-") for number in numbers)
    # Tagana, TKSK and PSM are there; Karang Taruna and Pensosmas are not, and fall back to PSM.
    legs = await owner.fetch(
        "select pillar, role, count(*) as many from referrals group by 1, 2 order by 1"
    )
    assert [tuple(row) for row in legs] == [
        ("PSM", "supporting", 60),
        ("TAGANA", "primary", 60),
        ("TKSK", "supporting", 60),
    ]
    assert await rows(owner) == {
        "cases": 60, "referrals": 180, "referral_steps": 180, "disaster_intakes": 60,
        "event_log": 240,
    }  # fmt: skip
    bases = await owner.fetch("select distinct legal_basis, category, situation from referrals")
    assert [tuple(row) for row in bases] == [("vital_interest", "KBA", "NATURAL_DISASTER")]


async def test_what_a_batch_wrote_reads_and_works_like_what_was_sent_one_by_one(
    api: Api, tagana: Actor, tksk: Actor, psm: Actor, employ: Employ, place: Place,
    families: Families, owner: Owner,
) -> None:  # fmt: skip
    await employ(tagana, tksk, psm)
    (family,) = await families(1)
    sent = await api(tagana).post(
        "/referrals",
        json={
            "beneficiary_id": family, "category": "KBA", "situation": "NATURAL_DISASTER",
            "area": SUMBERWULUH, "need": "Tenda.", "legal_basis": "vital_interest",
        },
    )  # fmt: skip
    (result,) = await send(api(tagana), place, intake(place, family, need="Tenda.", legs=[]))
    one = await owner.fetchrow(
        "select * from referrals where id = $1", uuid.UUID(sent.json()["referrals"][0]["id"])
    )
    other = await owner.fetchrow(
        "select * from referrals where id = $1", uuid.UUID(result["referrals"][0])
    )
    own = {"id", "case_id", "case_number", "sent_at", "rung_until", "due_at", "due_key", "alarm_at",
           "reply_by", "act_by", "close_by"}  # fmt: skip
    assert {k: v for k, v in one.items() if k not in own} == {
        k: v for k, v in other.items() if k not in own
    }
    for name in ("reply_by", "act_by", "close_by", "alarm_at", "due_at"):
        assert one[name] - one["sent_at"] == other[name] - other["sent_at"], name
    path = f"/referrals/{result['referrals'][0]}"
    assert (await api(tagana).post(f"{path}/accept", json={})).status_code == 200
    read = (await api(tagana).get(path)).json()
    assert [step["verb"] for step in read["history"]] == ["send", "accept"]


async def test_every_referral_of_a_batch_is_in_the_worklists(
    api: Api, tagana: Actor, tksk: Actor, psm: Actor, employ: Employ, place: Place,
    families: Families,
) -> None:  # fmt: skip
    await employ(tagana, tksk, psm)
    there = await families(50)
    await send(api(tagana), place, *(intake(place, one) for one in there))
    for worker in (tagana, tksk, psm):
        items = (await api(worker).get("/worklist?limit=100")).json()["items"]
        assert {item["beneficiary_id"] for item in items} == set(there)


async def test_a_repeated_key_answers_the_same_case_and_adds_nothing(
    api: Api, tagana: Actor, place: Place, families: Families, owner: Owner
) -> None:
    items = [intake(place, one) for one in await families(50)]
    first = await send(api(tagana), place, *items)
    counted = await rows(owner)
    again = await send(api(tagana), place, *items)
    assert {one["status"] for one in again} == {"repeated"}
    assert [one["case"] for one in again] == [one["case"] for one in first]
    assert await rows(owner) == counted


async def test_two_batches_with_the_same_keys_at_once_open_each_case_once(
    api: Api, tagana: Actor, place: Place, families: Families, owner: Owner
) -> None:
    items = [intake(place, one, legs=["TKSK"]) for one in await families(40)]
    answers = await asyncio.gather(*(send(api(tagana), place, *items) for _ in range(4)))
    assert len({tuple(one["case"]["id"] for one in results) for results in answers}) == 1
    assert (await rows(owner))["cases"] == 40


async def test_a_family_that_is_there_already_gets_no_second_case(
    api: Api, tagana: Actor, tksk: Actor, place: Place, families: Families, owner: Owner
) -> None:
    family, other = await families(2)
    (first,) = await send(api(tagana), place, intake(place, family))
    again, new, twice = await send(
        api(tksk),
        place,
        intake(place, family),
        intake(place, other),
        intake(place, other),
    )
    assert (again["status"], again["case"]) == ("already", first["case"])
    assert [new["status"], twice["status"]] == ["created", "already"]
    assert twice["case"] == new["case"]
    assert (await rows(owner))["cases"] == 2


async def test_a_family_taken_in_by_two_workers_at_once_gets_one_case(
    api: Api, tagana: Actor, tksk: Actor, place: Place, families: Families, owner: Owner
) -> None:
    there = await families(40)
    results = await asyncio.gather(
        send(api(tagana), place, *(intake(place, one, legs=[]) for one in there)),
        send(api(tksk), place, *(intake(place, one, legs=[]) for one in reversed(there))),
    )
    statuses = [one["status"] for result in results for one in result]
    assert (statuses.count("created"), statuses.count("already")) == (40, 40)
    assert (await rows(owner))["cases"] == 40


async def test_no_bad_item_blocks_the_others(
    api: Api, tagana: Actor, place: Place, families: Families, neighbours: Neighbours,
    owner: Owner,
) -> None:  # fmt: skip
    neighbours.answers["/internal/beneficiaries"] = {"items": []}
    good, other, wrong = await families(1), await families(1), (await families(1))[0]
    future = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    results = await send(
        api(tagana),
        place,
        intake(place, good[0]),
        {"site_id": place.site},
        intake(place, wrong, site_id=str(uuid.uuid4())),
        intake(place, str(uuid.uuid4())),
        intake(place, wrong, head_count={"male": 1, "female": 0, "children": 3}),
        intake(place, wrong, head_count=None),
        intake(place, wrong, occurred_at=future),
        intake(place, wrong, urgency="low"),
        intake(place, wrong, legs=["BUKAN_PILAR"]),
        intake(place, wrong, area="35.08.99.9999"),
        intake(place, other[0]),
    )
    assert [one["status"] for one in results] == ["created", *["invalid"] * 9, "created"]
    assert results[1]["key"] is None
    codes = [one["errors"][0]["code"] for one in results[2:10]]
    assert codes == [
        "unknown-site", "unknown-beneficiary", "head-count-wrong", "head-count-wrong",
        "time-implausible", "reason-missing", "unknown-pillar", "unknown-area",
    ]  # fmt: skip
    assert all(one["errors"][0]["pointer"] for one in results[2:10] if one != results[3])
    assert (await rows(owner))["cases"] == 2


async def test_families_whose_event_is_on_its_way_are_asked_for_once(
    api: Api, tagana: Actor, place: Place, neighbours: Neighbours
) -> None:
    new = [str(uuid.uuid4()) for _ in range(50)]
    neighbours.answers["/internal/beneficiaries"] = {
        "items": [
            {"id": one, "version": 1, "area": SUMBERWULUH, "confidentiality": "C1"} for one in new
        ]
    }
    results = await send(api(tagana), place, *(intake(place, one) for one in new))
    assert {one["status"] for one in results} == {"created"}
    assert neighbours.asked.count("/internal/beneficiaries") == 1


async def test_while_registry_is_silent_only_unknown_families_wait(
    api: Api, tagana: Actor, place: Place, families: Families
) -> None:
    (family,) = await families(1)
    items = [intake(place, family), intake(place, str(uuid.uuid4()))]
    results = await send(api(tagana), place, *items)
    assert [one["status"] for one in results] == ["created", "try-again"]


async def test_the_rule_says_whether_families_are_taken_in_by_batch(
    api: Api, dinsos: Actor, tagana: Actor, families: Families, owner: Owner
) -> None:
    social = await declare(api(dinsos), situation="SOCIAL_DISASTER", category="KBS")
    place = Place(social, await add_site(api(dinsos), social["id"]))
    file = (await api(tagana).get(f"/disasters/{place.id}")).json()
    asked = ("bulk_intake", "offline_form", "head_count_required")
    assert [file[name] for name in asked] == [True, False, False]
    (family,) = await families(1)
    (free,) = await send(api(tagana), place, intake(place, family, head_count=None))
    assert free["status"] == "created"
    changed = "update routing_rules set flags = $1 where id in ('R010', 'R058')"
    try:
        await owner.execute(changed + " and area = ''", [])
        await owner.execute(
            "update routing_rules set valid_from = now() where id = 'R010' and area = ''"
        )
        (family,) = await families(1)
        (refused,) = await send(api(tagana), place, intake(place, family))
        assert refused["errors"][0]["code"] == "bulk-intake-not-allowed"
    finally:
        await owner.execute(changed, ["BULK_INTAKE"])
        await owner.execute(
            "update routing_rules set valid_from = now() where id = 'R010' and area = ''"
        )


async def test_families_and_referrals_are_counted_by_site(
    api: Api, dinsos: Actor, tagana: Actor, tksk: Actor, employ: Employ, place: Place,
    families: Families,
) -> None:  # fmt: skip
    await employ(tagana, tksk)
    empty = await add_site(api(dinsos), place.id, name="Dapur Umum", kind="kitchen", capacity=500)
    there = await families(3)
    results = await send(api(tagana), place, *(intake(place, one, legs=["TKSK"]) for one in there))
    path = f"/referrals/{results[0]['referrals'][0]}"
    assert (await api(tagana).post(f"{path}/accept", json={})).status_code == 200
    sites = {
        site["id"]: site
        for site in (await api(dinsos).get(f"/disasters/{place.id}")).json()["sites"]
    }
    full = sites[place.site]
    assert full["families"] == 3
    assert full["people"] == {"male": 6, "female": 9, "children": 6, "elders": 3, "disabled": 0,
                              "total": 15}  # fmt: skip
    assert full["referrals"] == {"sent": 5, "accepted": 1}
    assert (sites[empty["id"]]["families"], sites[empty["id"]]["referrals"]) == (0, {})


async def test_head_counts_of_a_site_are_each_true_for_their_time(
    api: Api, tagana: Actor, place: Place
) -> None:
    path = f"/disasters/{place.id}/sites/{place.site}/head-counts"
    night = datetime.now(UTC) - timedelta(hours=8)
    by_day = {"male": 40, "female": 60, "children": 30}
    for body in (
        {**by_day, "male": 100, "at": night.isoformat()},
        {**by_day, "at": (night + timedelta(hours=6)).isoformat()},
    ):
        assert (await api(tagana).post(path, json=body)).status_code == 201
    counts = (await api(tagana).get(path)).json()["items"]
    assert [one["total"] for one in counts] == [100, 160]
    (site,) = (await api(tagana).get(f"/disasters/{place.id}")).json()["sites"]
    assert (site["counted"]["total"], site["families"]) == (100, 0)
    wrong = await api(tagana).post(path, json={"male": 1, "female": 1, "children": 3})
    assert wrong.status_code == 422


async def test_who_works_in_a_disaster_sees_it_and_nobody_elsewhere_does(
    api: Api, dinsos: Actor, psm: Actor, make_actor: Callable[..., Actor], place: Place
) -> None:
    away = make_actor("TKSK", NEIGHBOUR_DISTRICT)
    far = make_actor("TAGANA", "35.09", Role.COORDINATOR)
    assert len((await api(psm).get("/disasters")).json()["items"]) == 1
    seen = await api(psm).get(f"/disasters/{place.id}")
    assert [site["id"] for site in seen.json()["sites"]] == [place.site]
    # The disaster is theirs too, but not this site.
    assert (await api(away).get(f"/disasters/{place.id}")).json()["sites"] == []
    assert (await api(far).get("/disasters")).json()["items"] == []
    assert (await api(far).get(f"/disasters/{place.id}")).status_code == 404
    assert (await api(far).post(f"/disasters/{place.id}/close", json={})).status_code == 404


async def test_families_are_taken_in_where_the_worker_has_a_duty(
    api: Api, psm: Actor, make_actor: Callable[..., Actor], place: Place, families: Families,
    owner: Owner,
) -> None:  # fmt: skip
    (family,) = await families(1)
    away = make_actor("TKSK", NEIGHBOUR_DISTRICT)
    far = make_actor("TAGANA", "35.09")
    (refused,) = await send(api(away), place, intake(place, family))
    assert refused["errors"][0]["code"] == "unknown-site"
    assert (
        await api(far).post(place.intakes, json={"items": [intake(place, family)]})
    ).status_code == 404
    foreign = await families(1, NEIGHBOUR_DISTRICT + ".2001")
    (hidden,) = await send(api(psm), place, intake(place, foreign[0]))
    assert hidden["errors"][0]["code"] == "unknown-beneficiary"
    (taken,) = await send(api(psm), place, intake(place, family))
    assert taken["status"] == "created"
    assert (await rows(owner))["cases"] == 1


async def test_what_happened_before_the_end_is_still_taken_in(
    api: Api, dinsos: Actor, tagana: Actor, place: Place, families: Families
) -> None:
    before = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
    assert (await api(dinsos).post(f"/disasters/{place.id}/close", json={})).status_code == 200
    again = await api(dinsos).post(f"/disasters/{place.id}/close", json={})
    assert (again.status_code, again.json()["type"]) == (409, "urn:sinergi:problem:disaster-closed")
    one, two = await families(2)
    late, on_time = await send(
        api(tagana), place, intake(place, one), intake(place, two, occurred_at=before)
    )
    assert late["errors"][0]["code"] == "disaster-closed"
    assert on_time["status"] == "created"
    site = {"name": "Posko baru", "area": SUMBERWULUH, "kind": "shelter"}
    refused = await api(dinsos).post(f"/disasters/{place.id}/sites", json=site)
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"situation": "HOMELESS", "category": None}, "not-a-disaster"),
        ({"category": "KBS"}, "not-a-disaster"),
        ({"area": "35.99"}, "unknown-area"),
        ({"started_at": "2090-01-01T00:00:00Z"}, "time-implausible"),
    ],
)
async def test_a_disaster_that_cannot_be_is_not_declared(
    api: Api, dinsos: Actor, changes: dict[str, Any], code: str
) -> None:
    body = {"name": "Banjir", "situation": "NATURAL_DISASTER", "area": LUMAJANG, **changes}
    answer = await api(dinsos).post("/disasters", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:sinergi:problem:{code}"


async def test_a_site_lies_inside_the_disaster(api: Api, dinsos: Actor) -> None:
    disaster = await declare(api(dinsos), area=CANDIPURO)
    site = {"name": "Posko", "area": NEIGHBOUR_DISTRICT, "kind": "shelter"}
    answer = await api(dinsos).post(f"/disasters/{disaster['id']}/sites", json=site)
    assert answer.json()["type"] == "urn:sinergi:problem:outside-disaster"


async def test_referrals_of_a_batch_are_news_together(
    api: Api, dinsos: Actor, tagana: Actor, tksk: Actor, employ: Employ, place: Place,
    families: Families, owner: Owner,
) -> None:  # fmt: skip
    await employ(tagana, tksk)
    second = await add_site(api(dinsos), place.id, name="Posko Lapangan")
    there = await families(35)
    items = [intake(place, one, legs=["TKSK"]) for one in there[:30]]
    items += [intake(place, one, legs=["TKSK"], site_id=second["id"]) for one in there[30:]]
    await send(api(tagana), place, *items)
    groups = await owner.fetch(
        """
        select said ->> 'pillar' as pillar, said -> 'group' ->> 'families' as families,
               said -> 'group' ->> 'site_id' as site, count(*) as events,
               count(distinct said -> 'group' ->> 'id') as groups
        from (select convert_from(data, 'utf8')::jsonb -> 'data' as said from event_log
              where type like '%referral.sent%') sent
        group by 1, 2, 3 order by 1, 2
        """
    )
    assert [tuple(row) for row in groups] == [
        ("TAGANA", "30", place.site, 30, 1),
        ("TAGANA", "5", second["id"], 5, 1),
        ("TKSK", "30", place.site, 30, 1),
        ("TKSK", "5", second["id"], 5, 1),
    ]


@pytest.mark.parametrize("turn", [("commit.before", 0), ("commit.after", 100)])
async def test_a_batch_sent_again_after_a_kill_opens_nothing_twice(
    clean: Stack, neighbours: Neighbours, api: Api, dinsos: Actor, tagana: Actor, place: Place,
    families: Families, owner: Owner, turn: tuple[str, int],
) -> None:  # fmt: skip
    point, left = turn
    items = [intake(place, one, legs=["TKSK", "PSM"]) for one in await families(100)]
    process = ServiceProcess(
        "services.cases.main", clean.environment, clean.folder / "intake.log",
        clean.url_of("cases"),
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {clean.token(tagana)}"}
    try:
        # One commit looks for unknown families, five take blocks of twenty case numbers.
        process.start(SINERGI_FAILPOINT=f"{point}:kill@7")
        await process.wait_ready(path="/health/live")
        async with httpx2.AsyncClient(
            base_url=process.url, headers=headers, trust_env=False, timeout=30
        ) as client:
            with pytest.raises(httpx2.TransportError):
                await client.post(place.intakes, json={"items": items})
            assert process.wait_ended() == -signal.SIGKILL
            assert (await rows(owner))["cases"] == left
            process.start()
            await process.wait_ready()
            results = await send(client, place, *items)
    finally:
        process.kill()
    assert {one["status"] for one in results} == {"repeated" if left else "created"}
    counted = await rows(owner)
    assert (counted["cases"], counted["disaster_intakes"]) == (100, 100)
    assert await owner.fetchval("select count(distinct beneficiary_id) from cases") == 100
