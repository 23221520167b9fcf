"""Every endpoint of registry x every kind of caller x sensitivity, against tables by hand."""

import uuid
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from services.registry.domain.name import HIDDEN
from services.registry.reactions import REACTIONS
from shared.auth import Actor
from shared.contracts.cases import ReferralAccepted
from shared.contracts.codes import Role
from shared.database import Database
from shared.messaging.inbox import Entry, Inbox
from shared.reference.pillars import PILLARS
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.fixtures.callers import Api
from tests.fixtures.matrix import (
    OPEN_TO_ALL,
    OUTSIDE,
    Caller,
    astride,
    every_caller,
    guarded,
    table,
    unguarded,
    without_duty,
    wrong,
)
from tests.integration.registry.conftest import Body, Step
from tests.integration.registry.test_matrix_of_lists import LISTS
from tests.integration.registry.test_matrix_of_reports import REPORTS

CALLERS = every_caller(
    ("PSM", "TKSK", "PEKSOS", "TAGANA", "KARANG_TARUNA", "LKS"), offices=("same", "none")
)
# The pillars that work with persons; the others help with things, places and groups.
CASEWORK = "PSM|PENSOSMAS|TKSK|PEKSOS|PENDAMPING_PKH|DINSOS"
WHATEVER = f"""
dinsos                 inside  -           -  dinsos
dinsos                 -       -           -  dinsos_away
admin                  inside  -           -  admin
admin                  -       -           -  admin_away
data_protection        inside  -           -  officer
data_protection        -       -           -  officer_away
village_head           -       -           -  village_head
coordinator            -       {CASEWORK}  -  merger_away
worker                 -       TKSK        -  merger_away
worker                 -       {CASEWORK}  -  caseworker_away
worker|coordinator     -       -           -  helper_away
"""
# A record of the village, registered by somebody else. It belongs to no office, so that one's own
# makes no difference: who is what to it, by role, area, pillar and office.
STANDING = {
    "C1": f"""
coordinator         inside  {CASEWORK}  -  merger
worker              inside  TKSK        -  merger
worker              inside  {CASEWORK}  -  caseworker
worker|coordinator  inside  -           -  helper
{WHATEVER.strip()}
""",
    "C2": f"""
coordinator         inside  {CASEWORK}  -  merger
worker              inside  TKSK        -  merger
worker              inside  {CASEWORK}  -  caseworker
{WHATEVER.strip()}
""",
    "C3": f"""
worker              inside  TKSK        -  closed_merger
worker              inside  PEKSOS      -  closed_circle
dinsos              inside  -           -  closed_dinsos
{WHATEVER.strip()}
""",
}
# What each may do with the record: read it whole, find it in the list and by its id, change it, say
# its NIK anew, find it by its NIK (never a masked one), read who looked at it, ask as services do,
# and see who looks like it. That it is another person than itself, that it goes on as itself, and
# that it no longer does is refused to those who may say such things, and only then for what it
# says. Last: read how its data is protected, and hand out the file of everything held about the
# person.
MAY = """
                read list search lookup change renik nik audit facts alike apart merge unmerge protect file
dinsos          200  200  200    200    200    200   200 200   403   200   422   422   404     200     200
dinsos_away     404  404  404    404    404    404   404 404   403   404   404   404   404     404     404
admin           403  403  403    403    403    403   403 200   403   403   403   403   403     403     403
officer         403  403  403    403    403    403   403 200   403   403   403   403   403     200     200
admin_away      403  403  403    403    403    403   403 404   403   403   403   403   403     403     403
officer_away    403  403  403    403    403    403   403 404   403   403   403   403   403     404     404
village_head    403  403  403    403    403    403   403 403   403   403   403   403   403     403     403
closed_dinsos   200  200  200    200    200    200   404 200   403   200   422   422   404     200     200
closed_circle   200  200  200    200    403    403   404 403   403   200   403   403   403     200     403
closed_merger   200  200  200    200    403    403   404 403   403   200   403   403   404     200     403
caseworker      200  200  200    200    200    200   200 403   403   200   422   403   403     200     403
caseworker_away 404  404  404    404    404    404   404 403   403   404   404   403   403     404     403
merger          200  200  200    200    200    200   200 403   403   200   422   422   404     200     403
merger_away     404  404  404    404    404    404   404 403   403   404   404   404   404     404     403
helper          200  200  200    200    403    403   403 403   403   200   403   403   403     200     403
helper_away     404  404  404    404    404    404   403 403   403   404   404   403   403     404     403
registrar       200  200  200    200    200    200   404 403   403   200   422   403   403     200     403
holder          200  200  200    200    403    403   404 403   403   200   403   403   403     200     403
service         403  403  403    403    403    403   403 403   200   403   403   403   403     403     403
idle            403  403  403    403    403    403   403 403   403   403   403   403   403     403     403
stranger        401  401  401    401    401    401   401 401   401   401   401   401   401     401     401
"""  # noqa: E501 - a row for each
COLUMNS = {
    "read": "GET /beneficiaries/{beneficiary_id}",
    "list": "GET /beneficiaries",
    "search": "POST /beneficiaries/search",
    "lookup": "POST /beneficiaries/lookup",
    "change": "PATCH /beneficiaries/{beneficiary_id}",
    "renik": "PUT /beneficiaries/{beneficiary_id}/nik",
    "nik": "POST /beneficiaries/search-nik",
    "audit": "GET /audit",
    "facts": "GET /internal/beneficiaries/{beneficiary_id}",
    "alike": "GET /beneficiaries/{beneficiary_id}/lookalikes",
    "apart": "POST /beneficiaries/{beneficiary_id}/different",
    "merge": "POST /beneficiaries/{beneficiary_id}/merge",
    "unmerge": "POST /beneficiaries/{beneficiary_id}/unmerge",
    "protect": "GET /beneficiaries/{beneficiary_id}/protection",
    "file": "GET /beneficiaries/{beneficiary_id}/file",
}
# Done as far as one may read how the data is protected, each in its own file of tests.
RECORDS = {
    "POST /beneficiaries/{beneficiary_id}/legal-bases",
    "POST /beneficiaries/{beneficiary_id}/legal-bases/{basis_id}/withdraw",
    "POST /beneficiaries/{beneficiary_id}/requests",
}
REGISTERS = {"POST /beneficiaries", "POST /beneficiaries/batch", "POST /beneficiaries/lookalikes"}
SHARES = "POST /internal/beneficiaries"
# The parts of a record; `test_family_matrix.py` asks who may do them.
FAMILY_CALLS = {
    "PUT /beneficiaries/{family_id}/family-card",
    "GET /beneficiaries/{family_id}/members",
    "POST /beneficiaries/{family_id}/members",
    "DELETE /beneficiaries/{family_id}/members/{person_id}",
    "GET /beneficiaries/{person_id}/families",
    "GET /beneficiaries/{beneficiary_id}/categories",
    "POST /beneficiaries/{beneficiary_id}/categories",
    "POST /beneficiaries/{beneficiary_id}/categories/{code}/verify",
    "POST /beneficiaries/{beneficiary_id}/categories/{code}/end",
}
# What one may call at all, whatever lies behind it.
CALLS = """
                            worker coordinator dinsos village_head admin data_protection \
 service idle stranger
GET /internal/events        403 403 403 403 403 403  200 403 401
GET /internal/events/digest 403 403 403 403 403 403  200 403 401
GET /vulnerability          200 200 200 200 403 403  403 403 401
GET /requests               403 403 200 403 403 200  403 403 401
POST /requests/breaches     403 403 422 403 403 422  403 403 401
POST /requests/{request_id}/handle 403 403 404 403 403 404  403 403 401
GET /audit/chain            403 403 200 403 403 200  403 403 401
"""
CATEGORY = {"C1": "LUT", "C2": "PD", "C3": "ODHA"}
NIKS = {"C1": "3508035203540001", "C2": "3508035203540002", "C3": "3508035203540003"}


