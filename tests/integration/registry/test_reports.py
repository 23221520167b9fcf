"""What other systems tell of somebody: kept from all but a few, compared, decided by a worker."""

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.registry.use_cases.announce_reports import announce_reports
from services.registry.use_cases.remember_worker import remember_worker
from shared.auth import Actor, service_actor
from shared.clock import utc_now
from shared.contracts.codes import Role
from shared.contracts.directory import AbsenceState
from shared.database import Database
from shared.row_scope import NO_SCOPE, RowScope
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.integration.registry.conftest import NIK, PRONOJIWO, Api, Body, Register
from tests.integration.registry.workers import worker_event

SOURCE = "Puskesmas Candipuro"
WORDS = "Tinggal sendiri, sudah tiga hari tidak makan."


def told(**changes: Any) -> dict[str, Any]:
    """A report; keyword arguments replace fields, None leaves one out."""
    whole = {
        "source": SOURCE,
        "external_id": "K-17",
        "name": "Siti Aminah",
        "sex": "F",
        "birth": {"date": "1954-03-12"},
        "nik": NIK,
        "area": SUMBERWULUH,
        "address": "RT 02 RW 05",
        "phone": "0812-3456-7890",
        "categories": ["LUT"],
        "words": WORDS,
        **changes,
    }
    return {field: value for field, value in whole.items() if value is not None}


async def filed(api: Api, exchange: Actor, **changes: Any) -> UUID:
    answer = await api(exchange).post("/reports", json=told(**changes))
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def test_a_report_waits_for_those_who_work_there_and_records_nobody(
    *,
    api: Api,
    exchange: Actor,
    psm: Actor,
    tksk: Actor,
    make_actor: Callable[..., Actor],
    owner: asyncpg.Connection,
) -> None:
    report = await filed(api, exchange)
    assert await owner.fetchval("select count(*) from beneficiaries") == 0
    for actor in (psm, tksk):
        (row,) = (await api(actor).get("/reports")).json()["items"]
        assert (row["id"], row["source"], row["name"]) == (str(report), SOURCE, "Siti Aminah")
        said = (await api(actor).get(f"/reports/{report}")).json()["said"]
        assert said == {
            "kind": "person", "name": "Siti Aminah", "area": SUMBERWULUH, "sex": "F",
            "birth": {"date": "1954-03-12", "year": None, "age": None}, "nik": NIK, "kk": None,
            "address": "RT 02 RW 05", "phone": "0812-3456-7890", "categories": ["LUT"],
            "words": WORDS,
        }  # fmt: skip
    stranger = make_actor("PSM", PRONOJIWO)
    assert (await api(stranger).get("/reports")).json()["items"] == []
    assert (await api(stranger).get(f"/reports/{report}")).status_code == 404
    refused = {"refusal": "mistaken"}
    path = f"/reports/{report}/settle"
    assert (await api(stranger).post(path, json=refused)).status_code == 404
    for pillar in ("TAGANA", "KARANG_TARUNA"):
        other = make_actor(pillar, CANDIPURO)
        assert (await api(other).get("/reports")).status_code == 403


async def test_only_services_of_ours_file_reports(api: Api, psm: Actor, dinsos: Actor) -> None:
    for actor in (psm, dinsos):
        assert (await api(actor).post("/reports", json=told())).status_code == 403


async def test_what_its_source_sends_again_is_the_first_and_how_far_that_is(
    api: Api, exchange: Actor, psm: Actor, owner: asyncpg.Connection
) -> None:
    report = await filed(api, exchange)
    again = await api(exchange).post("/reports", json=told(name="Orang Lain"))
    is_open = {"id": str(report), "state": "open", "refusal": None}
    assert (again.status_code, again.json()) == (200, is_open)
    assert await owner.fetchval("select count(*) from reports") == 1
    await api(psm).post(f"/reports/{report}/settle", json={"refusal": "not_found"})
    again = await api(exchange).post("/reports", json=told())
    assert again.json() == {"id": str(report), "state": "refused", "refusal": "not_found"}
    await filed(api, exchange, source="SIKS")
    await filed(api, service_actor("another"))


