"""Every endpoint of cases x every kind of caller, against a table written by hand."""

import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from tests.conftest import SUMBERWULUH
from tests.fixtures.matrix import (
    OFFICE,
    OPEN_TO_ALL,
    OUTSIDE,
    PILLAR,
    Caller,
    astride,
    every_caller,
    guarded,
    patchwork,
    table,
    unguarded,
    without_duty,
    wrong,
)
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.seeding import put
from tests.integration.cases.test_board_matrix import ENDPOINTS as BOARDS
from tests.integration.cases.test_disaster_matrix import ENDPOINTS as DISASTERS
from tests.integration.cases.test_files_matrix import ENDPOINTS as FILES
from tests.integration.cases.test_rules_matrix import ENDPOINTS as RULES

CALLERS = [
    *every_caller((PILLAR, "TKSK", "KARANG_TARUNA", "PEKSOS")),
    *(Caller(Role.WORKER, "village", "PEKSOS", office) for office in ("other", "none")),
]
# The referral waits for the PSM of one office in a village; it came from the neighbour kecamatan.
# Who is what to it, by role, area, pillar and office.
STANDING = """
admin                  -          -      -     nobody
worker                 inside     PSM    same  receiver
coordinator            inside     PSM    same  coordinator
worker                 inside     TKSK   -     onlooker
worker                 inside     PEKSOS same  onlooker
dinsos                 inside     PSM    same  coordinator
dinsos                 inside     -      -     overseer
dinsos                 neighbour  -      -     onlooker
-                      -          -      -     outsider
"""
# What each may do with it while it waits: first those who read it or not at all.
MAY = """
             read case see accept start complete return resend hold resume note \
 assign hand_over reroute recall cancel correct phase close reopen
receiver     200 200 200 200 409 409 200 409 409 409 409  409 409 409 409 409 409 403 403 403
coordinator  200 200 200 200 409 409 200 409 409 409 200  200 409 200 409 200 200 200 409 409
overseer     200 200 409 409 409 409 409 409 409 409 200  200 409 200 409 200 200 200 409 409
onlooker     200 200 409 409 409 409 409 409 409 409 409  409 409 409 409 409 409 403 403 403
sender       200 200 409 409 409 409 409 409 409 409 200  409 409 200 200 200 409 200 409 409
outsider     404 404 404 404 404 404 404 404 404 404 404  404 404 404 404 404 404 404 404 404
nobody       403 403 403 403 403 403 403 403 403 403 403  403 403 403 403 403 403 403 403 403
service      403 403 403 403 403 403 403 403 403 403 403  403 403 403 403 403 403 403 403 403
idle         403 403 403 403 403 403 403 403 403 403 403  403 403 403 403 403 403 403 403 403
stranger     401 401 401 401 401 401 401 401 401 401 401  401 401 401 401 401 401 401 401 401
"""
# Who may break the glass of a special services referral that waits there for a named person.
GLASS = """
admin|data_protection|village_head  -       -            -     403
worker                              inside  TKSK|PEKSOS  -     201
worker                              -       TKSK|PEKSOS  -     404
worker                              -       -            -     403
coordinator                         inside  PSM          same  201
coordinator                         -       -            -     404
dinsos                              inside  -            -     201
dinsos                              -       -            -     404
"""
# What one may call at all, whatever lies behind it.
CALLS = """
                            worker coordinator dinsos village_head admin data_protection \
 service idle stranger
GET /reference              200 200 200 200 200 200  200 403 401
GET /worklist               200 200 200 200 403 200  403 403 401
GET /referrals              200 200 200 200 403 200  403 403 401
GET /internal/events        403 403 403 403 403 403  200 403 401
GET /internal/events/digest 403 403 403 403 403 403  200 403 401
"""
COLLEAGUE = UUID(int=99)
"""A PSM of the village and the office, to whom work can be given."""
REASON = {"reason": "Sudah ditangani keluarga."}
BODIES: dict[str, dict[str, Any]] = {
    "note": {"text": "Baik."},
    "complete": {"outcome": "need_met"},
    "return": {"reason": "capacity"},
    "resend": {"change": "Lengkap."},
    "assign": {"worker_id": str(COLLEAGUE)},
    "hand_over": {"worker_id": str(COLLEAGUE)},
    "hold": {**REASON, "until": "2099-01-01T00:00:00Z"},
    "reroute": {"target": {"pillar": "TKSK"}},
    "recall": REASON,
    "cancel": REASON,
    "correct": REASON,
    "phase": {"phase": "assessment"},
    "close": {"reason": "need_met"},
    "reopen": REASON,
}
READS = ("read", "case")
CASE_STEPS = ("phase", "close", "reopen")
BARRED = {"admin", "data_protection"}
NUMBERED = "GET /cases/by-number/{number}"
"""Open to whoever may read the case."""
SENDS = {"POST /referrals", "POST /referrals/plan", "POST /glass"}


