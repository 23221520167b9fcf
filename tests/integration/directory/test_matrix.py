"""Every endpoint of directory x every kind of caller, against a table written by hand."""

import uuid
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from services.directory.storage.organisations import Organisation
from services.directory.use_cases.import_organisations import import_organisations
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.fixtures.callers import Api
from tests.fixtures.matrix import (
    AREAS,
    OFFICE,
    OPEN_TO_ALL,
    OTHER_OFFICE,
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
from tests.fixtures.stack import Stack
from tests.integration.directory.conftest import PASSWORD, Employ, Person, days, held

CALLERS = every_caller()
# A field worker of one office's PSM in a village.
# Who is what to that worker, by role, area, pillar and office.
STANDING = """
dinsos|admin              inside  -    -     manager
coordinator               inside  PSM  same  manager
worker                    inside  PSM  same  colleague
village_head              inside  -    -     colleague
dinsos|admin|coordinator  -       -    -     manager_of_others
-                         -       -    -     outsider
"""
# The same for a worker who belongs to no office.
STANDING_WITHOUT_OFFICE = """
dinsos|admin              inside  -    -  manager
coordinator               inside  PSM  -  manager
worker                    inside  PSM  -  colleague
village_head              inside  -    -  colleague
dinsos|admin|coordinator  -       -    -  manager_of_others
-                         -       -    -  outsider
"""
# What each may do: read the worker, find them in the list, announce an absence, give and end a
# duty, and take in somebody new with just such a duty.
MAY = """
                   read  list  absence  duty  end  join
manager            200   200   201      201   200  201
colleague          200   200   403      403   403  403
themselves         200   200   201      403   403  403
manager_of_others  404   404   404      404   404  403
outsider           404   404   404      403   403  403
service            200   200   403      403   403  403
idle               403   403   403      403   403  403
stranger           401   401   401      401   401  401
"""
COLUMNS = {
    "GET /workers/{worker_id}",
    "GET /workers",
    "POST /workers/{worker_id}/absence",
    "POST /workers/{worker_id}/duties",
    "POST /workers/{worker_id}/duties/{duty_id}/end",
    "POST /workers",
}
# Which roles the holder of a role (down) gives and takes (across).
GIVES = """
                 worker  coordinator  dinsos  village_head  admin  data_protection
worker           403     403          403     403           403    403
coordinator      201     403          403     403           403    403
dinsos           201     201          403     201           403    403
village_head     403     403          403     403           403    403
admin            201     201          201     201           201    201
data_protection  403     403          403     403           403    403
"""
# Where a duty may lie that somebody in the kecamatan's area, for the PSM of one office, gives.
LIES = """
             sibling  neighbour  tksk  other_office  no_office
coordinator  201      403        403   403           201
dinsos       201      403        201   201           201
admin        201      403        201   201           201
"""
PLACES: dict[str, dict[str, Any]] = {
    "sibling": {"area": AREAS["sibling"]},
    "neighbour": {"area": AREAS["neighbour"]},
    "tksk": {"pillar": "TKSK"},
    "other_office": {"organisation_id": str(OTHER_OFFICE)},
    "no_office": {"organisation_id": None},
}
# What one may call at all, whatever lies behind it. `service` is any but the portal.
CALLS = """
                            worker coordinator dinsos village_head admin data_protection \
 portal service idle stranger
GET /me                     200 200 200 200 200 200  403 403 403 401
POST /me/password           204 204 204 204 204 204  403 403 403 401
POST /workers/lookup        200 200 200 200 200 200  200 200 403 401
GET /organisations          403 200 200 403 200 403  403 403 403 401
POST /sessions              403 403 403 403 403 403  201 403 403 401
POST /sessions/token        403 403 403 403 403 403  200 403 403 401
GET /internal/events        403 403 403 403 403 403  200 200 403 401
GET /internal/events/digest 403 403 403 403 403 403  200 200 403 401
"""
# What anybody may call: secrets of their own prove these callers.
OPEN = """
                           stranger
GET /.well-known/jwks.json 200
POST /oauth/token          200
DELETE /sessions/current   204
"""


class Employed:
    """The worker of the table; `reset` undoes what somebody did to them."""

    def __init__(self, person: Person, owner: asyncpg.Connection) -> None:
        (self.duty,) = person.duties
        self.person = person
        self.id = person.id
        self._owner = owner

    def such_a_duty(self, **changes: Any) -> dict[str, Any]:
        """A duty like the one held, as a body."""
        office = self.duty.organisation_id
        return {
            "pillar": self.duty.pillar,
            "area": self.duty.area,
            "role": self.duty.role,
            "organisation_id": str(office) if office else None,
            **changes,
        }

    async def reset(self) -> None:
        await self._owner.execute("delete from absences where worker_id = $1", self.id)
        await self._owner.execute(
            "delete from duties where worker_id = $1 and id <> $2", self.id, self.duty.id
        )
        await self._owner.execute("update duties set ends_on = null where id = $1", self.duty.id)
        await self._owner.execute("update workers set active = true where id = $1", self.id)


async def call(client: httpx2.AsyncClient, column: str, one: Employed) -> int:
    """Do what a column of the table stands for; the answer's number, 404 if a list lacks them."""
    path = f"/workers/{one.id}"
    match column:
        case "read":
            answer = await client.get(path)
        case "list":
            answer = await client.get("/workers", params={"area": SUMBERWULUH, "limit": 100})
            if answer.is_success and str(one.id) not in ids(answer):
                return 404
        case "absence":
            body = {"from": str(days(1)), "to": str(days(2))}
            answer = await client.post(f"{path}/absence", json=body)
        case "duty":
            answer = await client.post(f"{path}/duties", json=one.such_a_duty())
        case "end":
            answer = await client.post(f"{path}/duties/{one.duty.id}/end", json={})
        case _:
            answer = await client.post("/workers", json=newcomer(one.such_a_duty()))
    return answer.status_code


def newcomer(duty: dict[str, Any]) -> dict[str, Any]:
    username = f"orang.{uuid.uuid4().hex[:12]}"
    return {"name": "Bambang", "username": username, "password": PASSWORD, "duties": [duty]}


def ids(answer: httpx2.Response) -> set[str]:
    return {item["id"] for item in answer.json()["items"]}


@pytest.fixture
async def offices(database: Database) -> None:
    """Both offices of the callers, and one in another kabupaten."""
    async with database.transaction() as tx:
        await import_organisations(
            [
                Organisation(OFFICE, "Satu", "PSM", LUMAJANG),
                Organisation(OTHER_OFFICE, "Dua", "PSM", LUMAJANG),
                Organisation(UUID(int=13), "Tiga", "PSM", "35.09"),
            ],
            tx=tx,
        )


@pytest.fixture
async def psm(offices: None, employ: Employ, owner: asyncpg.Connection) -> Employed:
    return Employed(await employ(held("PSM", SUMBERWULUH, organisation_id=OFFICE)), owner)


def test_the_tables_name_every_endpoint(app: FastAPI) -> None:
    assert guarded(app) == COLUMNS | set(table(CALLS))
    assert unguarded(app) == OPEN_TO_ALL | set(table(OPEN))


def test_every_kind_of_standing_occurs_among_the_callers() -> None:
    for lines in (STANDING, STANDING_WITHOUT_OFFICE):
        found = {caller.standing(lines) for caller in CALLERS}
        assert found == set(table(MAY)) - {"themselves", "service", "idle", "stranger"}


@pytest.mark.parametrize(
    ("office", "lines"), [(OFFICE, STANDING), (None, STANDING_WITHOUT_OFFICE)], ids=["in", "no"]
)
async def test_each_caller_sees_and_does_what_the_table_says(
    *,
    api: Api,
    employ: Employ,
    owner: asyncpg.Connection,
    offices: None,
    office: UUID | None,
    lines: str,
) -> None:
    one = Employed(await employ(held("PSM", SUMBERWULUH, organisation_id=office)), owner)
    expected, found = {}, {}
    for caller in CALLERS:
        client = api(caller.actor())
        for column, number in table(MAY)[caller.standing(lines)].items():
            # Newcomers would push the worker of the table off the first page of the list.
            if column == "join":
                continue
            expected[caller, column] = number
            found[caller, column] = await call(client, column, one)
            if found[caller, column] in {200, 201} and column not in {"read", "list"}:
                await one.reset()
    assert wrong(found, expected) == {}


async def test_a_newcomer_is_taken_in_by_those_who_may_give_the_duty(
    api: Api, psm: Employed
) -> None:
    expected, found = {}, {}
    for caller in CALLERS:
        expected[caller] = table(MAY)[caller.standing(STANDING)]["join"]
        found[caller] = await call(api(caller.actor()), "join", psm)
    assert wrong(found, expected) == {}


async def test_workers_see_themselves_and_announce_their_absence_and_no_more(
    api: Api, psm: Employed
) -> None:
    for column, number in table(MAY)["themselves"].items():
        assert await call(api(psm.person.actor), column, psm) == number, column


async def test_without_a_duty_only_services_see_anybody(
    app: FastAPI, api: Api, psm: Employed
) -> None:
    async with without_duty(app, api, "cases") as clients:
        for who, client in clients.items():
            for column, number in table(MAY)[who].items():
                assert await call(client, column, psm) == number, (who, column)


@pytest.mark.parametrize(
    ("role", "standing"),
    [(Role.WORKER, "outsider"), (Role.COORDINATOR, "manager_of_others")],
)
async def test_duties_that_miss_one_thing_each_do_not_add_up(
    api: Api, psm: Employed, role: Role, standing: str
) -> None:
    client = api(patchwork(role))
    for column, number in table(MAY)[standing].items():
        assert await call(client, column, psm) == number, column


@pytest.mark.parametrize("role", Role)
async def test_areas_on_both_sides_do_not_hold_what_lies_between(
    api: Api, psm: Employed, role: Role
) -> None:
    kind, actor = astride(role)
    for column, number in table(MAY)[kind.standing(STANDING)].items():
        assert await call(api(actor), column, psm) == number, column


async def test_to_see_with_one_duty_and_manage_with_another_is_not_to_manage(
    api: Api, psm: Employed
) -> None:
    duties = (
        Caller(Role.WORKER, "village", "PSM", "same").duty(),
        Caller(Role.COORDINATOR, "elsewhere", "PSM", "same").duty(),
    )
    client = api(Actor(uuid.uuid4(), "worker", duties))
    for column, number in table(MAY)["colleague"].items():
        assert await call(client, column, psm) == number, column


async def test_to_give_a_role_with_one_duty_and_manage_with_another_is_not_to_give_it(
    api: Api, psm: Employed
) -> None:
    duties = (
        Caller(Role.COORDINATOR, "village", "PSM", "same").duty(),
        Caller(Role.ADMIN, "elsewhere", "DINSOS", "none").duty(),
    )
    client = api(Actor(uuid.uuid4(), "worker", duties))
    duty = psm.such_a_duty(role="coordinator")
    given = await client.post(f"/workers/{psm.id}/duties", json=duty)
    joined = await client.post("/workers", json=newcomer(duty))
    assert (given.status_code, joined.status_code) == (403, 403)


async def test_a_role_is_given_and_taken_only_from_above(api: Api, psm: Employed) -> None:
    for giver, row in table(GIVES).items():
        client = api(Caller(giver, "kabupaten", "PSM", "same").actor())
        for role, number in row.items():
            given = await client.post(f"/workers/{psm.id}/duties", json=psm.such_a_duty(role=role))
            assert given.status_code == number, (giver, role)
            joined = await client.post("/workers", json=newcomer(psm.such_a_duty(role=role)))
            assert joined.status_code == number, (giver, role)
            await psm.reset()


async def test_a_duty_is_given_only_where_the_giver_has_a_say(api: Api, psm: Employed) -> None:
    for giver, row in table(LIES).items():
        client = api(Caller(giver, "kecamatan", "PSM", "same").actor())
        for place, number in row.items():
            duty = psm.such_a_duty(**PLACES[place])
            given = await client.post(f"/workers/{psm.id}/duties", json=duty)
            joined = await client.post("/workers", json=newcomer(duty))
            assert (given.status_code, joined.status_code) == (number, number), (giver, place)
            await psm.reset()


async def test_a_duty_is_taken_only_by_who_could_have_given_it(
    api: Api, employ: Employ, offices: None
) -> None:
    for giver, row in table(GIVES).items():
        client = api(Caller(giver, "kabupaten", "PSM", "same").actor())
        for role, number in row.items():
            holder = await employ(held("PSM", SUMBERWULUH, Role(role), organisation_id=OFFICE))
            path = f"/workers/{holder.id}/duties/{holder.duties[0].id}/end"
            ended = await client.post(path, json={})
            assert ended.status_code == (200 if number == 201 else 403), (giver, role)


async def test_an_organisation_is_listed_for_those_who_place_people_in_its_area(
    api: Api, offices: None
) -> None:
    placing = {Role.COORDINATOR, Role.DINSOS, Role.ADMIN}
    for caller in CALLERS:
        answer = await api(caller.actor()).get("/organisations")
        if caller.role not in placing:
            assert answer.status_code == 403, caller
            continue
        in_kabupaten = {str(OFFICE), str(OTHER_OFFICE)} if caller.area == "kabupaten" else set()
        in_next = {str(UUID(int=13))} if caller.area == "elsewhere" else set()
        assert ids(answer) == in_kabupaten | in_next, caller


async def test_what_is_open_without_a_thing_is_open_by_role(
    app: FastAPI, api: Api, employ: Employ, psm: Employed
) -> None:
    async with without_duty(app, api, "cases") as clients:
        clients["portal"] = api(Actor(uuid.uuid4(), "service", name="portal"))
        for role in Role:
            clients[role.value] = api((await employ(held("PSM", LUMAJANG, role))).actor)
        sign_in = {"username": psm.person.username, "password": PASSWORD}
        opened = await clients["portal"].post("/sessions", json=sign_in)
        questions: dict[str, dict[str, Any]] = {
            "POST /me/password": {
                "json": {"current_password": PASSWORD, "new_password": PASSWORD + "-lagi"}
            },
            "POST /workers/lookup": {"json": {"ids": [str(psm.id)]}},
            "POST /sessions": {"json": sign_in},
            "POST /sessions/token": {"headers": {"X-Session": opened.json()["token"]}},
            "GET /internal/events/digest": {
                "params": {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
            },
        }
        for line, numbers in table(CALLS).items():
            method, path = line.split()
            for who, number in numbers.items():
                answer = await clients[who].request(method, path, **questions.get(line, {}))
                assert answer.status_code == number, (line, who)


async def test_what_proves_its_caller_by_a_secret_needs_no_token(
    app: FastAPI, api: Api, clean: Stack
) -> None:
    secret = clean.environment["PORTAL_CLIENT_SECRET"]
    asked: dict[str, dict[str, Any]] = {
        "POST /oauth/token": {
            "data": {"grant_type": "client_credentials"},
            "auth": ("portal", secret),
        },
        "DELETE /sessions/current": {"headers": {"X-Session": "x" * 40}},
    }
    async with without_duty(app, api) as clients:
        for line in (*table(OPEN), *OPEN_TO_ALL):
            method, path = line.split()
            answer = await clients["stranger"].request(method, path, **asked.get(line, {}))
            expected = table(OPEN)[line]["stranger"] if line in table(OPEN) else 200
            assert answer.status_code == expected, line
