"""Families of a disaster are taken in by batch, each on its own merits."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.cases.storage import known
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Database, Tx
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Families, Owner
from tests.integration.cases.disasters import (
    NEIGHBOUR_DISTRICT,
    Place,
    add_site,
    declare,
    intake,
    rows,
    send,
)
from tests.integration.cases.neighbours import Neighbours


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


async def test_families_learned_from_registry_and_from_their_events_at_once_hold_nobody_up(
    api: Api, tagana: Actor, place: Place, neighbours: Neighbours, worker_db: Database
) -> None:
    ids = sorted(uuid.uuid4() for _ in range(2))
    facts = {"version": 1, "area": SUMBERWULUH, "confidentiality": "C1", "merged_into": None}
    neighbours.answers["/internal/beneficiaries"] = {
        "items": [{"id": str(one), **facts} for one in ids]
    }

    async def learn(tx: Tx, one: uuid.UUID) -> None:
        await known.remember_beneficiary(
            tx, beneficiary_id=one, version=1, area=SUMBERWULUH,
            confidentiality=Confidentiality.C1, merged_into=None,
        )  # fmt: skip

    async with worker_db.transaction() as tx:
        # The events came in the other order; the intake waits for the second family's.
        await learn(tx, ids[1])
        items = [intake(place, str(one)) for one in ids]
        taking = asyncio.create_task(send(api(tagana), place, *items))
        await asyncio.sleep(0.5)
        assert "/internal/beneficiaries" in neighbours.asked
        assert not taking.done()
        await learn(tx, ids[0])
    assert [one["status"] for one in await taking] == ["created", "created"]


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
