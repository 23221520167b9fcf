"""What falls due by the calendar, done by the message process with its own rights."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import httpx2

from services.directory.domain.back_off import FORGOTTEN_AFTER
from services.directory.use_cases.import_workers import ImportedWorker, import_workers
from services.directory.worker import rounds
from shared.database import Database
from tests.conftest import SUMBERWULUH
from tests.integration.directory.conftest import (
    Api,
    Employ,
    EventsOf,
    days,
    held,
    sign_in,
)


async def test_who_ran_out_of_duties_is_stated_to_have_left_once(
    worker_db: Database,
    employ: Employ,
    portal: httpx2.AsyncClient,
    events_of: EventsOf,
    owner: asyncpg.Connection,
) -> None:
    leaving, staying = await employ(held("PSM", SUMBERWULUH)), await employ(held("PSM", "35.08"))
    session = await sign_in(portal, leaving)
    await owner.execute("update duties set ends_on = $1 where worker_id = $2", days(-1), leaving.id)
    for _ in range(2):
        await rounds(worker_db).go()
    joined, left = await events_of(leaving.id)
    assert (left.type, left.subjectversion) == ("id.sinergi.directory.worker.left.v1", 2)
    assert left.data["active"] is False
    assert len(await events_of(staying.id)) == 1
    assert joined.data["active"] is True
    assert await owner.fetchval("select count(*) from sessions") == 0
    traded = await portal.post("/sessions/token", headers={"X-Session": session})
    assert traded.status_code == 401


async def test_sessions_and_attempts_past_their_time_are_deleted_and_no_others(
    worker_db: Database,
    employ: Employ,
    portal: httpx2.AsyncClient,
    owner: asyncpg.Connection,
) -> None:
    person = await employ(held("PSM", SUMBERWULUH))
    await sign_in(portal, person)
    await owner.execute("update sessions set used_at = used_at - interval '31 minutes'")
    await sign_in(portal, person)
    for username in ("orang.satu", "orang.dua"):
        await portal.post("/sessions", json={"username": username, "password": "x"})
        await owner.execute(
            "update sign_in_attempts set last_at = last_at - $1::interval",
            FORGOTTEN_AFTER / 2 + timedelta(seconds=1),
        )
    await portal.post("/sessions", json={"username": "orang.tiga", "password": "x"})
    await rounds(worker_db).go()
    assert await owner.fetchval("select count(*) from sessions") == 1
    assert await owner.fetchval("select count(*) from sign_in_attempts") == 2


async def test_an_import_is_idempotent_by_id_and_states_only_changes(
    database: Database, employ: Employ, events_of: EventsOf, api: Api
) -> None:
    person = await employ(held("PSM", SUMBERWULUH))
    again = ImportedWorker(person.id, person.name, "lain.nama", "no hash", person.duties)
    moved = replace(again, duties=[replace(person.duties[0], area="35.09.01")])
    for entry, changed in ((again, 0), (moved, 1), (moved, 0)):
        async with database.transaction() as tx:
            assert await import_workers([entry], tx=tx) == changed
    joined, change = await events_of(person.id)
    assert joined.type.endswith("worker.joined.v1")
    assert change.type.endswith("worker.changed.v1")
    assert [duty["area"] for duty in change.data["duties"]] == ["35.09.01"]
    assert (await api(person.actor).get("/me")).json()["duties"][0]["area"] == "35.09.01"