async def call(client: httpx2.AsyncClient, column: str, referral: UUID, case: UUID) -> int:
    """Do what a column of the table stands for; the answer's number."""
    if column == "read":
        answer = await client.get(f"/referrals/{referral}")
    elif column == "case":
        answer = await client.get(f"/cases/{case}")
    else:
        thing = f"/cases/{case}" if column in CASE_STEPS else f"/referrals/{referral}"
        answer = await client.post(f"{thing}/{column}", json=BODIES.get(column, {}))
    return answer.status_code


@dataclass
class Waiting:
    """The referral of the table; `reset` lets it wait again after somebody took a step."""

    id: UUID
    case_id: UUID
    owner: Owner

    async def reset(self) -> None:
        await self.owner.execute(
            "update referrals set status = 'sent', holder_id = null, seen_at = null,"
            " paused_at = null where id = $1",
            self.id,
        )
        await self.owner.execute("update cases set phase = 'intake' where id = $1", self.case_id)
        # What it was rerouted to would open the case to others.
        instead = "(select id from referrals where rerouted_from = $1)"
        for line in (
            f"delete from referral_steps where referral_id in {instead}",  # noqa: S608 - fixed text
            "delete from referrals where rerouted_from = $1",
        ):
            await self.owner.execute(line, self.id)


@pytest.fixture(autouse=True)
async def colleague(employ: Employ) -> None:
    await employ(Actor(COLLEAGUE, "worker", (Duty("PSM", SUMBERWULUH, Role.WORKER, OFFICE),)))


async def waiting_for_psm(
    worker_db: Database, owner: Owner, sender: Actor, **changes: Any
) -> Waiting:
    referral = await put(
        worker_db,
        sender,
        **{
            "pillar": "PSM",
            "area": SUMBERWULUH,
            "sender_area": "35.08.04.2001",
            "organisation_id": OFFICE,
            **changes,
        },
    )
    case = await owner.fetchval("select case_id from referrals where id = $1", referral)
    return Waiting(referral, case, owner)


@pytest.fixture
def sender() -> Actor:
    return Actor(uuid.uuid4(), "worker", (Duty("PSM", "35.08.04.2001", Role.WORKER, None),))


def test_the_tables_name_every_endpoint(app: FastAPI) -> None:
    heads = list(next(iter(table(MAY).values())))
    columns = {
        "GET /referrals/{referral_id}",
        "GET /cases/{case_id}",
        NUMBERED,
        *(f"POST /cases/{{case_id}}/{step}" for step in CASE_STEPS),
        *(
            f"POST /referrals/{{referral_id}}/{verb}"
            for verb in heads
            if verb not in {*READS, *CASE_STEPS}
        ),
    }
    assert guarded(app) == (
        set(table(CALLS))
        | columns
        | SENDS
        | RULES
        | BOARDS
        | {*DISASTERS.values(), *FILES.values()}
    )
    assert unguarded(app) == OPEN_TO_ALL


def test_every_kind_of_standing_occurs_among_the_every_caller() -> None:
    found = {caller.standing(STANDING) for caller in CALLERS}
    assert found == set(table(MAY)) - {"sender", "service", "idle", "stranger"}


