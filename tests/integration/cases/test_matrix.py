"""Every endpoint of cases x every kind of caller, against a table written by hand."""

import uuid
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from shared.http import permission_of, routes_of
from tests.conftest import SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.seeding import put

OFFICE, OTHER_OFFICE = UUID(int=11), UUID(int=12)
AREAS = {
    "village": SUMBERWULUH,
    "kecamatan": "35.08.03",
    "kabupaten": "35.08",
    "sender's": "35.08.04",
    "sibling": "35.08.03.2006",
    "elsewhere": "35.09",
}
INSIDE = {"village", "kecamatan", "kabupaten"}
PILLARS = {"same": "PSM", "tksk": "TKSK", "other": "KARANG_TARUNA"}
OFFICES = {"same": OFFICE, "other": OTHER_OFFICE, "none": None}
# The referral waits for the PSM of one office in a village; it came from another kecamatan.
# Who is what to it, by role, area, pillar and office (`-`: any); the first fitting line counts.
STANDING = """
admin         -          -      -     nobody
worker        inside     same   same  receiver
coordinator   inside     same   same  coordinator
worker        inside     tksk   -     onlooker
dinsos        inside     same   same  receiver
dinsos        inside     -      -     onlooker
dinsos        sender's   -      -     onlooker
-             -          -      -     outsider
"""
# What each may do with it while it waits.
MAY = """
               see  accept start note complete return resend read case
receiver       200  200    409   409  409      200    409    200  200
coordinator    200  200    409   200  409      200    409    200  200
onlooker       409  409    409   409  409      409    409    200  200
sender         409  409    409   200  409      409    409    200  200
outsider       404  404    404   404  404      404    404    404  404
nobody         403  403    403   403  403      403    403    403  403
"""
# What one may call at all, whatever lies behind it.
CALLS = """
                              worker coordinator dinsos village_head admin service idle
GET  /reference               200    200         200    200          200   200     403
GET  /worklist                200    200         200    200          403   403     403
GET  /referrals               200    200         200    200          403   403     403
GET  /internal/events         403    403         403    403          403   200     403
GET  /internal/events/digest  403    403         403    403          403   200     403
"""
BODIES: dict[str, dict[str, Any]] = {
    "note": {"text": "Baik."},
    "complete": {"outcome": "need_met"},
    "return": {"reason": "capacity"},
    "resend": {"change": "Lengkap."},
}
VERBS = ("see", "accept", "start", "note", "complete", "return", "resend")
SENDS = {("POST", "/referrals"), ("POST", "/referrals/plan")}


@dataclass(frozen=True, slots=True)
class Caller:
    """One kind of caller, by the words of the table."""

    role: str
    area: str
    pillar: str
    office: str

    def actor(self) -> Actor:
        duty = Duty(PILLARS[self.pillar], AREAS[self.area], Role(self.role), OFFICES[self.office])
        return Actor(uuid.uuid4(), "worker", (duty,))

    def standing(self) -> str:
        for line in STANDING.strip().splitlines():
            role, area, pillar, office, standing = line.split()
            if (
                role in {"-", self.role}
                and (area in {"-", self.area} or (area == "inside" and self.area in INSIDE))
                and pillar in {"-", self.pillar}
                and office in {"-", self.office}
            ):
                return standing
        raise LookupError


CALLERS = [Caller(*words) for words in product(Role, AREAS, PILLARS, OFFICES)]


def table(text: str) -> dict[str, dict[str, int]]:
    """Rows by their first words, columns by their heads."""
    heads, *lines = text.strip("\n").splitlines()
    found = {}
    for line in lines:
        cells = line.split()
        columns = heads.split()
        name, numbers = cells[: -len(columns)], cells[-len(columns) :]
        found[" ".join(name)] = dict(zip(columns, map(int, numbers), strict=True))
    return found


async def call(client: httpx2.AsyncClient, column: str, referral: UUID, case: UUID) -> int:
    """Do what a column of the table stands for; the answer's number."""
    if column == "read":
        answer = await client.get(f"/referrals/{referral}")
    elif column == "case":
        answer = await client.get(f"/cases/{case}")
    else:
        path = f"/referrals/{referral}/{column}"
        answer = await client.post(path, json=BODIES.get(column, {}))
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


