"""Every endpoint of notifications x every kind of caller, against a table written by hand."""

import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from shared.auth import Actor
from shared.contracts import cases
from shared.contracts.codes import Confidentiality, Role
from tests.conftest import SUMBERWULUH
from tests.fixtures.callers import Api
from tests.fixtures.matrix import (
    OFFICE,
    OPEN_TO_ALL,
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
from tests.integration.notifications.conftest import Heard, Serve
from tests.unit.notifications.story import Story

CALLERS = every_caller()
# A referral that waits for the PSM of one office in a village, told to three of them.
# Who is what to it, by role, area, pillar and office; the notices are nobody's of these.
UP_TO_C2 = """
admin|data_protection  -       -    -     barred
coordinator            inside  PSM  same  overseer
dinsos                 inside  -    -     overseer
-                      -       -    -     outsider
"""
NAMED_ONLY = """
admin|data_protection  -       -    -     barred
-                      -       -    -     outsider
"""
STANDING = {"C1": UP_TO_C2, "C2": UP_TO_C2, "C3": NAMED_ONLY}
# What each may do: read the referral's ledger, find one recipient's notice in the own list, count
# the own notices, and read that notice, those of that referral, and all.
MAY = """
           ledger  list  count  read  read_of  read_all
barred     403     404   200    404   200      200
overseer   200     404   200    404   200      200
outsider   404     404   200    404   200      200
sender     200     404   200    404   200      200
recipient  200     200   200    200   200      200
service    403     403   403    403   403      403
idle       403     403   403    403   403      403
stranger   401     401   401    401   401      401
"""
COLUMNS = {
    "ledger": "GET /deliveries",
    "list": "GET /notices",
    "count": "GET /notices/count",
    "read": "POST /notices/{notice_id}/read",
    "read_of": "POST /notices/of-referral/{referral_id}/read",
    "read_all": "POST /notices/read-all",
}
# What one may call at all, whatever lies behind it.
CALLS = """
                            worker coordinator dinsos village_head admin data_protection \
 service idle stranger
GET /stream                 200 200 200 200 200 200  403 403 401
GET /internal/events        403 403 403 403 403 403  200 403 401
GET /internal/events/digest 403 403 403 403 403 403  200 403 401
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A referral of the table, who sent it, and one of those it was told to."""

    referral_id: UUID
    sender: UUID
    recipient: UUID
    notice_id: UUID


async def told(heard: Heard, owner: asyncpg.Connection, level: str) -> Told:
    story = Story(area=SUMBERWULUH, pillar="PSM", confidentiality=Confidentiality(level))
    await heard.hear(story.event(cases.ReferralSent, organisation_id=OFFICE))
    notice = await owner.fetchval("select id from notices where recipient_id = $1", story.pool[0])
    return Told(story.referral_id, story.sender, story.pool[0], notice)


async def call(client: httpx2.AsyncClient, column: str, one: Told) -> int:
    """Do what a column of the table stands for; the answer's number, 404 if a list lacks it."""
    method, path = COLUMNS[column].split()
    path = path.format(notice_id=one.notice_id, referral_id=one.referral_id)
    question = {"referral_id": str(one.referral_id)} if column == "ledger" else {}
    answer = await client.request(method, path, params=question)
    if column == "list" and answer.is_success:
        listed = {item["id"] for item in answer.json()["items"]}
        return 200 if str(one.notice_id) in listed else 404
    return answer.status_code


def test_the_tables_name_every_endpoint(app: FastAPI) -> None:
    assert guarded(app) == {*COLUMNS.values(), *table(CALLS)}
    assert unguarded(app) == OPEN_TO_ALL
    assert all(set(row) == set(COLUMNS) for row in table(MAY).values())


def test_every_kind_of_standing_occurs_among_the_callers() -> None:
    found = {caller.standing(lines) for caller in CALLERS for lines in STANDING.values()}
    assert found == {"barred", "overseer", "outsider"}


@pytest.mark.parametrize("level", STANDING)
async def test_each_caller_reads_what_the_table_says_and_touches_nobody_elses_notice(
    api: Api, heard: Heard, owner: asyncpg.Connection, level: str
) -> None:
    one = await told(heard, owner, level)
    expected, found = {}, {}
    for caller in CALLERS:
        client = api(caller.actor())
        for column, number in table(MAY)[caller.standing(STANDING[level])].items():
            expected[caller, column] = number
            found[caller, column] = await call(client, column, one)
    assert wrong(found, expected) == {}
    assert await owner.fetchval("select count(*) from notices where read_at is not null") == 0
    assert await owner.fetchval("select count(*) from deliveries where status = 'opened'") == 0


@pytest.mark.parametrize("level", STANDING)
async def test_the_sender_and_a_recipient_read_theirs_wherever_they_are(
    api: Api, heard: Heard, owner: asyncpg.Connection, level: str
) -> None:
    for role in Role:
        one = await told(heard, owner, level)
        away = Caller(role, "elsewhere", "KARANG_TARUNA", "other").duty()
        for who, person in (("sender", one.sender), ("recipient", one.recipient)):
            client = api(Actor(person, "worker", (away,)))
            for column, number in table(MAY)[who].items():
                # Neither of these reads a ledger, not even of what they took part in before.
                is_barred = role in {Role.ADMIN, Role.DATA_PROTECTION} and column == "ledger"
                expected = 403 if is_barred else number
                assert await call(client, column, one) == expected, (role, who, column)


async def test_without_a_duty_there_is_nothing_to_read(
    app: FastAPI, api: Api, heard: Heard, owner: asyncpg.Connection
) -> None:
    one = await told(heard, owner, "C1")
    async with without_duty(app, api, "cases") as clients:
        for who, client in clients.items():
            for column, number in table(MAY)[who].items():
                assert await call(client, column, one) == number, (who, column)


async def test_duties_that_miss_one_thing_each_do_not_add_up(
    api: Api, heard: Heard, owner: asyncpg.Connection
) -> None:
    one = await told(heard, owner, "C1")
    for column, number in table(MAY)["outsider"].items():
        assert await call(api(patchwork(Role.COORDINATOR)), column, one) == number, column


@pytest.mark.parametrize("role", Role)
async def test_areas_on_both_sides_do_not_hold_what_lies_between(
    api: Api, heard: Heard, owner: asyncpg.Connection, role: Role
) -> None:
    one = await told(heard, owner, "C1")
    kind, actor = astride(role)
    for column, number in table(MAY)[kind.standing(STANDING["C1"])].items():
        assert await call(api(actor), column, one) == number, column


async def test_what_is_open_without_a_thing_is_open_by_role(clean: Stack, serve: Serve) -> None:
    tokens = {
        **{
            role.value: clean.token(Caller(role, "kabupaten", "PSM", "none").actor())
            for role in Role
        },
        "service": clean.token(Actor(uuid.uuid4(), "service", name="cases")),
        "idle": clean.token(Actor(uuid.uuid4(), "worker")),
    }
    digest = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    async with (
        serve() as server,
        httpx2.AsyncClient(base_url=server.url, trust_env=False) as client,
    ):
        for line, numbers in table(CALLS).items():
            method, path = line.split()
            asked: dict[str, Any] = {"params": digest} if path.endswith("digest") else {}
            for who, number in numbers.items():
                header = {"Authorization": f"Bearer {tokens[who]}"} if who in tokens else {}
                # A stream that is allowed does not end: its first line says enough.
                async with client.stream(method, path, headers=header, **asked) as answer:
                    assert answer.status_code == number, (line, who)
