"""Who is let in at all, and what a plan and a condition on the version promise."""

import base64
import hmac
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.cases.storage import known
from shared.auth import ISSUER, Actor, claims_of, sign
from shared.contracts.codes import Confidentiality
from shared.database import Database
from tests.conftest import SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.neighbours import Neighbours
from tests.integration.cases.test_bad_input import refusal

Stored = Callable[[], Awaitable[dict[str, int]]]


def forged(actor: Actor, stack: Stack, **changes: Any) -> str:
    """A token of directory's key whose claims are not those directory would give."""
    now = int(datetime.now(UTC).timestamp())
    sound = {"iss": ISSUER, "aud": ["cases"], "iat": now, "exp": now + 600}
    claims = {**claims_of(actor), **sound, **changes}
    header = {"alg": "Ed25519", "kid": str(stack.key.kid)}
    return jwt.encode(header, claims, stack.key, algorithms=["Ed25519"])


async def test_only_a_fresh_token_of_directory_for_cases_is_let_in(
    app: FastAPI, clean: Stack, psm: Actor
) -> None:
    stranger = OKPKey.generate_key("Ed25519", auto_kid=True)
    impostor = OKPKey.import_key(
        {**stranger.as_dict(private=True), "kid": str(clean.key.kid)}  # the right name, another key
    )
    public = str(clean.key.as_dict(private=False)["x"])
    god = [{"pillar": "PSM", "area": "35", "role": "god"}]

    def signed(key: OKPKey, audience: str) -> str:
        return f"Bearer {sign(psm, key=key, audiences=[audience], lifetime_seconds=60)}"

    tokens = {
        "none": None,
        "garbage": "Bearer garbage",
        "two dots": "Bearer a.b.c",
        "empty": "Bearer ",
        "basic": "Basic cHNtOnBzbQ==",
        "expired": f"Bearer {clean.token(psm, minutes=-2)}",
        "foreign key": signed(stranger, "cases"),
        "forged key": signed(impostor, "cases"),
        "for registry": signed(clean.key, "registry"),
        "unsigned": f"Bearer {homemade(psm, 'none', None)}",
        "by the public key": f"Bearer {homemade(psm, 'HS256', public)}",
        "of another issuer": f"Bearer {forged(psm, clean, iss='someone')}",
        "without an end": f"Bearer {forged(psm, clean, exp=None)}",
        "for nobody": f"Bearer {forged(psm, clean, aud=[])}",
        "no caller": f"Bearer {forged(psm, clean, sub='root')}",
        "an unknown role": f"Bearer {forged(psm, clean, duties=god)}",
    }
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cases") as client:
        for name, token in tokens.items():
            headers = {"Authorization": token} if token else {}
            for method, path in (("GET", "/worklist"), ("POST", "/referrals")):
                answer = await client.request(method, path, headers=headers)
                assert answer.status_code == 401, f"{name} at {path}"
                problem = refusal(answer, 401, "unauthenticated")
                assert "errors" not in problem
                assert answer.headers["www-authenticate"] == "Bearer"
        fresh = {"Authorization": f"Bearer {forged(psm, clean)}"}
        assert (await client.get("/worklist", headers=fresh)).is_success


def homemade(actor: Actor, algorithm: str, secret: str | None) -> str:
    """A token without a signature, or signed by a secret that everybody knows."""
    now = int(datetime.now(UTC).timestamp())
    claims = {**claims_of(actor), "iss": ISSUER, "aud": ["cases"], "exp": now + 600}
    parts = [{"alg": algorithm, "typ": "JWT"}, claims]
    body = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    mark = hmac.digest(secret.encode(), body.encode(), "sha256") if secret else b""
    return f"{body}.{encoded(mark)}"


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


async def test_a_token_that_was_good_ends_when_it_says(api: Api, app: FastAPI, psm: Actor) -> None:
    assert (await api(psm).get("/worklist")).is_success
    seen = app.state.verifier._seen
    for token, (actor, _) in list(seen.items()):
        seen[token] = (actor, 0.0)
    refusal(await api(psm).get("/worklist"), 401, "unauthenticated")