class Registered:
    """Three records of one village, one of each sensitivity, and who registered them."""

    def __init__(self, registrar: Actor, records: dict[str, str]) -> None:
        self.registrar = registrar
        self.records = records


@pytest.fixture
async def registered(api: Api, person: Body) -> Registered:
    # Who has moved on since: the same person with a duty in another kabupaten.
    here = Caller(Role.WORKER, "village", "PSM", "same").actor()
    away = Actor(here.id, "worker", (Caller(Role.WORKER, "elsewhere", "PSM", "same").duty(),))
    records = {}
    for level, nik in NIKS.items():
        body = person(nik=nik, categories=[CATEGORY[level]], accept_lookalikes=True)
        answer = await api(here).post("/beneficiaries", json=body)
        assert (answer.status_code, answer.json()["confidentiality"]) == (201, level)
        records[level] = record = answer.json()["id"]
        # Nobody is handed the file of a hidden person who has not asked for it.
        await api(here).post(f"/beneficiaries/{record}/requests", json={"kind": "access"})
    return Registered(away, records)


async def call(client: httpx2.AsyncClient, column: str, level: str, record: str) -> int:
    """Do what a column of the table stands for; the answer's number, 404 if a list lacks it."""
    answer = await asked(client, column, level, record)
    if column in {"list", "search", "lookup"} and answer.is_success and record not in shown(answer):
        return 404
    return answer.status_code


