"""The main job by HTTP: a PSM sends, the TKSK takes, works and completes."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from shared.auth import Actor
from tests.fixtures.stack import Stack
from tests.integration.cases.conftest import Api

Need = Callable[..., dict[str, Any]]
Employ = Callable[..., Awaitable[None]]


async def test_a_referral_goes_from_the_psm_to_the_tksk_and_is_completed(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need
) -> None:
    await employ(psm, tksk)
    sent = await api(psm).post("/referrals", json=need())
    assert sent.status_code == 201, sent.text
    referral = sent.json()["referrals"][0]
    assert referral["status"] == "sent"
    assert referral["pillar"] == "TKSK"
    assert referral["area"] == "35.08.03"
    assert sent.json()["case"]["number"].startswith("RJ-35.08-")

    waiting = (await api(tksk).get("/worklist")).json()["items"]
    assert [item["referral_id"] for item in waiting] == [referral["id"]]

    path = f"/referrals/{referral['id']}"
    for verb, body, status in (
        ("see", {}, "sent"),
        ("accept", {}, "accepted"),
        ("start", {}, "in_progress"),
        ("note", {"text": "Sudah dijemput."}, "in_progress"),
        ("complete", {"outcome": "need_met"}, "completed"),
    ):
        answer = await api(tksk).post(f"{path}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == status
    seen_by_sender = (await api(psm).get(path)).json()
    assert seen_by_sender["status"] == "completed"
    assert [step["verb"] for step in seen_by_sender["history"]] == [
        "send", "see", "accept", "start", "note", "complete",
    ]  # fmt: skip
    assert (await api(tksk).get("/worklist")).json()["items"] == []


async def test_each_step_is_in_the_event_log_once_and_in_order(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, clean: Stack
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()
    referral_id = sent["referrals"][0]["id"]
    await api(tksk).post(f"/referrals/{referral_id}/accept", json={})
    await api(tksk).post(f"/referrals/{referral_id}/complete", json={"outcome": "need_met"})
    connection = await asyncpg.connect(clean.owner_url)
    rows = await connection.fetch(
        "select type, version from cases.event_log where subject = $1 order by seq",
        uuid.UUID(referral_id),
    )
    case = await connection.fetch(
        "select type from cases.event_log where subject = $1 order by seq",
        uuid.UUID(sent["case"]["id"]),
    )
    await connection.close()
    assert [(row["type"].split(".")[-2], row["version"]) for row in rows] == [
        ("sent", 1), ("accepted", 2), ("completed", 3),
    ]  # fmt: skip
    assert [row["type"].split(".")[-2] for row in case] == ["opened", "closed"]


async def test_a_repeated_idempotency_key_sends_once_and_answers_the_same(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need
) -> None:
    await employ(psm, tksk)
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = await api(psm).post("/referrals", json=need(), headers=headers)
    again = await api(psm).post("/referrals", json=need(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert len((await api(tksk).get("/worklist")).json()["items"]) == 1
    other = await api(psm).post("/referrals", json=need(need="Lain"), headers=headers)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:sinergi:problem:idempotency-key-reused"


async def test_the_second_to_accept_learns_that_somebody_was_first(
    api: Api, psm: Actor, tksk: Actor, make_actor: Callable[..., Actor], employ: Employ, need: Need
) -> None:
    other = make_actor("TKSK", "35.08.03")
    await employ(psm, tksk, other)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    assert (await api(tksk).post(f"/referrals/{sent['id']}/accept", json={})).is_success
    second = await api(other).post(f"/referrals/{sent['id']}/accept", json={})
    assert second.status_code == 409
    assert second.json()["type"] == "urn:sinergi:problem:already-accepted"
    assert second.json()["holder"]["id"] == str(tksk.id)


async def test_a_returned_referral_comes_back_to_the_sender_and_can_be_sent_again(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    path = f"/referrals/{sent['id']}"
    returned = await api(tksk).post(f"{path}/return", json={"reason": "missing_information"})
    assert returned.json()["status"] == "returned"
    waiting = (await api(psm).get("/worklist")).json()["items"]
    assert [item["referral_id"] for item in waiting] == [sent["id"]]
    again = await api(psm).post(f"{path}/resend", json={"change": "Alamat dilengkapi."})
    assert again.json()["status"] == "sent"
    assert again.json()["reply_by"] > sent["reply_by"]


async def test_a_referral_outside_the_callers_scope_does_not_exist(
    api: Api, psm: Actor, tksk: Actor, make_actor: Callable[..., Actor], employ: Employ, need: Need
) -> None:
    elsewhere = make_actor("TKSK", "35.08.04")
    await employ(psm, tksk, elsewhere)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    answer = await api(elsewhere).get(f"/referrals/{sent['id']}")
    assert answer.status_code == 404
    assert (
        await api(elsewhere).post(f"/referrals/{sent['id']}/accept", json={})
    ).status_code == 404
