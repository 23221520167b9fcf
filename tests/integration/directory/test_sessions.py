import hashlib
import json
from datetime import datetime, timedelta

import asyncpg
import httpx2
import pytest

from services.directory.domain.back_off import FREE_PER_ACCOUNT, FREE_PER_ADDRESS
from shared.auth import service_actor
from shared.clock import utc_now
from shared.database import Database
from tests.conftest import CANDIPURO, SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.integration.directory.conftest import (
    PASSWORD,
    Api,
    Employ,
    Person,
    held,
    sign_in,
)

WRONG = "salah"


async def attempt(
    portal: httpx2.AsyncClient, username: str, password: str = WRONG, address: str = ""
) -> httpx2.Response:
    return await portal.post(
        "/sessions",
        json={"username": username, "password": password},
        headers={"X-Forwarded-For": address} if address else {},
    )


async def trade(portal: httpx2.AsyncClient, session: str) -> httpx2.Response:
    return await portal.post("/sessions/token", headers={"X-Session": session})


async def age(owner: asyncpg.Connection, **earlier: timedelta) -> None:
    for column, by in earlier.items():
        statement = f"update sessions set {column} = {column} - $1::interval"  # noqa: S608 - our own names
        await owner.execute(statement, by)


@pytest.fixture
async def psm(employ: Employ) -> Person:
    return await employ(
        held("PSM", SUMBERWULUH),
        held("TKSK", CANDIPURO, ends=-1),
        held("TAGANA", "35.08", starts=1),
    )


async def test_a_right_password_opens_a_session_of_twelve_hours(
    portal: httpx2.AsyncClient, psm: Person
) -> None:
    answer = await attempt(portal, psm.username.upper(), PASSWORD)
    assert answer.status_code == 201
    body = answer.json()
    assert body["worker_id"] == str(psm.id)
    assert len(body["token"]) >= 43
    left = datetime.fromisoformat(body["expires_at"]) - utc_now()
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)


async def test_only_the_hash_of_a_token_is_stored(
    portal: httpx2.AsyncClient, psm: Person, owner: asyncpg.Connection
) -> None:
    token = await sign_in(portal, psm)
    stored = await owner.fetchval("select token_hash from sessions")
    assert stored == hashlib.sha256(token.encode()).digest()


async def test_a_wrong_password_and_an_unknown_account_look_alike(
    portal: httpx2.AsyncClient, psm: Person
) -> None:
    wrong = await attempt(portal, psm.username)
    unknown = await attempt(portal, "orang.tidak.ada")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["type"] == "urn:sinergi:problem:bad-credentials"


async def test_a_session_is_traded_for_a_token_with_the_duties_in_force(
    portal: httpx2.AsyncClient, psm: Person, clean: Stack
) -> None:
    body = (await trade(portal, await sign_in(portal, psm))).json()
    assert 0 < body["expires_in"] <= 60
    assert body["worker"]["id"] == str(psm.id)
    assert body["worker"]["name"] == psm.name
    assert [duty["pillar"] for duty in body["worker"]["duties"]] == ["PSM"]
    for service in ("directory", "registry", "cases", "notifications"):
        actor = await clean.verifier(service).verify(body["access_token"])
        assert actor == psm.actor
        assert actor.name == ""


async def test_an_idle_session_ends_after_half_an_hour(
    portal: httpx2.AsyncClient, psm: Person, owner: asyncpg.Connection
) -> None:
    session = await sign_in(portal, psm)
    await age(owner, used_at=timedelta(minutes=29))
    assert (await trade(portal, session)).status_code == 200
    await age(owner, used_at=timedelta(minutes=29))
    assert (await trade(portal, session)).status_code == 200
    await age(owner, used_at=timedelta(minutes=31))
    ended = await trade(portal, session)
    assert ended.status_code == 401
    assert ended.json()["type"] == "urn:sinergi:problem:session-ended"


async def test_a_session_in_use_ends_after_twelve_hours(
    portal: httpx2.AsyncClient, psm: Person, owner: asyncpg.Connection
) -> None:
    session = await sign_in(portal, psm)
    await age(owner, expires_at=timedelta(hours=12))
    assert (await trade(portal, session)).status_code == 401


async def test_signing_out_ends_this_session_alone_and_may_be_repeated(
    portal: httpx2.AsyncClient, anyone: httpx2.AsyncClient, psm: Person
) -> None:
    session, other = await sign_in(portal, psm), await sign_in(portal, psm)
    for caller in (portal, anyone):
        ended = await caller.delete("/sessions/current", headers={"X-Session": session})
        assert ended.status_code == 204
    assert (await trade(portal, session)).status_code == 401
    assert (await trade(portal, other)).status_code == 200


async def test_only_portal_opens_and_trades_sessions(
    api: Api, anyone: httpx2.AsyncClient, portal: httpx2.AsyncClient, psm: Person
) -> None:
    session = await sign_in(portal, psm)
    for caller, status in (
        (anyone, 401),
        (api(psm.actor), 403),
        (api(service_actor("cases")), 403),
    ):
        assert (await attempt(caller, psm.username, PASSWORD)).status_code == status
        assert (await trade(caller, session)).status_code == status