async def asked(
    client: httpx2.AsyncClient, column: str, level: str, record: str
) -> httpx2.Response:
    """The answer to what a column of the table stands for."""
    method, path = COLUMNS[column].split()
    sent: dict[str, dict[str, Any]] = {
        "list": {"params": {"area": SUMBERWULUH}},
        "search": {"json": {"area": SUMBERWULUH}},
        "lookup": {"json": {"ids": [record]}},
        "change": {"json": {"address": "RT 1"}},
        "renik": {"json": {"nik": NIKS[level]}},
        "nik": {"json": {"nik": NIKS[level]}},
        "audit": {"params": {"subject": record}},
        "apart": {"json": {"other": record}},
        "merge": {"json": {"into": record}},
        "file": {"params": {"handed_to": "person"}},
    }
    return await client.request(method, path.format(beneficiary_id=record), **sent.get(column, {}))


def shown(answer: httpx2.Response) -> dict[str, str]:
    """The names of a list, by id."""
    return {item["id"]: item["name"] for item in answer.json()["items"]}


def test_the_tables_name_every_endpoint(app: FastAPI) -> None:
    assert guarded(app) == {
        *COLUMNS.values(),
        *REGISTERS,
        *RECORDS,
        SHARES,
        *FAMILY_CALLS,
        *LISTS,
        *REPORTS,
        *table(CALLS),
    }
    assert unguarded(app) == OPEN_TO_ALL
    assert all(set(row) == set(COLUMNS) for row in table(MAY).values())


def test_every_kind_of_standing_occurs_among_the_callers() -> None:
    found = {caller.standing(lines) for caller in CALLERS for lines in STANDING.values()}
    own = {"registrar", "holder"}
    assert found == set(table(MAY)) - own - {"service", "idle", "stranger"}


@pytest.mark.parametrize("level", STANDING)
async def test_each_caller_reads_and_does_what_the_table_says(
    api: Api, registered: Registered, level: str
) -> None:
    record = registered.records[level]
    expected, found = {}, {}
    for caller in CALLERS:
        client = api(caller.actor())
        for column, number in table(MAY)[caller.standing(STANDING[level])].items():
            expected[caller, column] = number
            found[caller, column] = await call(client, column, level, record)
    assert wrong(found, expected) == {}


@pytest.mark.parametrize("level", STANDING)
async def test_p8_whatever_tells_of_a_record_stands_in_its_trail(
    *, api: Api, registered: Registered, dinsos: Actor, owner: asyncpg.Connection, level: str
) -> None:
    record = registered.records[level]
    service = Actor(uuid.uuid4(), "service", name="cases")
    told, written = set(), set()
    for column in COLUMNS:
        for actor in (dinsos, service):
            answer = await asked(api(actor), column, level, record)
            if not answer.is_success:
                continue
            told.add(column)
            rows = await owner.fetch(
                "select subject_id from audit_log where request_id = $1 and actor_id = $2",
                answer.headers["x-request-id"], actor.id,
            )  # fmt: skip
            of = {row["subject_id"] for row in rows}
            # Who looks like somebody tells of the others, of some without their own id.
            if column == "alike":
                is_there = len(of) == len(answer.json()["items"])
            else:
                is_there = UUID(record) in of
            if is_there:
                written.add(column)
    hidden = {"nik"} if level == "C3" else set()
    assert told == set(COLUMNS) - {"apart", "merge", "unmerge"} - hidden
    assert written == told


@pytest.mark.parametrize("level", STANDING)
async def test_without_a_duty_there_is_nothing_to_read_or_do(
    app: FastAPI, api: Api, registered: Registered, level: str
) -> None:
    async with without_duty(app, api, "cases") as clients:
        for who, client in clients.items():
            for column, number in table(MAY)[who].items():
                found = await call(client, column, level, registered.records[level])
                assert found == number, (who, column)


