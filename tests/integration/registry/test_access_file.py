"""What a person is given of their own data, and who is not given it."""

import re
from collections.abc import Callable
from uuid import UUID

import asyncpg
import pytest

from services.registry.storage.access_file import NOT_IN_IT, PARTS
from services.registry.use_cases.follow_referral import follow_referral
from shared.audit import AuditSealer
from shared.auth import Actor
from shared.contracts.cases import ReferralCompleted
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import LUMAJANG
from tests.integration.registry.conftest import NIK, PRONOJIWO, Api, Body, Step


@pytest.fixture
def officer(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("DINSOS", LUMAJANG, Role.DATA_PROTECTION)


async def columns_to_people(owner: asyncpg.Connection) -> set[str]:
    """The tables that know of a record, by a foreign key or a column of that name."""
    rows = await owner.fetch(
        """
        select t.relname as name from pg_constraint c join pg_class t on t.oid = c.conrelid
        where c.contype = 'f' and c.confrelid = 'registry.beneficiaries'::regclass
        union
        select table_name from information_schema.columns
        where table_schema = 'registry' and column_name in ('beneficiary_id', 'subject_id')
        """
    )
    return {row["name"] for row in rows}


async def test_every_table_that_knows_of_a_person_is_in_the_file_or_said_not_to_be(
    owner: asyncpg.Connection,
) -> None:
    known = await columns_to_people(owner)
    given = {table for sql in PARTS.values() for table in re.findall(r"from (\w+)", sql)}
    given |= {"beneficiaries", "family_cards"}
    assert not given & NOT_IN_IT.keys()
    assert known | {"beneficiaries"} == given | NOT_IN_IT.keys()


async def test_the_file_holds_everything_and_that_it_was_given_stands_in_the_trail(
    *,
    api: Api,
    psm: Actor,
    tksk: Actor,
    dinsos: Actor,
    officer: Actor,
    make_actor: Callable[..., Actor],
    person: Body,
    without_nik: Body,
    worker_db: Database,
    owner: asyncpg.Connection,
    step: Step,
) -> None:
    """Of a person who was registered twice, all that either record says."""
    elsewhere = make_actor("PSM", PRONOJIWO)
    made = UUID((await api(psm).post("/beneficiaries", json=person())).json()["id"])
    body = without_nik(
        name="Aminah Kedua", area=PRONOJIWO, phone="0899-1111-2222", aliases=["Mbah Mi"],
        disabilities=["sensory"], point={"latitude": -8.13, "longitude": 113.02},
        accept_lookalikes=True, legal_basis="consent",
        consent={"text_version": "2026-1", "channel": "recorded"},
    )  # fmt: skip
    twin = UUID((await api(elsewhere).post("/beneficiaries", json=body)).json()["id"])
    await api(psm).patch(f"/beneficiaries/{made}", json={"categories": ["PD"]})
    await api(tksk).get(f"/beneficiaries/{made}")
    family = await api(elsewhere).post(
        "/beneficiaries",
        json={"kind": "family", "name": "Keluarga", "area": PRONOJIWO, "categories": ["KBSP"],
              "legal_basis": "public_task", "accept_lookalikes": True},
    )  # fmt: skip
    family_id = family.json()["id"]
    joined = {"person_id": str(twin), "relation": "wife"}
    await api(elsewhere).post(f"/beneficiaries/{family_id}/members", json=joined)
    left = await api(elsewhere).delete(f"/beneficiaries/{family_id}/members/{twin}")
    assert left.status_code == 200, left.text
    await api(elsewhere).post(
        f"/beneficiaries/{twin}/requests", json={"kind": "access", "words": "Minta salinan."}
    )
    # Of a more confidential referral than the record: hidden from workers, and yet the person's.
    completed = step(
        ReferralCompleted, 1, twin, psm.id, outcome="need_met", service="Rumah aman",
        confidentiality="C3",
    )  # fmt: skip
    async with worker_db.transaction() as tx:
        await follow_referral(completed, tx)
    await owner.execute("update category_periods set evidence = 'Surat desa'")
    merged = await api(dinsos).post(f"/beneficiaries/{twin}/merge", json={"into": str(made)})
    assert merged.status_code == 200, merged.text
    answer = await api(officer).get(f"/beneficiaries/{made}/file", params={"handed_to": "person"})
    assert answer.status_code == 200, answer.text
    file = answer.json()
    first, second = file["records"]
    assert (first["id"], first["name"], first["nik"], first["birth_on"]) == (
        str(made),
        "Siti Aminah",
        NIK,
        "1954-03-12",
    )
    assert (second["id"], second["name"], second["aliases"], second["latitude"]) == (
        str(twin),
        "Aminah Kedua",
        ["Mbah Mi"],
        -8.13,
    )
    assert sorted((one["code"], one["ended_at"] is None) for one in file["categories"]) == [
        ("LUT", False),
        ("LUT", True),
        ("PD", True),
    ]
    assert {one["evidence"] for one in file["categories"]} == {"Surat desa"}
    assert [(one["family_id"], one["left_on"] is None) for one in file["families"]] == [
        (family_id, False)
    ]
    assert {(one["basis"], one["channel"]) for one in file["legal_bases"]} == {
        ("public_task", None),
        ("consent", "recorded"),
    }
    assert [one["service"] for one in file["services_received"]] == ["Rumah aman"]
    assert [(one["kind"], one["words"]) for one in file["requests"]] == [
        ("access", "Minta salinan.")
    ]
    assert [(one["merged_id"], one["into_id"]) for one in file["merges"]] == [
        (str(twin), str(made))
    ]
    assert "Dinas Sosial" in file["elsewhere"]
    read = {(one["action"], one["actor_id"]) for one in file["trail"]}
    assert {
        ("beneficiary.read", str(tksk.id)),
        ("beneficiary.registered", str(psm.id)),
        ("beneficiary.registered", str(elsewhere.id)),
    } <= read
    assert file["traces"] == len(file["trail"])
    last = await owner.fetch("select * from audit_log order by id desc limit 2")
    assert {(one["action"], one["detail"], one["actor_id"], one["subject_id"]) for one in last} == {
        ("protection.file_handed_out", "person", officer.id, one) for one in (made, twin)
    }


async def test_of_a_long_trail_the_newest_rows_are_given_and_how_many_there_are(
    api: Api, psm: Actor, officer: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    made = (await api(psm).post("/beneficiaries", json=person())).json()["id"]
    await owner.execute(
        "insert into audit_log (actor_id, actor_kind, action, subject_id)"
        " select $1, 'worker', 'beneficiary.listed', $2 from generate_series(1, 2100)",
        psm.id,
        UUID(made),
    )
    file = (await api(officer).get(f"/beneficiaries/{made}/file?handed_to=person")).json()
    assert (len(file["trail"]), file["traces"]) == (2000, 2101)
    assert {one["action"] for one in file["trail"]} == {"beneficiary.listed"}


async def test_of_special_services_the_file_is_given_to_the_person_alone(
    api: Api, psm: Actor, officer: Actor, person: Body
) -> None:
    body = person(categories=["ODHA"])
    made = (await api(psm).post("/beneficiaries", json=body)).json()["id"]
    guardian = await api(officer).get(f"/beneficiaries/{made}/file?handed_to=guardian")
    assert guardian.status_code == 422
    assert NIK not in guardian.text
    await api(psm).post(f"/beneficiaries/{made}/requests", json={"kind": "correction"})
    unasked = await api(officer).get(f"/beneficiaries/{made}/file?handed_to=person")
    assert unasked.status_code == 422
    assert NIK not in unasked.text
    await api(psm).post(f"/beneficiaries/{made}/requests", json={"kind": "access"})
    own = await api(officer).get(f"/beneficiaries/{made}/file?handed_to=person")
    assert own.json()["records"][0]["nik"] == NIK


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