async def test_who_may_be_the_same_is_shown_and_registering_asks_about_it(
    *,
    api: Api,
    exchange: Actor,
    psm: Actor,
    person: Body,
    register: Register,
    owner: asyncpg.Connection,
) -> None:
    holder = (await api(psm).post("/beneficiaries", json=person(name="Wagiyem"))).json()["id"]
    alike = await register(psm, name="Hj. Siti Aminnah")
    report = await filed(api, exchange)
    found = (await api(psm).get(f"/reports/{report}")).json()["candidates"]
    assert [one["id"] for one in found] == [holder, str(alike)]
    assert found[0]["reasons"][0] == "NIK sama persis"
    path = f"/reports/{report}/register"
    refused = await api(psm).post(path, json=person())
    assert refused.status_code == 409
    assert {one["id"] for one in refused.json()["candidates"]} == {holder, str(alike)}
    assert await owner.fetchval("select state from reports") == "open"
    made = await api(psm).post(path, json=person(different_from=[holder, str(alike)]))
    assert made.status_code == 201, made.text
    state = (await api(psm).get(f"/reports/{report}")).json()
    assert (state["state"], state["said"], state["beneficiary_id"], state["candidates"]) == (
        "settled", None, made.json()["id"], [],
    )  # fmt: skip
    decided = "select count(*) from audit_log where action = 'beneficiary.lookalike_accepted'"
    assert await owner.fetchval(decided) == 2
    assert await owner.fetchval("select count(*) from different_people") == 2


async def test_it_can_be_somebody_recorded_and_nothing_of_what_it_said_is_kept(
    *,
    api: Api,
    exchange: Actor,
    psm: Actor,
    dinsos: Actor,
    register: Register,
    owner: asyncpg.Connection,
) -> None:
    known = await register(psm)
    report = await filed(api, exchange)
    path = f"/reports/{report}/settle"
    answer = await api(psm).post(path, json={"beneficiary_id": str(known)})
    assert (answer.status_code, answer.json()["state"]) == (200, "settled")
    assert (await api(psm).get("/reports")).json()["items"] == []
    row = await owner.fetchrow("select said_sealed, settled_by, beneficiary_id from reports")
    assert tuple(row) == (None, psm.id, known)
    of_person = f"/beneficiaries/{known}"
    await api(psm).post(f"{of_person}/requests", json={"kind": "access"})
    file = await api(dinsos).get(f"{of_person}/file", params={"handed_to": "person"})
    assert [one["source"] for one in file.json()["reports"]] == [SOURCE]
    again = await api(psm).post(path, json={"refusal": "mistaken"})
    assert again.status_code == 409
    assert again.json()["type"] == "urn:sinergi:problem:report-handled"
    trail = await owner.fetch("select action from audit_log where subject_id = $1", known)
    assert "beneficiary.reported" in {row["action"] for row in trail}
    leading = (
        "select count(*) from audit_log where subject_id = $1 and detail like '%' || $2 || '%'"
    )
    assert await owner.fetchval(leading, report, str(known)) == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"beneficiary_id": str(uuid.uuid4()), "refusal": "mistaken"},
        {"refusal": "sudah"},
    ],
)
async def test_a_decision_is_one_of_two(
    api: Api, exchange: Actor, psm: Actor, body: dict[str, str]
) -> None:
    report = await filed(api, exchange)
    assert (await api(psm).post(f"/reports/{report}/settle", json=body)).status_code == 422


async def test_a_record_out_of_sight_settles_nothing(
    api: Api, exchange: Actor, psm: Actor, make_actor: Callable[..., Actor], register: Register
) -> None:
    elsewhere = await register(make_actor("PSM", PRONOJIWO), area=PRONOJIWO)
    report = await filed(api, exchange)
    body = {"beneficiary_id": str(elsewhere)}
    assert (await api(psm).post(f"/reports/{report}/settle", json=body)).status_code == 404
    assert len((await api(psm).get("/reports")).json()["items"]) == 1


async def test_a_report_of_layanan_khusus_is_for_few_and_its_list_names_nobody(
    api: Api, exchange: Actor, psm: Actor, tksk: Actor, dinsos: Actor
) -> None:
    report = await filed(api, exchange, categories=["KTK"])
    assert (await api(psm).get("/reports")).json()["items"] == []
    assert (await api(psm).get(f"/reports/{report}")).status_code == 404
    for actor in (tksk, dinsos):
        (row,) = (await api(actor).get("/reports")).json()["items"]
        assert (row["name"], row["confidentiality"]) == (None, "C3")
        assert (await api(actor).get(f"/reports/{report}")).json()["said"]["name"] == "Siti Aminah"


@pytest.mark.parametrize(
    "changes",
    [
        {"area": "99.99.99.9999"},
        {"birth": {"date": "2999-01-01"}},
        {"categories": ["TIDAK_ADA"]},
        {"name": None},
        {"external_id": None},
    ],
)
async def test_what_nobody_can_be_is_refused_to_its_source(
    api: Api, exchange: Actor, changes: dict[str, Any], owner: asyncpg.Connection
) -> None:
    answer = await api(exchange).post("/reports", json=told(**changes))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Aminah" not in answer.text
    assert await owner.fetchval("select count(*) from reports") == 0