def test_the_tables_name_every_guarded_endpoint(app: FastAPI) -> None:
    guarded = {
        (method, route.path)
        for route in routes_of(app)
        for method in route.methods or ()
        if permission_of(route) is not None
    }
    listed = {(line.split()[0], line.split()[1]) for line in table(CALLS)}
    columns = {
        *(("POST", f"/referrals/{{referral_id}}/{verb}") for verb in VERBS),
        ("GET", "/referrals/{referral_id}"),
        ("GET", "/cases/{case_id}"),
    }
    assert guarded == listed | columns | SENDS
    assert set(next(iter(table(MAY).values()))) == {*VERBS, "read", "case"}


def test_every_kind_of_standing_occurs_among_the_callers() -> None:
    found = {caller.standing() for caller in CALLERS}
    assert found == set(table(MAY)) - {"sender"}


async def test_each_caller_reads_and_does_what_the_table_says(
    api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    waiting = await waiting_for_psm(worker_db, owner, sender)
    expected, found = {}, {}
    for caller in CALLERS:
        client = api(caller.actor())
        for column, number in table(MAY)[caller.standing()].items():
            expected[caller, column] = number
            found[caller, column] = await call(client, column, waiting.id, waiting.case_id)
            if found[caller, column] == 200:
                await waiting.reset()
    wrong = {key: (found[key], expected[key]) for key in found if found[key] != expected[key]}
    assert wrong == {}


async def test_a_special_services_referral_is_there_for_nobody_of_the_table(
    api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    named = Caller("worker", "elsewhere", "other", "other").actor()
    secret = await waiting_for_psm(
        worker_db, owner, sender, confidentiality=Confidentiality.C3, worker_id=named.id
    )
    for caller in CALLERS:
        client = api(caller.actor())
        for column in ("read", "accept", "case"):
            number = await call(client, column, secret.id, secret.case_id)
            assert number == (403 if caller.role == "admin" else 404), (caller, column)
    assert await call(api(named), "read", secret.id, secret.case_id) == 200
    assert await call(api(named), "accept", secret.id, secret.case_id) == 200


async def test_a_c2_referral_is_there_for_the_same_people(
    api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    waiting = await waiting_for_psm(worker_db, owner, sender, confidentiality=Confidentiality.C2)
    for caller in CALLERS:
        number = await call(api(caller.actor()), "read", waiting.id, waiting.case_id)
        assert number == table(MAY)[caller.standing()]["read"], caller


async def test_the_sender_the_named_and_the_holder_do_theirs_wherever_they_are(
    api: Api, worker_db: Database, owner: Owner, sender: Actor
) -> None:
    waiting = await waiting_for_psm(worker_db, owner, sender)
    for column, number in table(MAY)["sender"].items():
        found = await call(api(sender), column, waiting.id, waiting.case_id)
        assert found == number, column
        if found == 200:
            await waiting.reset()
    away = Caller("worker", "elsewhere", "other", "other").actor()
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


async def test_what_is_open_without_a_thing_is_open_by_role(api: Api) -> None:
    digest = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    actors = {
        **{role.value: Caller(role, "kabupaten", "same", "none").actor() for role in Role},
        "service": Actor(uuid.uuid4(), "service", name="notifications"),
        "idle": Actor(uuid.uuid4(), "worker"),
    }
    for line, numbers in table(CALLS).items():
        method, path = line.split()
        question = digest if path.endswith("digest") else {}
        for who, number in numbers.items():
            answer = await api(actors[who]).request(method, path, params=question)
            assert answer.status_code == number, (line, who)


async def test_a_need_can_be_sent_by_field_staff_for_people_of_their_area(
    api: Api, employ: Employ, need: Need
) -> None:
    # Nobody is employed, so each plan warns; the referral is taken and waits.
    for caller in CALLERS:
        inside = caller.area in INSIDE
        first = 403 if caller.role == "admin" else 404 if not inside else None
        client = api(caller.actor())
        planned = await client.post("/referrals/plan", json=need())
        sent = await client.post("/referrals", json=need())
        assert planned.status_code == (first or 200), caller
        assert sent.status_code == (first or 201), caller
    for outsider in (Actor(uuid.uuid4(), "service", name="portal"), Actor(uuid.uuid4(), "worker")):
        for path in ("/referrals", "/referrals/plan"):
            assert (await api(outsider).post(path, json=need())).status_code == 403