async def test_a_plan_tells_what_would_happen_and_changes_nothing(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, stored: Stored
) -> None:
    await employ(psm, tksk)
    before = await stored()
    answer = await api(psm).post("/referrals/plan", json=need())
    assert answer.status_code == 200
    assert await stored() == before
    plan = answer.json()
    assert plan["rule_id"] == "R026"
    primary, *supporting = plan["legs"]
    assert (primary["pillar"], primary["area"]) == ("TKSK", "35.08.03")
    assert [one["worker_id"] for one in primary["people"]] == [str(tksk.id)]
    assert [leg["pillar"] for leg in supporting] == ["TAGANA", "PSM"]
    assert primary["reply_by"] < primary["act_by"] < primary["close_by"]
    assert all(leg["reasons"] for leg in plan["legs"])
    assert len(plan["reasons"]) == 4
    assert plan["level"] == "KECAMATAN"
    assert plan["warnings"] == []
    assert (await api(tksk).get("/worklist")).json()["items"] == []


async def test_a_plan_and_the_referral_it_announces_agree(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need
) -> None:
    await employ(psm, tksk)
    planned = (await api(psm).post("/referrals/plan", json=need())).json()["legs"][0]
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    for name in ("pillar", "area", "worker_id", "urgency", "confidentiality", "reasons", "flags"):
        assert sent[name] == planned[name]


async def test_a_plan_warns_when_nobody_would_be_reached(api: Api, psm: Actor, need: Need) -> None:
    plan = (await api(psm).post("/referrals/plan", json=need())).json()
    assert "Belum ada petugas" in plan["warnings"][0]