@pytest.mark.parametrize("level", STANDING)
async def test_the_registrar_and_the_holder_do_theirs_wherever_they_are(
    *, api: Api, registered: Registered, worker_db: Database, step: Step, level: str
) -> None:
    record = registered.records[level]
    holder = Caller(Role.WORKER, "elsewhere", "PSM", "other").actor()
    accepted = step(ReferralAccepted, 1, UUID(record), holder.id)
    inbox = Inbox("registry", worker_db, REACTIONS)
    assert len(await inbox.apply("test:ev:cases", [Entry("1-0", accepted.to_json())])) == 1
    for who, actor in (("registrar", registered.registrar), ("holder", holder)):
        for column, number in table(MAY)[who].items():
            assert await call(api(actor), column, level, record) == number, (who, column)
        assert shown(await api(actor).get("/beneficiaries"))[record] != HIDDEN, who


async def test_those_who_no_longer_do_field_work_keep_nothing_they_registered(
    api: Api, registered: Registered
) -> None:
    for role, standing in ((Role.ADMIN, "admin"), (Role.VILLAGE_HEAD, "village_head")):
        now = Caller(role, "village", "PSM", "same").duty()
        client = api(Actor(registered.registrar.id, "worker", (now,)))
        for level, record in registered.records.items():
            for column, number in table(MAY)[standing].items():
                assert await call(client, column, level, record) == number, (role, level, column)


async def test_duties_that_miss_one_thing_each_do_not_add_up(
    api: Api, registered: Registered
) -> None:
    duties = (
        Caller(Role.WORKER, "elsewhere", "PEKSOS", "none").duty(),
        Caller(Role.WORKER, "village", "KARANG_TARUNA", "none").duty(),
        Caller(Role.DINSOS, "neighbour", "DINSOS", "none").duty(),
        Caller(Role.ADMIN, "neighbour", "DINSOS", "none").duty(),
    )
    client = api(Actor(uuid.uuid4(), "worker", duties))
    for level, record in registered.records.items():
        standing = Caller(Role.WORKER, "village", "KARANG_TARUNA", "none").standing(STANDING[level])
        # That one may search by NIK, merge, read a trail and hand out a file elsewhere turns the
        # refusal of the whole call into "there is none"; a record that can be read is there.
        elsewhere = dict.fromkeys(("nik", "unmerge", "audit", "file"), 404)
        elsewhere["merge"] = 403 if table(MAY)[standing]["read"] == 200 else 404
        for column, number in (table(MAY)[standing] | elsewhere).items():
            assert await call(client, column, level, record) == number, (level, column)


@pytest.mark.parametrize("role", Role)
async def test_areas_on_both_sides_do_not_hold_what_lies_between(
    api: Api, registered: Registered, role: Role
) -> None:
    for pillar in ("PSM", "TKSK", "KARANG_TARUNA"):
        kind, actor = astride(role, pillar)
        for level, record in registered.records.items():
            for column, number in table(MAY)[kind.standing(STANDING[level])].items():
                found = await call(api(actor), column, level, record)
                assert found == number, (pillar, level, column)


async def test_lists_tell_the_name_of_a_special_services_record_to_nobody_of_the_table(
    api: Api, registered: Registered
) -> None:
    record = registered.records["C3"]
    seen = set()
    for caller in CALLERS:
        client = api(caller.actor())
        for answer in (
            await client.get("/beneficiaries", params={"area": SUMBERWULUH}),
            await client.post("/beneficiaries/lookup", json={"ids": [record]}),
        ):
            if answer.is_success and record in shown(answer):
                seen.add(shown(answer)[record])
    assert seen == {HIDDEN}


async def test_of_each_pillar_the_table_says_whether_it_works_with_persons(
    api: Api, registered: Registered
) -> None:
    for pillar in PILLARS:
        caller = Caller(Role.WORKER, "village", pillar, "none")
        client = api(caller.actor())
        for level, record in registered.records.items():
            for column, number in table(MAY)[caller.standing(STANDING[level])].items():
                assert await call(client, column, level, record) == number, (pillar, level, column)


async def test_people_are_registered_by_field_staff_in_their_area(
    app: FastAPI, api: Api, without_nik: Body
) -> None:
    expected, found = {}, {}
    for caller in CALLERS:
        works_here = caller.role in {"worker", "coordinator", "dinsos"}
        expected[caller] = 201 if works_here and caller.area not in OUTSIDE else 403
        body = without_nik(accept_lookalikes=True)
        answer = await api(caller.actor()).post("/beneficiaries", json=body)
        found[caller] = answer.status_code
    assert wrong(found, expected) == {}
    async with without_duty(app, api, "cases") as clients:
        for who, client in clients.items():
            answer = await client.post("/beneficiaries", json=without_nik(accept_lookalikes=True))
            assert answer.status_code == (401 if who == "stranger" else 403), who