async def test_a_worker_without_a_duty_in_force_gets_no_session_and_no_token(
    portal: httpx2.AsyncClient, employ: Employ, owner: asyncpg.Connection, psm: Person
) -> None:
    for duty in (held("PSM", SUMBERWULUH, ends=-1), held("PSM", SUMBERWULUH, starts=1)):
        refused = await attempt(portal, (await employ(duty)).username, PASSWORD)
        assert refused.status_code == 401
        assert refused.json()["type"] == "urn:sinergi:problem:no-current-duty"
    session = await sign_in(portal, psm)
    await owner.execute("update duties set ends_on = starts_on where worker_id = $1", psm.id)
    assert (await trade(portal, session)).status_code == 401


async def test_guessing_on_one_account_is_slowed_and_never_says_whether_it_exists(
    portal: httpx2.AsyncClient, psm: Person
) -> None:
    for username in (psm.username, "orang.tidak.ada"):
        for _ in range(FREE_PER_ACCOUNT):
            assert (await attempt(portal, username)).status_code == 401
        slowed = await attempt(portal, username)
        assert slowed.status_code == 429
        assert slowed.json()["type"] == "urn:sinergi:problem:too-many-attempts"
        assert slowed.json()["retry_after"] in (1, 2)
        assert "retry-after" in slowed.headers
    assert (await attempt(portal, psm.username, PASSWORD)).status_code == 429


async def test_after_the_pause_the_right_password_clears_the_account(
    portal: httpx2.AsyncClient, psm: Person, owner: asyncpg.Connection
) -> None:
    for _ in range(FREE_PER_ACCOUNT + 1):
        await attempt(portal, psm.username)
    await owner.execute("update sign_in_attempts set blocked_until = now()")
    assert (await attempt(portal, psm.username, PASSWORD)).status_code == 201
    for _ in range(FREE_PER_ACCOUNT - 1):
        assert (await attempt(portal, psm.username)).status_code == 401
    assert (await attempt(portal, psm.username, PASSWORD)).status_code == 201


async def test_guessing_over_many_accounts_from_one_address_is_slowed(
    portal: httpx2.AsyncClient, psm: Person
) -> None:
    for number in range(FREE_PER_ADDRESS):
        await attempt(portal, f"orang.{number}", address="10.0.0.1, 203.0.113.7")
    blocked = await attempt(portal, psm.username, PASSWORD, address="203.0.113.7")
    assert blocked.status_code == 429
    elsewhere = await attempt(portal, psm.username, PASSWORD, address="203.0.113.8")
    assert elsewhere.status_code == 201
    assert (await attempt(portal, psm.username, PASSWORD)).status_code == 201


async def test_right_passwords_from_one_office_never_slow_it(
    portal: httpx2.AsyncClient, psm: Person, owner: asyncpg.Connection
) -> None:
    for _ in range(3):
        answer = await attempt(portal, psm.username, PASSWORD, address="203.0.113.7")
        assert answer.status_code == 201
    assert await owner.fetchval("select sum(failures) from sign_in_attempts") == 0


async def test_a_changed_password_ends_every_session(
    portal: httpx2.AsyncClient, api: Api, psm: Person
) -> None:
    sessions = [await sign_in(portal, psm) for _ in range(2)]
    body = {"current_password": PASSWORD, "new_password": " Sapi kakek lari 2 kali "}
    changed = await api(psm.actor).post("/me/password", json=body)
    assert changed.status_code == 204, changed.text
    for session in sessions:
        assert (await trade(portal, session)).status_code == 401
    assert (await attempt(portal, psm.username, PASSWORD)).status_code == 401
    assert (await attempt(portal, psm.username, body["new_password"].strip())).status_code == 401
    await sign_in(portal, psm, body["new_password"])


async def test_a_password_changes_only_with_the_current_one_and_to_a_strong_one(
    portal: httpx2.AsyncClient, api: Api, psm: Person
) -> None:
    me = api(psm.actor)
    wrong = {"current_password": "bukan ini", "new_password": "Sapi kakek lari 2 kali"}
    weak = {"current_password": PASSWORD, "new_password": "password1234"}
    for body, code, pointer in (
        (wrong, "wrong-password", "/current_password"),
        (weak, "weak-password", "/new_password"),
    ):
        refused = await me.post("/me/password", json=body)
        assert refused.status_code == 422
        assert refused.json()["type"] == f"urn:sinergi:problem:{code}"
        assert refused.json()["errors"][0]["pointer"] == pointer
    for _ in range(FREE_PER_ACCOUNT - 1):
        await me.post("/me/password", json=wrong)
    assert (await me.post("/me/password", json=wrong)).status_code == 429
    assert (await portal.post("/me/password", json=wrong)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"username": "a\x00b", "password": "x"},
        {"username": "a", "password": "x" * 1000},
        {"username": "a", "password": "\ud800"},
        {"username": 5, "password": "x"},
        {"username": "a"},
        {"username": "a", "password": "x", "more": 1},
        [],
    ],
)
async def test_a_malformed_sign_in_is_a_clear_problem(
    portal: httpx2.AsyncClient, body: object
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await portal.post("/sessions", content=json.dumps(body), headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_signing_in_and_failing_to_is_in_the_audit_log(
    portal: httpx2.AsyncClient, psm: Person, owner: asyncpg.Connection
) -> None:
    await attempt(portal, psm.username)
    await sign_in(portal, psm)
    rows = await owner.fetch("select action, actor_id, subject_id from audit_log order by id")
    assert [tuple(row) for row in rows] == [
        ("session.refused", psm.id, psm.id),
        ("session.open", psm.id, psm.id),
    ]


async def test_the_worker_role_cannot_read_accounts(worker_db: Database) -> None:
    async with worker_db.transaction() as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.fetch("select * from accounts")
