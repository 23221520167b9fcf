"""Disasters: who may declare, see and close one, and what is counted there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.auth import Actor
from shared.contracts.codes import Role
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Families
from tests.integration.cases.disasters import (
    NEIGHBOUR_DISTRICT,
    Place,
    add_site,
    declare,
    intake,
    send,
)


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