async def test_a_batch_is_taken_from_field_staff_and_its_items_in_their_area(
    app: FastAPI, api: Api, without_nik: Body
) -> None:
    expected, found = {}, {}
    for caller in CALLERS:
        works_here = caller.role in {"worker", "coordinator", "dinsos"}
        here = "created" if caller.area not in OUTSIDE else "invalid"
        expected[caller] = (200, here) if works_here else (403, None)
        item = {"key": str(uuid.uuid4()), **without_nik(accept_lookalikes=True)}
        body = {"items": [item]}
        answer = await api(caller.actor()).post("/beneficiaries/batch", json=body)
        status = answer.json()["items"][0]["status"] if answer.is_success else None
        found[caller] = (answer.status_code, status)
    assert found == expected
    async with without_duty(app, api, "cases") as clients:
        for who, client in clients.items():
            body = {"items": [{"key": str(uuid.uuid4()), **without_nik(accept_lookalikes=True)}]}
            answer = await client.post("/beneficiaries/batch", json=body)
            assert answer.status_code == (401 if who == "stranger" else 403), who


@pytest.mark.parametrize("level", STANDING)
async def test_who_reads_how_data_is_protected_takes_down_what_is_asked(
    *, app: FastAPI, api: Api, registered: Registered, level: str
) -> None:
    record = registered.records[level]
    client = api(registered.registrar)
    agreed = await client.post(f"/beneficiaries/{record}/legal-bases", json={"basis": "consent"})
    basis = agreed.json()["id"]
    # The withdrawal comes last: whoever is allowed first takes it from the others.
    calls: dict[str, dict[str, str]] = {
        "legal-bases": {"basis": "public_task"},
        "requests": {"kind": "access"},
        f"legal-bases/{basis}/withdraw": {},
    }
    done = {201, 409}
    for caller in every_caller(("PSM", "TKSK", "KARANG_TARUNA"), offices=("none",)):
        reads = table(MAY)[caller.standing(STANDING[level])]["protect"]
        for path, body in calls.items():
            answer = await api(caller.actor()).post(f"/beneficiaries/{record}/{path}", json=body)
            found = 200 if answer.status_code in done else answer.status_code
            assert found == reads, (caller, path)
    async with without_duty(app, api, "cases") as clients:
        for who, other in clients.items():
            for path, body in calls.items():
                answer = await other.post(f"/beneficiaries/{record}/{path}", json=body)
                assert answer.status_code == table(MAY)[who]["protect"], (who, path)


async def test_facts_of_many_are_for_our_own_services(
    app: FastAPI, api: Api, registered: Registered
) -> None:
    body = {"ids": list(registered.records.values())}
    async with without_duty(app, api, "cases") as clients:
        for role in Role:
            clients[role.value] = api(Caller(role, "kabupaten", "PSM", "none").actor())
        for who, client in clients.items():
            answer = await client.post("/internal/beneficiaries", json=body)
            number = {"service": 200, "stranger": 401}.get(who, 403)
            assert answer.status_code == number, who


async def test_what_is_open_without_a_thing_is_open_by_role(app: FastAPI, api: Api) -> None:
    digest = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    questions = {
        "/internal/events/digest": digest,
        "/vulnerability": {"area": LUMAJANG, "by": "kecamatan"},
    }
    async with without_duty(app, api, "cases") as clients:
        for role in Role:
            clients[role.value] = api(Caller(role, "kabupaten", "PSM", "none").actor())
        for line, numbers in table(CALLS).items():
            method, path = line.split()
            for who, number in numbers.items():
                answer = await clients[who].request(
                    method,
                    path.format(request_id=uuid.uuid4()),
                    params=questions.get(path),
                    json={},
                )
                assert answer.status_code == number, (line, who)


async def test_real_counts_are_told_of_the_area_of_ones_duty_alone(
    api: Api, without_nik: Body
) -> None:
    registrar = Caller(Role.WORKER, "village", "PSM", "none").actor()
    answer = await api(registrar).post("/beneficiaries", json=without_nik())
    assert answer.status_code == 201
    params = {"area": SUMBERWULUH, "by": "desa"}
    expected: dict[Caller, tuple[int, int | None]] = {}
    found: dict[Caller, tuple[int, int | None]] = {}
    for caller in CALLERS:
        if caller.role in {"admin", "data_protection"}:
            expected[caller] = (403, None)
        else:
            expected[caller] = (200, None if caller.area in OUTSIDE else 1)
        answer = await api(caller.actor()).get("/vulnerability", params=params)
        count = answer.json()["total"]["count"] if answer.is_success else None
        found[caller] = (answer.status_code, count)
    assert found == expected