async def test_each_caller_reads_and_does_what_the_table_says(
    api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    waiting = await waiting_for_psm(worker_db, owner, sender)
    expected, found = {}, {}
    for caller in CALLERS:
        client = api(caller.actor())
        for column, number in table(MAY)[caller.standing(STANDING)].items():
            expected[caller, column] = number
            found[caller, column] = await call(client, column, waiting.id, waiting.case_id)
            if found[caller, column] == 200 and column not in READS:
                await waiting.reset()
    assert wrong(found, expected) == {}


async def test_without_a_duty_there_is_nothing_to_read_or_do(
    app: FastAPI, api: Api, worker_db: Database, owner: Owner, sender: Actor, need: Need
) -> None:
    waiting = await waiting_for_psm(worker_db, owner, sender)
    async with without_duty(app, api) as clients:
        for who, client in clients.items():
            for column, number in table(MAY)[who].items():
                found = await call(client, column, waiting.id, waiting.case_id)
                assert found == number, (who, column)
            for path in ("/referrals", "/referrals/plan"):
                answer = await client.post(path, json=need())
                assert answer.status_code == (401 if who == "stranger" else 403), (who, path)


async def test_duties_that_miss_one_thing_each_do_not_add_up(
    api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    waiting = await waiting_for_psm(worker_db, owner, sender)
    for role in (Role.WORKER, Role.COORDINATOR):
        client = api(patchwork(role))
        for column, number in table(MAY)["outsider"].items():
            found = await call(client, column, waiting.id, waiting.case_id)
            assert found == number, (role, column)


async def test_areas_on_both_sides_do_not_hold_what_lies_between(
    api: Api, worker_db: Database, owner: Owner
) -> None:
    far = Actor(uuid.uuid4(), "worker", (Duty("PSM", "35.10.01.2001", Role.WORKER, None),))
    waiting = await waiting_for_psm(worker_db, owner, far, sender_area="35.10.01.2001")
    for role in Role:
        kind, actor = astride(role)
        for column, number in table(MAY)[kind.standing(STANDING)].items():
            found = await call(api(actor), column, waiting.id, waiting.case_id)
            assert found == number, (role, column)


async def test_a_special_services_referral_is_there_for_nobody_of_the_table(
    api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    named = Caller("worker", "elsewhere", "KARANG_TARUNA", "other").actor()
    secret = await waiting_for_psm(
        worker_db, owner, sender, confidentiality=Confidentiality.C3, worker_id=named.id
    )
    for caller in CALLERS:
        client = api(caller.actor())
        for column in ("read", "accept", "case"):
            number = await call(client, column, secret.id, secret.case_id)
            assert number == (403 if caller.role == Role.ADMIN else 404), (caller, column)
    assert await call(api(named), "read", secret.id, secret.case_id) == 200
    assert await call(api(named), "accept", secret.id, secret.case_id) == 200


async def test_the_glass_of_a_special_services_referral_breaks_for_those_of_the_table(
    app: FastAPI, api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    secret = await waiting_for_psm(
        worker_db, owner, sender, confidentiality=Confidentiality.C3, worker_id=COLLEAGUE
    )
    number = await owner.fetchval("select number from cases where id = $1", secret.case_id)
    body = {"case_number": number, "reason": "Anak tidak sadarkan diri."}
    for caller in CALLERS:
        answer = await api(caller.actor()).post("/glass", json=body)
        assert answer.status_code == int(caller.standing(GLASS)), caller
    async with without_duty(app, api) as clients:
        for who, client in clients.items():
            answer = await client.post("/glass", json=body)
            assert answer.status_code == (401 if who == "stranger" else 403), who


async def test_a_case_is_found_by_its_number_by_those_who_may_read_it(
    app: FastAPI, api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    waiting = await waiting_for_psm(worker_db, owner, sender)
    number = await owner.fetchval("select number from cases where id = $1", waiting.case_id)
    path = f"/cases/by-number/{number}"
    for caller in CALLERS:
        answer = await api(caller.actor()).get(path)
        assert answer.status_code == table(MAY)[caller.standing(STANDING)]["case"], caller
        if answer.is_success:
            assert answer.json() == {"id": str(waiting.case_id), "number": number}
    async with without_duty(app, api) as clients:
        for who, client in clients.items():
            assert (await client.get(path)).status_code == table(MAY)[who]["case"], who


async def test_a_c2_referral_is_there_for_the_same_people(
    api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    waiting = await waiting_for_psm(worker_db, owner, sender, confidentiality=Confidentiality.C2)
    for caller in CALLERS:
        number = await call(api(caller.actor()), "read", waiting.id, waiting.case_id)
        assert number == table(MAY)[caller.standing(STANDING)]["read"], caller


async def test_the_sender_the_named_and_the_holder_do_theirs_wherever_they_are(
    api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    waiting = await waiting_for_psm(worker_db, owner, sender)
    for column, number in table(MAY)["sender"].items():
        found = await call(api(sender), column, waiting.id, waiting.case_id)
        assert found == number, column
        if found == 200:
            await waiting.reset()
    away = Caller("worker", "elsewhere", "KARANG_TARUNA", "other").actor()
    named = await waiting_for_psm(worker_db, owner, sender, worker_id=away.id)
    for column, number in table(MAY)["receiver"].items():
        found = await call(api(away), column, named.id, named.case_id)
        assert found == number, column
        if found == 200:
            await named.reset()
    for column, number in {
        "read": 200, "case": 200, "accept": 409, "resend": 409, "start": 200, "note": 200,
        "complete": 200,
    }.items():  # fmt: skip
        held = await waiting_for_psm(worker_db, owner, sender, status="accepted", holder_id=away.id)
        assert await call(api(away), column, held.id, held.case_id) == number, column


async def test_what_is_open_without_a_thing_is_open_by_role(app: FastAPI, api: Api) -> None:
    digest = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    async with without_duty(app, api, "notifications") as clients:
        for role in Role:
            clients[role.value] = api(Caller(role, "kabupaten", "PSM", "none").actor())
        for line, numbers in table(CALLS).items():
            method, path = line.split()
            question = digest if path.endswith("digest") else {}
            for who, number in numbers.items():
                answer = await clients[who].request(method, path, params=question)
                assert answer.status_code == number, (line, who)


async def test_a_need_can_be_sent_by_field_staff_for_people_of_their_area(
    api: Api, employ: Employ, need: Need
) -> None:
    # Nobody is employed, so each plan warns; the referral is taken and waits.
    for caller in CALLERS:
        inside = caller.area not in OUTSIDE
        first = 403 if caller.role in BARRED else 404 if not inside else None
        client = api(caller.actor())
        planned = await client.post("/referrals/plan", json=need())
        sent = await client.post("/referrals", json=need())
        assert planned.status_code == (first or 200), caller
        assert sent.status_code == (first or 201), caller
