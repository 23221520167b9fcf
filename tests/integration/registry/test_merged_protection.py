"""What a person asks of their data holds for every record that was merged into theirs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.registry.use_cases.anonymise_records import anonymise_asked
from services.registry.use_cases.follow_referral import follow_referral
from services.registry.use_cases.stop_processing import stop_processing
from shared.auth import Actor
from shared.clock import utc_now
from shared.contracts.cases import ReferralAccepted, ReferralCompleted
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import LUMAJANG
from tests.integration.registry.conftest import PRONOJIWO, Api, Body, Register, Step

CONSENT = {"text_version": "2026-1", "channel": "written"}
Merged = tuple[UUID, UUID]


@pytest.fixture
def officer(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("DINSOS", LUMAJANG, Role.DATA_PROTECTION)


@pytest.fixture
def elsewhere(make_actor: Callable[..., Actor]) -> Actor:
    """Who registered the person a second time, in the next kecamatan."""
    return make_actor("PSM", PRONOJIWO)


@pytest.fixture
async def merged(
    api: Api, psm: Actor, elsewhere: Actor, dinsos: Actor, register: Register
) -> Merged:
    """Two records that rest on consent alone, and the second was merged into the first."""
    agreed = {"legal_basis": "consent", "consent": CONSENT}
    stays = await register(psm, **agreed)
    gone = await register(elsewhere, area=PRONOJIWO, **agreed)
    answer = await api(dinsos).post(f"/beneficiaries/{gone}/merge", json={"into": str(stays)})
    assert answer.status_code == 200, answer.text
    return stays, gone


async def grounds(api: Api, who: Actor, record: UUID) -> list[dict[str, Any]]:
    answer = await api(who).get(f"/beneficiaries/{record}/protection")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["grounds"]
    return found


async def withdraw(api: Api, who: Actor, record: UUID) -> str:
    basis = (await grounds(api, who, record))[0]
    answer = await api(who).post(
        f"/beneficiaries/{record}/legal-bases/{basis['id']}/withdraw", json={}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def grant(api: Api, who: Actor, officer: Actor, record: UUID, kind: str) -> None:
    asked = await api(who).post(f"/beneficiaries/{record}/requests", json={"kind": kind})
    answer = await api(officer).post(f"/requests/{asked.json()['id']}/handle", json={})
    assert answer.status_code == 200, answer.text


async def stop(worker_db: Database) -> int:
    async with worker_db.transaction() as tx:
        return await stop_processing(tx=tx)


async def assert_closed(api: Api, merged: Merged, *workers: Actor) -> None:
    for worker in workers:
        client = api(worker)
        for one in merged:
            assert (await client.get(f"/beneficiaries/{one}")).status_code == 404
            assert (await client.get(f"/beneficiaries/{one}/protection")).status_code == 404
        looked = await client.post(
            "/beneficiaries/lookup", json={"ids": [str(one) for one in merged]}
        )
        assert looked.json()["items"] == []


async def test_a_withdrawal_ends_the_same_consent_of_merged_records_and_closes_them(
    *,
    api: Api,
    psm: Actor,
    elsewhere: Actor,
    tksk: Actor,
    officer: Actor,
    dinsos: Actor,
    merged: Merged,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    assert len(await grounds(api, psm, merged[0])) == 1, "the other one lies out of scope"
    assert len(await grounds(api, officer, merged[0])) == 2
    request = await withdraw(api, psm, merged[0])
    assert await owner.fetchval("select count(distinct stops_at) from legal_bases") == 1
    assert (await api(officer).post(f"/requests/{request}/handle", json={})).status_code == 200
    assert await stop(worker_db) == 2
    await assert_closed(api, merged, psm, elsewhere, tksk)
    assert await owner.fetchval("select count(*) from marks") == 0
    assert (await api(dinsos).get(f"/beneficiaries/{merged[1]}")).json()["id"] == str(merged[0])


async def test_grounds_of_a_merged_record_keep_the_one_that_remains_open(
    *,
    api: Api,
    psm: Actor,
    elsewhere: Actor,
    dinsos: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    stays = await register(psm, legal_basis="consent", consent=CONSENT)
    gone = await register(elsewhere, area=PRONOJIWO)
    await withdraw(api, psm, stays)
    await api(dinsos).post(f"/beneficiaries/{gone}/merge", json={"into": str(stays)})
    await owner.execute("update legal_bases set stops_at = now() where stops_at is not null")
    assert await stop(worker_db) == 1
    assert (await api(psm).get(f"/beneficiaries/{stays}")).status_code == 200


async def test_grounds_that_end_close_the_one_that_a_record_was_merged_into(
    *,
    api: Api,
    psm: Actor,
    elsewhere: Actor,
    dinsos: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    stays = await register(psm, legal_basis="consent", consent=CONSENT)
    gone = await register(elsewhere, area=PRONOJIWO, legal_basis="consent", consent=CONSENT)
    for who, one in ((psm, stays), (elsewhere, gone)):
        await withdraw(api, who, one)
    await api(dinsos).post(f"/beneficiaries/{gone}/merge", json={"into": str(stays)})
    await owner.execute("update legal_bases set stops_at = now() where beneficiary_id = $1", gone)
    assert await stop(worker_db) == 1
    assert (await api(psm).get(f"/beneficiaries/{stays}")).status_code == 200
    await owner.execute("update legal_bases set stops_at = now() where beneficiary_id = $1", stays)
    assert await stop(worker_db) == 1
    await assert_closed(api, (stays, gone), psm, elsewhere)


@pytest.mark.parametrize("asked_of", [0, 1])
@pytest.mark.parametrize("kind", ["restriction", "erasure"])
async def test_what_is_granted_holds_for_every_record_of_the_person(
    *,
    api: Api,
    psm: Actor,
    elsewhere: Actor,
    tksk: Actor,
    officer: Actor,
    merged: Merged,
    worker_db: Database,
    owner: asyncpg.Connection,
    kind: str,
    asked_of: int,
) -> None:
    await grant(api, (psm, elsewhere)[asked_of], officer, merged[asked_of], kind)
    await assert_closed(api, merged, psm, elsewhere, tksk)
    assert await owner.fetchval("select count(*) from marks") == 0
    async with worker_db.transaction() as tx:
        assert await anonymise_asked(tx=tx) == (kind == "erasure")
    gone = await owner.fetchval(
        "select count(*) from beneficiaries where anonymised_at is not null"
    )
    assert gone == (2 if kind == "erasure" else 0)
    await assert_closed(api, merged, psm, elsewhere, tksk)


async def test_who_holds_a_referral_of_a_merged_record_reads_that_one_on_and_not_the_other(
    *,
    api: Api,
    psm: Actor,
    officer: Actor,
    make_actor: Callable[..., Actor],
    merged: Merged,
    worker_db: Database,
    step: Step,
) -> None:
    holder = make_actor("TAGANA", LUMAJANG)
    async with worker_db.transaction() as tx:
        await follow_referral(step(ReferralAccepted, 1, merged[1], holder.id), tx)
    await grant(api, psm, officer, merged[0], "restriction")
    assert (await api(holder).get(f"/beneficiaries/{merged[0]}")).status_code == 404
    seen = await api(holder).get(f"/beneficiaries/{merged[1]}")
    assert seen.json()["id"] == str(merged[1])
    ended = step(ReferralCompleted, 2, merged[1], holder.id, outcome="need_met", service=None)
    async with worker_db.transaction() as tx:
        await follow_referral(ended, tx)
    await assert_closed(api, merged, holder)


@pytest.mark.parametrize("closed", [0, 1])
async def test_a_restricted_record_is_not_merged(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    officer: Actor,
    register: Register,
    closed: int,
) -> None:
    pair = await register(psm), await register(psm)
    await grant(api, psm, officer, pair[closed], "restriction")
    refused = await api(dinsos).post(f"/beneficiaries/{pair[0]}/merge", json={"into": str(pair[1])})
    assert (refused.status_code, refused.json()["type"]) == (
        422,
        "urn:sinergi:problem:cannot-merge",
    )


async def test_a_restriction_that_the_person_asked_for_is_lifted_by_who_answers_such_requests(
    *,
    api: Api,
    elsewhere: Actor,
    officer: Actor,
    make_actor: Callable[..., Actor],
    merged: Merged,
    worker_db: Database,
    owner: asyncpg.Connection,
    step: Step,
) -> None:
    holder = make_actor("TAGANA", LUMAJANG)
    async with worker_db.transaction() as tx:
        await follow_referral(step(ReferralAccepted, 1, merged[1], holder.id), tx)
    await grant(api, elsewhere, officer, merged[1], "erasure")
    path = f"/beneficiaries/{merged[1]}/legal-bases"
    tried = await api(holder).post(path, json={"basis": "public_task"})
    assert tried.status_code == 201
    assert [one["code"] for one in tried.json()["warnings"]] == ["restriction-stays"]
    await assert_closed(api, merged, elsewhere)
    lifted = await api(officer).post(path, json={"basis": "public_task"})
    assert (lifted.status_code, lifted.json()["warnings"]) == (201, [])
    rows = await owner.fetch("select restricted_at, erase_at from beneficiaries")
    assert [tuple(row) for row in rows] == [(None, None)] * 2
    trail = await owner.fetch(
        "select subject_id, detail from audit_log where action = 'protection.restriction_lifted'"
    )
    assert {tuple(row) for row in trail} == {(merged[0], "erasure_ended"), (merged[1], None)}
    ended = step(ReferralCompleted, 2, merged[1], holder.id, outcome="need_met", service=None)
    async with worker_db.transaction() as tx:
        await follow_referral(ended, tx)
        assert await anonymise_asked(tx=tx) == 0


async def test_a_restriction_after_a_withdrawal_is_lifted_by_whoever_records_new_grounds(
    *,
    api: Api,
    elsewhere: Actor,
    officer: Actor,
    make_actor: Callable[..., Actor],
    merged: Merged,
    worker_db: Database,
    step: Step,
) -> None:
    # One that was asked for before, and lifted since, does not count any more.
    await grant(api, elsewhere, officer, merged[1], "restriction")
    path = f"/beneficiaries/{merged[1]}/legal-bases"
    again = {"basis": "consent", "consent": CONSENT}
    assert (await api(officer).post(path, json=again)).status_code == 201
    holder = make_actor("TAGANA", LUMAJANG)
    async with worker_db.transaction() as tx:
        await follow_referral(step(ReferralAccepted, 1, merged[1], holder.id), tx)
    request = await withdraw(api, elsewhere, merged[1])
    await api(officer).post(f"/requests/{request}/handle", json={})
    assert await stop(worker_db) == 3
    await assert_closed(api, merged, elsewhere)
    answer = await api(holder).post(path, json={"basis": "public_task"})
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])
    assert (await api(elsewhere).get(f"/beneficiaries/{merged[1]}")).status_code == 200


@pytest.mark.parametrize(
    ("ahead", "status"), [(timedelta(days=-3650), 201), (timedelta(hours=1), 422)]
)
async def test_a_consent_was_given_before_it_is_written_down(
    api: Api, psm: Actor, register: Register, without_nik: Body, ahead: timedelta, status: int
) -> None:
    consent = {**CONSENT, "at": (utc_now() + ahead).isoformat()}
    body = without_nik(legal_basis="consent", consent=consent)
    made = await api(psm).post("/beneficiaries", json=body)
    assert made.status_code == status
    batch = {"items": [{**body, "key": str(uuid4()), "name": "Marsinah"}]}
    (item,) = (await api(psm).post("/beneficiaries/batch", json=batch)).json()["items"]
    assert (item["status"] == "invalid") == (status == 422)
    path = f"/beneficiaries/{await register(psm, name='Paijo')}/legal-bases"
    again = await api(psm).post(path, json={"basis": "consent", "consent": consent})
    assert again.status_code == status
    if status == 422:
        assert [one["pointer"] for one in again.json()["errors"]] == ["/consent/at"]
        assert [one["pointer"] for one in item["errors"]] == ["/consent/at"]