async def test_a_change_since_the_caller_looked_is_a_conflict(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, stored: Stored
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    path = f"/referrals/{sent['id']}"
    assert (await api(tksk).post(f"{path}/see", json={})).json()["version"] == 2
    before = await stored()
    stale = await api(tksk).post(f"{path}/accept", json={}, headers={"If-Match": "1"})
    assert refusal(stale, 409, "version-conflict")["version_now"] == 2
    assert await stored() == before
    current = await api(tksk).post(f"{path}/accept", json={}, headers={"If-Match": "2"})
    assert (current.status_code, current.json()["version"]) == (200, 3)


async def test_a_wrong_step_is_told_what_is_open_now(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    path = f"/referrals/{sent['id']}"
    problem = refusal(await api(tksk).post(f"{path}/start", json={}), 409, "transition-not-allowed")
    assert problem["status_now"] == "sent"
    assert problem["allowed"] == ["see", "accept", "return"]
    own = refusal(await api(psm).post(f"{path}/accept", json={}), 409, "transition-not-allowed")
    assert own["allowed"] == ["note", "reroute", "recall", "cancel"]


async def test_who_was_first_is_named_by_directory(
    api: Api,
    psm: Actor,
    tksk: Actor,
    make_actor: Callable[..., Actor],
    employ: Employ,
    need: Need,
    neighbours: Neighbours,
) -> None:
    other = make_actor("TKSK", "35.08.03")
    await employ(psm, tksk, other)
    neighbours.answers["/workers/lookup"] = {"items": [{"name": "Sari"}]}
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    await api(tksk).post(f"/referrals/{sent['id']}/accept", json={})
    answer = await api(other).post(f"/referrals/{sent['id']}/accept", json={})
    problem = refusal(answer, 409, "already-accepted")
    assert problem["holder"] == {"id": str(tksk.id), "name": "Sari", "pillar": "TKSK"}


async def test_a_person_registered_a_moment_ago_is_asked_for_at_registry(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, neighbours: Neighbours
) -> None:
    await employ(psm, tksk)
    fresh = str(uuid.uuid4())
    path = f"/internal/beneficiaries/{fresh}"
    neighbours.answers[path] = {
        "id": fresh, "version": 1, "area": SUMBERWULUH, "confidentiality": "C1",
    }  # fmt: skip
    for _ in range(2):
        answer = await api(psm).post("/referrals", json=need(beneficiary_id=fresh))
        assert answer.status_code == 201, answer.text
    assert neighbours.asked.count(path) == 1


async def test_registry_is_asked_in_the_trace_of_the_request(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, neighbours: Neighbours
) -> None:
    await employ(psm, tksk)
    fresh = str(uuid.uuid4())
    answer = await api(psm).post("/referrals", json=need(beneficiary_id=fresh))
    refusal(answer, 404, "unknown-beneficiary")
    asked = neighbours.traces[f"/internal/beneficiaries/{fresh}"] or ""
    assert asked.split("-")[1] == answer.headers["traceparent"].split("-")[1]


async def test_a_merged_persons_needs_are_kept_under_the_record_that_remains(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, worker_db: Database, owner: Owner
) -> None:
    await employ(psm, tksk)
    first = (await api(psm).post("/referrals", json=need())).json()["case"]["id"]
    old, remaining = uuid.UUID(need()["beneficiary_id"]), uuid.uuid4()
    async with worker_db.transaction() as tx:
        for beneficiary_id, merged_into in ((old, remaining), (remaining, None)):
            await known.remember_beneficiary(
                tx,
                beneficiary_id=beneficiary_id,
                version=2,
                area=SUMBERWULUH,
                confidentiality=Confidentiality.C1,
                merged_into=merged_into,
            )
    second = (await api(psm).post("/referrals", json=need())).json()["case"]["id"]
    for case, named in ((first, old), (second, old), (second, remaining)):
        body = need(case_id=case, beneficiary_id=str(named))
        answer = await api(psm).post("/referrals", json=body)
        assert answer.status_code == 201, (case == first, named == old)
        assert answer.json()["referrals"][0]["beneficiary_id"] == str(remaining)
    whose = await owner.fetch("select id, beneficiary_id from cases")
    assert dict(map(tuple, whose)) == {uuid.UUID(first): old, uuid.UUID(second): remaining}


async def test_a_need_of_a_confidential_record_never_names_the_record_it_was_merged_into(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, worker_db: Database
) -> None:
    """INVARIANT: whoever sees only that somebody is in special services learns no name by it."""
    await employ(psm, tksk)
    hidden = uuid.UUID(need()["beneficiary_id"])
    async with worker_db.transaction() as tx:
        await known.remember_beneficiary(
            tx,
            beneficiary_id=hidden,
            version=2,
            area=SUMBERWULUH,
            confidentiality=Confidentiality.C2,
            merged_into=uuid.uuid4(),
        )
    answer = await api(psm).post("/referrals", json=need())
    assert answer.status_code == 201, answer.text
    assert answer.json()["referrals"][0]["beneficiary_id"] == str(hidden)


async def test_a_person_nobody_knows_does_not_exist(
    api: Api, psm: Actor, need: Need, neighbours: Neighbours, stored: Stored
) -> None:
    nobody = need(beneficiary_id=str(uuid.uuid4()))
    for path in ("/referrals", "/referrals/plan"):
        refusal(await api(psm).post(path, json=nobody), 404, "unknown-beneficiary")
    assert not any((await stored()).values())


async def test_while_registry_is_away_a_new_persons_need_waits(
    api: Api, psm: Actor, need: Need, stored: Stored
) -> None:
    answer = await api(psm).post("/referrals", json=need(beneficiary_id=str(uuid.uuid4())))
    refusal(answer, 503, "unavailable")
    assert answer.headers["retry-after"]
    assert not any((await stored()).values())


@pytest.mark.parametrize("opened", [timedelta(0), timedelta(days=30)])
async def test_an_act_done_offline_keeps_its_own_time(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, opened: timedelta
) -> None:
    await employ(psm, tksk)
    moment = datetime.now(UTC) - opened
    sent = await api(psm).post("/referrals", json=need(occurred_at=moment.isoformat()))
    path = f"/referrals/{sent.json()['referrals'][0]['id']}"
    step = (await api(psm).get(path)).json()["history"][0]
    assert datetime.fromisoformat(step["occurred_at"]) == moment
    assert abs(datetime.fromisoformat(step["at"]) - datetime.now(UTC)) < timedelta(minutes=1)