async def test_a_nik_that_cannot_be_one_loses_no_report_and_hides_nobody_alike(
    api: Api, exchange: Actor, psm: Actor, person: Body
) -> None:
    known = (await api(psm).post("/beneficiaries", json=person())).json()["id"]
    report = await filed(api, exchange, nik="3508", birth={"year": 1954}, categories=None)
    found = (await api(psm).get(f"/reports/{report}")).json()
    said = found["said"]
    assert (said["nik"], said["birth"]["year"], said["categories"]) == ("3508", 1954, [])
    assert [one["id"] for one in found["candidates"]] == [known]


async def test_which_record_a_report_led_to_is_told_to_those_alone_who_may_know_whose_it_is(
    api: Api, exchange: Actor, psm: Actor, tksk: Actor, person: Body
) -> None:
    report = await filed(api, exchange, categories=None)
    path = f"/reports/{report}/register"
    made = await api(tksk).post(path, json=person(categories=["ODHA"]))
    for actor, told_it in ((tksk, made.json()["id"]), (psm, None)):
        found = (await api(actor).get(f"/reports/{report}")).json()
        assert (found["state"], found["beneficiary_id"]) == ("settled", told_it)


async def test_a_source_is_told_that_somebody_is_recorded_and_never_that_it_is_hidden_who(
    api: Api, exchange: Actor, psm: Actor, register: Register
) -> None:
    answers = []
    for number, body in enumerate(
        ({"refusal": "already_recorded"}, {"beneficiary_id": str(await register(psm))})
    ):
        report = await filed(api, exchange, external_id=f"{number}")
        settled = await api(psm).post(f"/reports/{report}/settle", json=body)
        assert settled.status_code == 200, settled.text
        again = await api(exchange).post("/reports", json=told(external_id=f"{number}"))
        answers.append({name: value for name, value in again.json().items() if name != "id"})
    assert answers == [{"state": "settled", "refusal": None}] * 2


async def test_one_report_that_no_key_opens_hides_no_other_and_can_be_settled(
    api: Api, exchange: Actor, psm: Actor, owner: asyncpg.Connection
) -> None:
    broken = await filed(api, exchange, external_id="1")
    await filed(api, exchange, external_id="2")
    seal = b"\x09" + b"\x00" * 40
    await owner.execute("update reports set said_sealed = $2 where id = $1", broken, seal)
    names = [one["name"] for one in (await api(psm).get("/reports")).json()["items"]]
    assert names == [None, "Siti Aminah"]
    found = (await api(psm).get(f"/reports/{broken}")).json()
    assert (found["state"], found["said"], found["candidates"]) == ("open", None, [])
    answer = await api(psm).post(f"/reports/{broken}/settle", json={"refusal": "mistaken"})
    assert answer.json()["state"] == "refused"


async def test_two_workers_who_decide_at_once_decide_once(
    api: Api, exchange: Actor, psm: Actor, tksk: Actor
) -> None:
    report = await filed(api, exchange)
    path, body = f"/reports/{report}/settle", {"refusal": "mistaken"}
    answers = await asyncio.gather(*(api(one).post(path, json=body) for one in (psm, tksk)))
    assert sorted(one.status_code for one in answers) == [200, 409]


