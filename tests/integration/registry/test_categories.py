import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from services.registry.domain.birth import local_day
from shared.auth import Actor
from shared.clock import utc_now
from shared.contracts.codes import Role
from shared.reference import categories
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.registry.conftest import Api, Register

TODAY = local_day(utc_now())


async def history(api: Api, actor: Actor, one: object) -> list[dict[str, Any]]:
    answer = await api(actor).get(f"/beneficiaries/{one}/categories")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_category_is_given_verified_and_ended_and_all_of_it_is_remembered(
    *, api: Api, psm: Actor, tksk: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    one = await register(psm, categories=["LUT"])
    given = await api(psm).post(
        f"/beneficiaries/{one}/categories",
        json={"code": "PD", "evidence": "Surat keterangan dokter", "since": "2024-02-29"},
    )
    assert given.status_code == 201, given.text
    seen = {"evidence": "Kunjungan rumah"}
    path = f"/beneficiaries/{one}/categories/PD"
    assert (await api(tksk).post(f"{path}/verify", json=seen)).status_code == 200
    new, old = await history(api, psm, one)
    assert (new["code"], new["since"], new["evidence"]) == ("PD", "2024-02-29", "Kunjungan rumah")
    assert (new["given_by"], new["verified_by"]) == (str(psm.id), str(tksk.id))
    assert (old["code"], old["since"], old["verified_by"]) == ("LUT", TODAY.isoformat(), None)
    body = {"reason": "no_longer", "until": "2025-06-30"}
    assert (await api(psm).post(f"{path}/end", json=body)).status_code == 200
    _, ended = await history(api, psm, one)
    assert (ended["code"], ended["until"], ended["end_reason"]) == (
        "PD",
        "2025-06-30",
        "no_longer",
    )
    assert (ended["ended_by"], ended["verified_by"]) == (str(psm.id), str(tksk.id))
    record = (await api(psm).get(f"/beneficiaries/{one}")).json()
    assert (record["categories"], record["confidentiality"]) == (["LUT"], "C1")
    last = await owner.fetchval("select data from event_log order by seq desc limit 1")
    assert json.loads(last)["data"]["categories"] == ["LUT"]
    assert "dokter" not in await owner.fetchval(
        "select string_agg(convert_from(data, 'utf8'), '') from event_log"
    )


async def test_the_last_category_may_end_and_the_record_stays(
    api: Api, psm: Actor, register: Register
) -> None:
    one = await register(psm, categories=["LUT"])
    ended = await api(psm).post(
        f"/beneficiaries/{one}/categories/LUT/end", json={"reason": "no_longer"}
    )
    assert ended.status_code == 200, ended.text
    record = (await api(psm).patch(f"/beneficiaries/{one}", json={"phone": "0811222333"})).json()
    assert (record["categories"], record["phone"]) == ([], "0811222333")
    again = await api(psm).post(f"/beneficiaries/{one}/categories", json={"code": "LUT"})
    assert again.status_code == 201
    assert [period["ended_at"] is None for period in await history(api, psm, one)] == [True, False]


async def test_giving_repeats_nothing_and_ends_what_holds(
    api: Api, psm: Actor, register: Register
) -> None:
    one = await register(psm, categories=["LUT"])
    path = f"/beneficiaries/{one}/categories"
    ahead = (TODAY + timedelta(days=1)).isoformat()
    found = []
    for where, body in (
        (path, {"code": "LUT"}),
        (path, {"code": "NOPE"}),
        (path, {"code": "GLD", "since": ahead}),
        (f"{path}/GLD/verify", {}),
        (f"{path}/GLD/end", {"reason": "died"}),
        (f"{path}/LUT/end", {"reason": "bored"}),
        (f"{path}/LUT/end", {"reason": "died", "until": ahead}),
    ):
        answer = await api(psm).post(where, json=body)
        found.append((answer.status_code, answer.json()["type"].split(":")[-1]))
    assert found == [
        (409, "category-held"),
        (422, "unknown-category"),
        (422, "rule-violated"),
        (409, "category-not-held"),
        (409, "category-not-held"),
        (422, "invalid-input"),
        (422, "rule-violated"),
    ]
    assert [period["code"] for period in await history(api, psm, one)] == ["LUT"]


async def test_a_repeated_request_gives_a_category_once(
    api: Api, psm: Actor, register: Register
) -> None:
    one = await register(psm, categories=["LUT"])
    for status in (201, 200):
        answer = await api(psm).post(
            f"/beneficiaries/{one}/categories",
            json={"code": "GLD"},
            headers={"Idempotency-Key": "give-gld-1"},
        )
        assert answer.status_code == status


async def test_an_age_that_does_not_fit_a_new_category_warns(
    api: Api, psm: Actor, register: Register
) -> None:
    one = await register(psm, categories=["LUT"])
    answer = await api(psm).post(f"/beneficiaries/{one}/categories", json={"code": "ABT"})
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["category-age"]


async def test_a_past_special_services_category_stays_secret_after_its_end(
    *, api: Api, psm: Actor, register: Register, make_actor: Callable[..., Actor]
) -> None:
    one = await register(psm, categories=["LUT", "ODHA"])
    await api(psm).post(f"/beneficiaries/{one}/categories/ODHA/end", json={"reason": "mistaken"})
    codes = {
        name: [period["code"] for period in await history(api, actor, one)]
        for name, actor in {
            "registrar": psm,
            "psm": make_actor("PSM", SUMBERWULUH),
            "tksk": make_actor("TKSK", CANDIPURO),
            "dinsos": make_actor("DINSOS", LUMAJANG, Role.DINSOS),
        }.items()
    }
    open_ones = ["LUT"]
    assert codes == {
        "registrar": ["LUT", "ODHA"],
        "psm": open_ones,
        "tksk": open_ones,
        "dinsos": open_ones,
    }


async def test_who_may_not_know_the_name_reads_no_evidence(
    *, api: Api, psm: Actor, tksk: Actor, register: Register
) -> None:
    one = await register(psm, categories=["ODHA"])
    words = {"code": "LUT", "evidence": "Anak Bu Siti di RT 2"}
    await api(psm).post(f"/beneficiaries/{one}/categories", json=words)
    (told,) = await history(api, tksk, one)
    assert (told["code"], told["evidence"]) == ("LUT", None)


async def test_an_ended_code_is_given_to_nobody_and_stays_readable(
    api: Api, psm: Actor, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await register(psm, categories=["GLD"])
    over = replace(categories.CATEGORIES["GLD"], valid_to=date(2020, 1, 1), maps_to="PML")
    monkeypatch.setattr(categories, "CATEGORIES", {**categories.CATEGORIES, "GLD": over})
    other = await register(psm, name="Bonaman Wiryo", categories=["LUT"])
    refused = await api(psm).post(f"/beneficiaries/{other}/categories", json={"code": "GLD"})
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:sinergi:problem:ended-category"
    assert refused.json()["detail"].endswith("Pakai Pemulung.")
    kept = await api(psm).patch(f"/beneficiaries/{one}", json={"address": "RT 9"})
    assert (kept.status_code, kept.json()["categories"]) == (200, ["GLD"])
