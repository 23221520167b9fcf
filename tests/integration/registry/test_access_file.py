"""What a person is given of their own data, and who is not given it."""

from collections.abc import Callable
from uuid import UUID

import asyncpg
import pytest

from services.registry.storage.access_file import PARTS
from services.registry.use_cases.follow_referral import follow_referral
from shared.audit import AuditSealer
from shared.auth import Actor
from shared.contracts.cases import ReferralCompleted
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import LUMAJANG
from tests.integration.registry.conftest import NIK, Api, Body, Step


@pytest.fixture
def officer(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("DINSOS", LUMAJANG, Role.DATA_PROTECTION)


async def test_the_file_holds_everything_and_that_it_was_given_stands_in_the_trail(
    *,
    api: Api,
    psm: Actor,
    tksk: Actor,
    officer: Actor,
    person: Body,
    worker_db: Database,
    owner: asyncpg.Connection,
    step: Step,
) -> None:
    made = UUID((await api(psm).post("/beneficiaries", json=person())).json()["id"])
    await api(psm).patch(f"/beneficiaries/{made}", json={"categories": ["PD"]})
    await api(tksk).get(f"/beneficiaries/{made}")
    await api(psm).post(f"/beneficiaries/{made}/requests", json={"kind": "access"})
    # Of a more confidential referral than the record: hidden from workers, and yet the person's.
    completed = step(
        ReferralCompleted, 1, made, psm.id, outcome="need_met", service="Rumah aman",
        confidentiality="C3",
    )  # fmt: skip
    async with worker_db.transaction() as tx:
        await follow_referral(completed, tx)
    await owner.execute("update category_periods set evidence = 'Surat desa'")
    answer = await api(officer).get(f"/beneficiaries/{made}/file", params={"handed_to": "person"})
    assert answer.status_code == 200, answer.text
    file = answer.json()
    assert set(file) == {"record", *PARTS}
    record = file["record"]
    assert (record["name"], record["nik"], record["birth_on"]) == (
        "Siti Aminah",
        NIK,
        "1954-03-12",
    )
    assert {(one["code"], one["ended_at"] is None) for one in file["categories"]} == {
        ("LUT", False),
        ("PD", True),
    }
    assert file["categories"][0]["evidence"] == "Surat desa"
    assert [one["basis"] for one in file["legal_bases"]] == ["public_task"]
    assert [one["service"] for one in file["services_received"]] == ["Rumah aman"]
    assert [one["kind"] for one in file["requests"]] == ["access"]
    read = [(one["action"], one["actor_id"]) for one in file["trail"]]
    assert ("beneficiary.read", str(tksk.id)) in read
    last = await owner.fetchrow("select * from audit_log order by id desc limit 1")
    assert (last["action"], last["detail"], last["actor_id"]) == (
        "protection.file_handed_out",
        "person",
        officer.id,
    )


async def test_of_special_services_the_file_is_given_to_the_person_alone(
    api: Api, psm: Actor, officer: Actor, person: Body
) -> None:
    body = person(categories=["ODHA"])
    made = (await api(psm).post("/beneficiaries", json=body)).json()["id"]
    guardian = await api(officer).get(f"/beneficiaries/{made}/file?handed_to=guardian")
    assert guardian.status_code == 422
    assert NIK not in guardian.text
    own = await api(officer).get(f"/beneficiaries/{made}/file?handed_to=person")
    assert own.json()["record"]["nik"] == NIK


async def test_a_changed_audit_row_is_named_to_the_officer_portion_by_portion(
    *,
    api: Api,
    psm: Actor,
    officer: Actor,
    person: Body,
    worker_db: Database,
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.registry.use_cases.verify_chain.PORTION", 3)
    made = (await api(psm).post("/beneficiaries", json=person())).json()["id"]
    for _ in range(6):
        await api(psm).get(f"/beneficiaries/{made}")
    assert await AuditSealer(worker_db).seal() == 7
    client = api(officer)
    first = (await client.get("/audit/chain")).json()
    assert first == {"rows": 3, "position": 3, "broken_at": None, "is_whole": False}
    second = (await client.get("/audit/chain", params={"after": 3})).json()
    assert second == {"rows": 3, "position": 6, "broken_at": None, "is_whole": False}
    third = (await client.get("/audit/chain", params={"after": 6})).json()
    assert third == {"rows": 1, "position": 7, "broken_at": None, "is_whole": True}
    fifth = await owner.fetchval("select id from audit_log order by id offset 4 limit 1")
    await owner.execute("update audit_log set action = 'beneficiary.listed' where id = $1", fifth)
    broken = (await client.get("/audit/chain", params={"after": 3})).json()
    assert broken == {"rows": 1, "position": 4, "broken_at": fifth, "is_whole": True}