async def test_a_report_sent_twice_at_once_is_one(
    api: Api, exchange: Actor, owner: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(*(api(exchange).post("/reports", json=told()) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]
    assert len({one.json()["id"] for one in answers}) == 1
    assert await owner.fetchval("select count(*) from reports") == 1


async def test_what_a_report_says_is_sealed(
    api: Api, exchange: Actor, worker_db: Database, owner: asyncpg.Connection
) -> None:
    async with worker_db.transaction() as tx:
        event = worker_event(uuid.uuid4(), 1, (LUMAJANG, Role.DINSOS))
        await remember_worker(event, tx)
    await filed(api, exchange, external_id=NIK)
    assert len(await announced(worker_db, owner)) == 1
    row = await owner.fetchrow("select to_jsonb(r) as row, said_sealed from reports r")
    for secret in ("Aminah", NIK, "tiga hari", "0812"):
        assert secret not in row["row"]
        assert secret.encode() not in row["said_sealed"]
    stored = await owner.fetch("select convert_from(data, 'UTF8') as data from event_log")
    assert not any("Aminah" in one["data"] or NIK in one["data"] for one in stored)


async def announced(worker_db: Database, owner: asyncpg.Connection) -> list[set[str]]:
    async with worker_db.transaction() as tx:
        await announce_reports(tx=tx)
    rows = await owner.fetch(
        "select convert_from(data, 'UTF8')::jsonb -> 'data' -> 'told' as told from event_log"
        " where type like '%report.received%' order by seq"
    )
    return [set(json.loads(row["told"])) for row in rows]


async def test_those_nearest_to_the_place_who_may_read_it_are_told_once(
    api: Api, exchange: Actor, worker_db: Database, owner: asyncpg.Connection
) -> None:
    village, other, district, office, tagana = (uuid.uuid4() for _ in range(5))
    events = (
        worker_event(office, 1, (LUMAJANG, Role.DINSOS)),
        worker_event(tagana, 1, (SUMBERWULUH, Role.WORKER), pillar="TAGANA"),
        worker_event(district, 1, (CANDIPURO, Role.WORKER), pillar="TKSK"),
    )

    async def hear(*heard: Any) -> None:
        async with worker_db.transaction() as tx:
            for event in heard:
                await remember_worker(event, tx)

    await hear(events[1])
    await filed(api, exchange, external_id="1")
    assert await announced(worker_db, owner) == [], "who works there may be said in a moment"
    await hear(events[0])
    assert await announced(worker_db, owner) == [{str(office)}]
    assert len(await announced(worker_db, owner)) == 1, "once"
    await hear(events[2])
    await filed(api, exchange, external_id="2")
    assert (await announced(worker_db, owner))[1:] == [{str(district)}]
    await hear(
        worker_event(village, 1, (SUMBERWULUH, Role.WORKER), pillar="PSM"),
        worker_event(other, 1, (SUMBERWULUH, Role.WORKER), pillar="PENSOSMAS"),
    )
    await filed(api, exchange, external_id="3")
    assert (await announced(worker_db, owner))[2:] == [{str(village), str(other)}]
    await filed(api, exchange, external_id="4", categories=["KTK"])
    assert (await announced(worker_db, owner))[3:] == [{str(district)}]


async def test_for_somebody_absent_the_stand_in_is_told_and_without_one_the_next_level(
    api: Api, exchange: Actor, worker_db: Database, owner: asyncpg.Connection
) -> None:
    village, stand_in, district = (uuid.uuid4() for _ in range(3))
    today = utc_now().date()

    async def hear(version: int, **absence: Any) -> None:
        days = AbsenceState(starts_on=today - timedelta(days=1), ends_on=today, **absence)
        event = worker_event(
            village, version, (SUMBERWULUH, Role.WORKER), pillar="PSM", absences=[days]
        )
        async with worker_db.transaction() as tx:
            await remember_worker(event, tx)

    async with worker_db.transaction() as tx:
        event = worker_event(district, 1, (CANDIPURO, Role.WORKER), pillar="TKSK")
        await remember_worker(event, tx)
    await hear(1)
    await filed(api, exchange, external_id="1")
    assert await announced(worker_db, owner) == [{str(district)}]
    await hear(2, stand_in_id=stand_in)
    await filed(api, exchange, external_id="2")
    assert (await announced(worker_db, owner))[1:] == [{str(stand_in)}]


async def test_where_nobody_is_known_to_work_the_rest_waits_for_none(
    api: Api, exchange: Actor, worker_db: Database, owner: asyncpg.Connection
) -> None:
    office = uuid.uuid4()
    async with worker_db.transaction() as tx:
        await remember_worker(worker_event(office, 1, (LUMAJANG, Role.DINSOS)), tx)
    await filed(api, exchange, external_id="1", area="35.09.01.2001")
    await filed(api, exchange, external_id="2")
    assert await announced(worker_db, owner) == [{str(office)}]
    await owner.execute("update reports set received_at = received_at - interval '1 minute'")
    assert await announced(worker_db, owner) == [{str(office)}, set()]
    assert await owner.fetchval("select count(*) from reports where announced_at is null") == 0


async def test_reports_stand_behind_the_wall_of_their_area_and_of_who_filed_them(
    api: Api, exchange: Actor, psm: Actor, clean: Stack
) -> None:
    await filed(api, exchange)
    database = Database(clean.environment["REGISTRY_DATABASE_URL"], pool_size=1)
    scopes = {
        NO_SCOPE: 0,
        RowScope(psm.id): 0,
        RowScope(None, "35.09", "35.09/"): 0,
        RowScope(None, "35.08", "35.08/"): 1,
        RowScope(exchange.id): 1,
    }
    for scope, rows in scopes.items():
        async with database.transaction(scope) as tx:
            assert await tx.fetchval("select count(*) from reports") == rows
    await database.close()
