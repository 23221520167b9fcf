import uuid
from collections.abc import Callable

import asyncpg
import pytest

from shared.audit import AuditSealer, verify
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG
from tests.integration.registry.conftest import NIK, PRONOJIWO, Api, Body, Register


async def actions(owner: asyncpg.Connection, actor: Actor) -> list[tuple[str, uuid.UUID]]:
    rows = await owner.fetch(
        "select action, subject_id from audit_log where actor_id = $1 order by id", actor.id
    )
    return [(row["action"], row["subject_id"]) for row in rows]


async def test_every_read_of_a_record_leaves_a_row(
    api: Api, psm: Actor, tksk: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    made = uuid.UUID((await api(psm).post("/beneficiaries", json=person())).json()["id"])
    client = api(tksk)
    await client.get(f"/beneficiaries/{made}")
    await client.get("/beneficiaries")
    await client.post("/beneficiaries/lookup", json={"ids": [str(made)]})
    await client.post("/beneficiaries/search-nik", json={"nik": NIK})
    await client.patch(f"/beneficiaries/{made}", json={"name": "Lain", "phone": None})
    assert await actions(owner, psm) == [("beneficiary.registered", made)]
    assert await actions(owner, tksk) == [
        ("beneficiary.read", made),
        ("beneficiary.listed", made),
        ("beneficiary.looked_up", made),
        ("beneficiary.nik_searched", made),
        ("beneficiary.changed", made),
        ("beneficiary.read", made),
    ]
    changed = await owner.fetchrow("select * from audit_log where action like '%changed'")
    assert (changed["detail"], changed["actor_kind"]) == ("name,phone", "worker")
    assert changed["request_id"]


async def test_a_vain_nik_search_leaves_a_row_under_the_worker(
    api: Api, psm: Actor, owner: asyncpg.Connection
) -> None:
    answer = await api(psm).post("/beneficiaries/search-nik", json={"nik": NIK})
    assert answer.status_code == 404
    assert await actions(owner, psm) == [("beneficiary.nik_searched", psm.id)]


async def test_what_could_not_be_read_leaves_no_row(
    api: Api,
    psm: Actor,
    register: Register,
    make_actor: Callable[..., Actor],
    owner: asyncpg.Connection,
) -> None:
    made = await register(psm)
    stranger = make_actor("PSM", PRONOJIWO)
    await api(stranger).get(f"/beneficiaries/{made}")
    await api(stranger).get("/beneficiaries")
    await api(stranger).post("/beneficiaries/lookup", json={"ids": [str(made)]})
    assert await actions(owner, stranger) == []


async def test_a_changed_audit_row_is_named(
    api: Api, psm: Actor, register: Register, worker_db: Database, owner: asyncpg.Connection
) -> None:
    made = await register(psm)
    for _ in range(4):
        await api(psm).get(f"/beneficiaries/{made}")
    sealer = AuditSealer(worker_db)
    assert await sealer.seal() == 5
    assert await sealer.seal() == 0
    async with worker_db.transaction() as tx:
        whole = await verify(tx)
    assert (whole.rows, whole.broken_at) == (5, None)
    third = await owner.fetchval("select id from audit_log order by id offset 2 limit 1")
    await owner.execute("update audit_log set actor_id = $2 where id = $1", third, uuid.uuid4())
    async with worker_db.transaction() as tx:
        assert (await verify(tx)).broken_at == third


async def test_a_deleted_audit_row_is_named(
    api: Api, psm: Actor, register: Register, worker_db: Database, owner: asyncpg.Connection
) -> None:
    made = await register(psm)
    await api(psm).get(f"/beneficiaries/{made}")
    await AuditSealer(worker_db).seal()
    last = await owner.fetchval("delete from audit_log where action like '%read' returning id")
    async with worker_db.transaction() as tx:
        assert (await verify(tx)).broken_at == last


async def test_dinsos_reads_the_trail_of_its_area_and_the_look_is_in_the_trail(
    api: Api, psm: Actor, dinsos: Actor, register: Register
) -> None:
    made = await register(psm)
    await api(psm).get(f"/beneficiaries/{made}")
    first = await api(dinsos).get("/audit", params={"subject": str(made), "limit": 1})
    assert [item["action"] for item in first.json()["items"]] == ["beneficiary.read"]
    rest = await api(dinsos).get(
        "/audit", params={"subject": str(made), "cursor": first.json()["next"]}
    )
    assert [item["action"] for item in rest.json()["items"]] == ["beneficiary.registered"]
    whole = await api(dinsos).get("/audit", params={"subject": str(made)})
    assert [item["action"] for item in whole.json()["items"]][:2] == ["audit.read", "audit.read"]
    assert whole.json()["items"][0]["actor_id"] == str(dinsos.id)


@pytest.mark.parametrize(
    ("pillar", "area", "role", "status"),
    [
        ("DINSOS", LUMAJANG, Role.DINSOS, 200),
        ("DINSOS", LUMAJANG, Role.ADMIN, 200),
        ("DINSOS", "35.09", Role.DINSOS, 404),
        ("TKSK", CANDIPURO, Role.WORKER, 403),
    ],
)
async def test_the_trail_is_for_dinsos_and_administrators_of_the_area(
    *,
    api: Api,
    psm: Actor,
    register: Register,
    make_actor: Callable[..., Actor],
    pillar: str,
    area: str,
    role: Role,
    status: int,
) -> None:
    made = await register(psm)
    answer = await api(make_actor(pillar, area, role)).get("/audit", params={"subject": str(made)})
    assert answer.status_code == status


async def test_services_learn_facts_only_and_that_is_in_the_trail(
    api: Api, psm: Actor, cases_service: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    made = await register(psm, categories=["LUT", "ODHA"])
    answer = await api(cases_service).get(f"/internal/beneficiaries/{made}")
    assert answer.json() == {
        "id": str(made),
        "version": 1,
        "kind": "person",
        "area": "35.08.03.2005",
        "confidentiality": "C3",
        "categories": ["LUT"],
        "merged_into": None,
    }
    assert await actions(owner, cases_service) == [("beneficiary.shared", made)]
    missing = await api(cases_service).get(f"/internal/beneficiaries/{uuid.uuid4()}")
    assert missing.status_code == 404


async def test_workers_do_not_ask_as_services_and_services_read_no_records(
    api: Api, psm: Actor, cases_service: Actor, register: Register
) -> None:
    made = await register(psm)
    assert (await api(psm).get(f"/internal/beneficiaries/{made}")).status_code == 403
    assert (await api(cases_service).get(f"/beneficiaries/{made}")).status_code == 403
    assert (await api(cases_service).get("/beneficiaries")).status_code == 403
