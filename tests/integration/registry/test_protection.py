"""Grounds and their withdrawal, requests of people, and what the clock makes of them."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from services.registry.use_cases.follow_referral import follow_referral
from services.registry.use_cases.remember_worker import remember_worker
from services.registry.use_cases.remind_requests import remind_requests
from services.registry.use_cases.stop_processing import stop_processing
from shared.auth import Actor
from shared.clock import utc_now
from shared.contracts.cases import ReferralAccepted, ReferralCompleted
from shared.contracts.codes import Role
from shared.contracts.directory import AbsenceState
from shared.database import Database
from shared.row_scope import NO_SCOPE, RowScope
from tests.conftest import CANDIPURO, LUMAJANG
from tests.fixtures.stack import Stack
from tests.integration.registry.conftest import PRONOJIWO, Api, Register, Step
from tests.integration.registry.workers import worker_event

CONSENT = {"basis": "consent", "consent": {"text_version": "2026-1", "channel": "written"}}


@pytest.fixture
def officer(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("DINSOS", LUMAJANG, Role.DATA_PROTECTION)


async def agreed(register: Register, psm: Actor) -> UUID:
    """A record that rests on consent alone."""
    return await register(psm, legal_basis="consent", consent=CONSENT["consent"])


async def protection(client: httpx2.AsyncClient, record: UUID) -> dict[str, Any]:
    answer = await client.get(f"/beneficiaries/{record}/protection")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def withdraw(client: httpx2.AsyncClient, record: UUID) -> httpx2.Response:
    (basis,) = (await protection(client, record))["grounds"]
    return await client.post(f"/beneficiaries/{record}/legal-bases/{basis['id']}/withdraw", json={})


async def ask(client: httpx2.AsyncClient, record: UUID, kind: str) -> str:
    answer = await client.post(
        f"/beneficiaries/{record}/requests", json={"kind": kind, "words": "Nama keliru."}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def stop(worker_db: Database) -> int:
    async with worker_db.transaction() as tx:
        return await stop_processing(tx=tx)


async def pass_by(owner: asyncpg.Connection, hours: float) -> None:
    """Let so much time go by, as far as deadlines are concerned."""
    by = timedelta(hours=hours)
    await owner.execute(
        "update legal_bases set withdrawn_at = withdrawn_at - $1::interval,"
        " stops_at = stops_at - $1::interval",
        by,
    )
    await owner.execute(
        "update requests set received_at = received_at - $1::interval,"
        " due_at = due_at - $1::interval",
        by,
    )


async def test_several_grounds_stand_beside_each_other_each_for_its_purpose(
    api: Api, psm: Actor, register: Register
) -> None:
    made = await register(psm, legal_basis="vital_interest")
    client = api(psm)
    for body in (
        {**CONSENT, "purpose": "documentation", "guardian": "Bu Wagini"},
        {"basis": "legal_obligation", "purpose": "sharing"},
    ):
        answer = await client.post(f"/beneficiaries/{made}/legal-bases", json=body)
        assert answer.status_code == 201, answer.text
    found = (await protection(client, made))["grounds"]
    assert [(one["purpose"], one["basis"], one["guardian"]) for one in found] == [
        ("service", "vital_interest", None),
        ("documentation", "consent", "Bu Wagini"),
        ("sharing", "legal_obligation", None),
    ]
    assert all(one["taken_by"] == str(psm.id) for one in found)
    assert found[1]["text_version"] == "2026-1"


async def test_a_guardian_who_may_be_who_did_it_is_never_asked_and_help_does_not_wait(
    api: Api, psm: Actor, register: Register
) -> None:
    made = await register(psm)
    client = api(psm)
    refused = await client.post(
        f"/beneficiaries/{made}/legal-bases",
        json={**CONSENT, "guardian": "Pak Darmo", "guardian_is_suspect": True},
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/guardian_is_suspect"
    assert "Darmo" not in refused.text
    helped = await client.post(
        f"/beneficiaries/{made}/legal-bases",
        json={"basis": "vital_interest", "guardian_is_suspect": True},
    )
    assert helped.status_code == 201
    assert len((await protection(client, made))["grounds"]) == 2


async def test_a_consent_without_its_proof_is_kept_with_a_warning(
    api: Api, psm: Actor, register: Register
) -> None:
    made = await register(psm)
    answer = await api(psm).post(f"/beneficiaries/{made}/legal-bases", json={"basis": "consent"})
    assert answer.status_code == 201
    assert [one["code"] for one in answer.json()["warnings"]] == ["consent-proof"]


async def test_what_a_withdrawn_consent_allowed_ends_after_three_times_24_hours_and_not_before(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    made = await agreed(register, psm)
    assert (await withdraw(api(psm), made)).status_code == 201
    kept = await protection(api(psm), made)
    (basis,), (request,) = kept["grounds"], kept["requests"]
    assert basis["stopped_at"] is None
    assert (request["kind"], request["state"]) == ("withdrawal", "open")
    assert request["due_at"] == basis["stops_at"]
    await pass_by(owner, 71.9)
    assert await stop(worker_db) == 0
    await pass_by(owner, 0.2)
    assert await stop(worker_db) == 1
    assert await stop(worker_db) == 0
    found = await protection(api(dinsos), made)
    assert found["restricted_at"] is not None
    assert found["grounds"][0]["stopped_at"] is not None
    assert found["requests"][0]["state"] == "done"
    assert found["requests"][0]["handled_by"] is None, "the clock did it"


async def test_a_withdrawn_consent_is_withdrawn_once_and_other_grounds_are_not_consents(
    api: Api, psm: Actor, register: Register
) -> None:
    made = await agreed(register, psm)
    assert (await withdraw(api(psm), made)).status_code == 201
    again = await withdraw(api(psm), made)
    assert (again.status_code, again.json()["type"]) == (
        409,
        "urn:sinergi:problem:nothing-to-withdraw",
    )
    other = await register(psm, accept_lookalikes=True)
    assert (await withdraw(api(psm), other)).status_code == 409


async def restricted(
    api: Api, psm: Actor, register: Register, worker_db: Database, owner: asyncpg.Connection
) -> UUID:
    made = await agreed(register, psm)
    await withdraw(api(psm), made)
    await pass_by(owner, 73)
    assert await stop(worker_db) == 1
    return made


async def test_a_restricted_record_is_found_and_opened_by_dinsos_alone(
    *,
    api: Api,
    psm: Actor,
    tksk: Actor,
    dinsos: Actor,
    officer: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
    without_nik: Callable[..., dict[str, Any]],
) -> None:
    made = await restricted(api, psm, register, worker_db, owner)
    for worker in (psm, tksk):
        client = api(worker)
        assert (await client.get(f"/beneficiaries/{made}")).status_code == 404
        assert (await client.get(f"/beneficiaries/{made}/protection")).status_code == 404
        assert (await client.get("/beneficiaries")).json()["items"] == []
        assert (await client.get("/beneficiaries", params={"name": "Siti"})).json()["items"] == []
        looked = await client.post("/beneficiaries/lookup", json={"ids": [str(made)]})
        assert looked.json()["items"] == []
        changed = await client.patch(f"/beneficiaries/{made}", json={"address": "RT 1"})
        assert changed.status_code == 404
    said = {key: without_nik()[key] for key in ("name", "sex", "birth", "area", "phone")}
    alike = await api(psm).post("/beneficiaries/lookalikes", json=said)
    assert alike.json()["items"] == []
    assert (await api(dinsos).get(f"/beneficiaries/{made}")).json()["restricted_at"]
    for asked in ({}, {"name": "Siti"}, {"category": "LUT"}, {"area": "35.08.03"}):
        listed = await api(dinsos).get("/beneficiaries", params=asked)
        assert listed.json()["items"] == [], asked
    sheet = await api(dinsos).get("/beneficiaries/export")
    assert sheet.status_code == 200
    assert str(made) not in sheet.text
    assert (await protection(api(officer), made))["restricted_at"]
    assert (await api(officer).get(f"/beneficiaries/{made}")).status_code == 403


async def test_another_ground_for_service_keeps_the_record_open(
    *,
    api: Api,
    psm: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    made = await register(psm)
    await api(psm).post(f"/beneficiaries/{made}/legal-bases", json=CONSENT)
    client = api(psm)
    basis = (await protection(client, made))["grounds"][1]
    await client.post(f"/beneficiaries/{made}/legal-bases/{basis['id']}/withdraw", json={})
    await pass_by(owner, 73)
    assert await stop(worker_db) == 1
    assert (await client.get(f"/beneficiaries/{made}")).status_code == 200
    assert (await protection(client, made))["restricted_at"] is None


async def test_grounds_for_another_purpose_do_not(
    *,
    api: Api,
    psm: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    made = await agreed(register, psm)
    client = api(psm)
    await client.post(
        f"/beneficiaries/{made}/legal-bases",
        json={"basis": "legal_obligation", "purpose": "documentation"},
    )
    service = (await protection(client, made))["grounds"][0]
    await client.post(f"/beneficiaries/{made}/legal-bases/{service['id']}/withdraw", json={})
    await pass_by(owner, 73)
    assert await stop(worker_db) == 1
    assert (await client.get(f"/beneficiaries/{made}")).status_code == 404


async def test_new_grounds_for_service_open_a_restricted_record_again(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    made = await restricted(api, psm, register, worker_db, owner)
    answer = await api(dinsos).post(f"/beneficiaries/{made}/legal-bases", json=CONSENT)
    assert answer.status_code == 201
    assert (await api(psm).get(f"/beneficiaries/{made}")).status_code == 200


async def test_who_holds_a_referral_that_is_under_way_reads_on_until_it_ends(
    *,
    api: Api,
    psm: Actor,
    make_actor: Callable[..., Actor],
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
    step: Step,
) -> None:
    holder = make_actor("TAGANA", PRONOJIWO)
    made = await restricted(api, psm, register, worker_db, owner)
    async with worker_db.transaction() as tx:
        await follow_referral(step(ReferralAccepted, 2, made, holder.id), tx)
    assert (await api(holder).get(f"/beneficiaries/{made}")).status_code == 200
    ended = step(ReferralCompleted, 3, made, holder.id, outcome="need_met", service=None)
    async with worker_db.transaction() as tx:
        await follow_referral(ended, tx)
    assert (await api(holder).get(f"/beneficiaries/{made}")).status_code == 404


async def test_the_officers_list_begins_with_what_is_due_first_and_ends_with_an_answer(
    *, api: Api, psm: Actor, officer: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    made = await register(psm)
    late = await ask(api(psm), made, "correction")
    await pass_by(owner, 80)
    soon = await ask(api(psm), made, "access")
    client = api(officer)
    first = (await client.get("/requests", params={"limit": 1})).json()
    rest = (await client.get("/requests", params={"limit": 1, "cursor": first["next"]})).json()
    assert [first["items"][0]["id"], rest["items"][0]["id"]] == [late, soon]
    assert first["items"][0]["name"] == "Siti Aminah"
    assert first["items"][0]["words"] == "Nama keliru."
    done = await client.post(f"/requests/{late}/handle", json={"answer": "Sudah dibetulkan."})
    assert done.json() == {"id": late, "state": "done"}
    again = await client.post(f"/requests/{late}/handle", json={})
    assert again.json()["type"] == "urn:sinergi:problem:request-handled"
    assert [one["id"] for one in (await client.get("/requests")).json()["items"]] == [soon]
    done_list = (await client.get("/requests", params={"state": "done"})).json()["items"]
    assert [one["id"] for one in done_list] == [late]


async def test_a_list_of_requests_names_nobody_of_special_services(
    api: Api, psm: Actor, officer: Actor, register: Register
) -> None:
    made = await register(psm, categories=["ODHA"])
    await ask(api(psm), made, "access")
    (listed,) = (await api(officer).get("/requests")).json()["items"]
    assert (listed["beneficiary_id"], listed["name"]) == (str(made), None)
    assert listed["words"] is None


@pytest.mark.parametrize(
    ("kind", "refusal", "status"),
    [
        ("access", "safety", 200),
        ("access", "legal_duty", 422),
        ("correction", "not_the_person", 200),
        ("restriction", "safety", 422),
        ("erasure", "legal_duty", 200),
    ],
)
async def test_a_refusal_has_a_reason_that_the_law_knows(
    *,
    api: Api,
    psm: Actor,
    officer: Actor,
    register: Register,
    kind: str,
    refusal: str,
    status: int,
) -> None:
    made = await register(psm)
    request = await ask(api(psm), made, kind)
    answer = await api(officer).post(f"/requests/{request}/handle", json={"refusal": refusal})
    assert answer.status_code == status
    state = (await protection(api(psm), made))["requests"][0]["state"]
    assert state == ("refused" if status == 200 else "open")
    assert (await api(psm).get(f"/beneficiaries/{made}")).status_code == 200


async def test_a_withdrawal_cannot_be_refused_but_be_done_at_once(
    *, api: Api, psm: Actor, officer: Actor, register: Register, worker_db: Database
) -> None:
    made = await agreed(register, psm)
    request = (await withdraw(api(psm), made)).json()["id"]
    client = api(officer)
    refused = await client.post(f"/requests/{request}/handle", json={"refusal": "safety"})
    assert refused.status_code == 422
    assert (await client.post(f"/requests/{request}/handle", json={})).status_code == 200
    assert await stop(worker_db) == 1
    assert (await api(psm).get(f"/beneficiaries/{made}")).status_code == 404


async def test_a_granted_restriction_holds_at_once(
    api: Api, psm: Actor, officer: Actor, register: Register
) -> None:
    made = await register(psm)
    request = await ask(api(psm), made, "restriction")
    await api(officer).post(f"/requests/{request}/handle", json={})
    assert (await api(psm).get(f"/beneficiaries/{made}")).status_code == 404


async def test_a_breach_is_a_timer_of_the_area_it_happened_in(
    api: Api, officer: Actor, psm: Actor, make_actor: Callable[..., Actor]
) -> None:
    body = {"area": CANDIPURO, "words": "Gawai petugas hilang tanpa kunci layar."}
    made = await api(officer).post("/requests/breaches", json=body)
    assert made.status_code == 201
    (listed,) = (await api(officer).get("/requests")).json()["items"]
    assert (listed["kind"], listed["beneficiary_id"], listed["area"]) == ("breach", None, CANDIPURO)
    elsewhere = make_actor("DINSOS", "35.09", Role.DATA_PROTECTION)
    assert (await api(elsewhere).get("/requests")).json()["items"] == []
    assert (await api(elsewhere).post("/requests/breaches", json=body)).status_code == 403
    handled = await api(elsewhere).post(f"/requests/{made.json()['id']}/handle", json={})
    assert handled.status_code == 404


async def test_a_request_is_sent_once_under_its_key(
    api: Api, psm: Actor, register: Register
) -> None:
    made = await register(psm)
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    path, body = f"/beneficiaries/{made}/requests", {"kind": "access"}
    first = await api(psm).post(path, json=body, headers=headers)
    again = await api(psm).post(path, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len((await protection(api(psm), made))["requests"]) == 1


async def reminders(worker_db: Database, owner: asyncpg.Connection) -> list[list[str]]:
    async with worker_db.transaction() as tx:
        await remind_requests(tx=tx)
    rows = await owner.fetch(
        "select convert_from(data, 'UTF8')::jsonb -> 'data' -> 'told' as told from event_log"
        " where type like '%request.reminded%' order by seq"
    )
    return [sorted(json.loads(row["told"])) for row in rows]


async def test_officers_are_reminded_once_a_day_before_and_dinsos_where_there_is_none(
    *,
    api: Api,
    psm: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    officer, province, dinsos, elsewhere = (uuid.uuid4() for _ in range(4))
    async with worker_db.transaction() as tx:
        await remember_worker(worker_event(dinsos, 1, (LUMAJANG, Role.DINSOS)), tx)
        await remember_worker(worker_event(province, 1, ("35", Role.DINSOS)), tx)
        await remember_worker(worker_event(elsewhere, 1, ("35.09", Role.DATA_PROTECTION)), tx)
    made = await register(psm)
    await ask(api(psm), made, "access")
    await pass_by(owner, 47)
    assert await reminders(worker_db, owner) == []
    await pass_by(owner, 2)
    assert await reminders(worker_db, owner) == [[str(dinsos)]]
    assert await reminders(worker_db, owner) == [[str(dinsos)]], "once"
    async with worker_db.transaction() as tx:
        await remember_worker(worker_event(officer, 2, (LUMAJANG, Role.DATA_PROTECTION)), tx)
        await remember_worker(worker_event(officer, 1), tx)
    await ask(api(psm), made, "erasure")
    await pass_by(owner, 49)
    assert (await reminders(worker_db, owner))[1:] == [[str(officer)]]
    today = utc_now().date()
    away = AbsenceState(starts_on=today, ends_on=today)
    async with worker_db.transaction() as tx:
        duty = (LUMAJANG, Role.DATA_PROTECTION)
        await remember_worker(worker_event(officer, 3, duty, absences=[away]), tx)
    await ask(api(psm), made, "correction")
    await pass_by(owner, 49)
    assert (await reminders(worker_db, owner))[2:] == [[str(dinsos)]], "away for today"
    async with worker_db.transaction() as tx:
        await remember_worker(worker_event(officer, 4, left=True), tx)
    await ask(api(psm), made, "restriction")
    await pass_by(owner, 49)
    assert (await reminders(worker_db, owner))[3:] == [[str(dinsos)]]


async def test_requests_stand_behind_the_wall_of_their_area_and_of_who_took_them(
    api: Api, psm: Actor, register: Register, clean: Stack
) -> None:
    made = await register(psm)
    await ask(api(psm), made, "access")
    database = Database(clean.environment["REGISTRY_DATABASE_URL"], pool_size=1)
    scopes = {
        NO_SCOPE: 0,
        RowScope(uuid.uuid4()): 0,
        RowScope(None, "35.09", "35.09/"): 0,
        RowScope(None, "35.08", "35.08/"): 1,
        RowScope(psm.id): 1,
    }
    for scope, rows in scopes.items():
        async with database.transaction(scope) as tx:
            assert await tx.fetchval("select count(*) from requests") == rows
    await database.close()
