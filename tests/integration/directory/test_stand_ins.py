"""Who stands in for an absent colleague carries that colleague's duties until the end of it."""

from typing import Any

import asyncpg
import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.directory.use_cases.issue_operator_token import issue_operator_token
from shared.auth import Actor, actor_of
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.integration.directory.conftest import (
    Api,
    Employ,
    Person,
    days,
    held,
    sign_in,
)
from tests.integration.directory.test_absence import period

DATES = "update absences set starts_on = $1, ends_on = $2"


async def trade(portal: httpx2.AsyncClient, person: Person) -> tuple[dict[str, Any], str]:
    session = await sign_in(portal, person)
    answer = await portal.post("/sessions/token", headers={"X-Session": session})
    assert answer.status_code == 200, answer.text
    return answer.json()["worker"], answer.json()["access_token"]


def named_by(token: str, key: OKPKey) -> Actor:
    return actor_of(jwt.decode(token, key, algorithms=["Ed25519"]).claims)


def places(actor: Actor) -> set[tuple[str, str, str]]:
    return {(duty.pillar, duty.area, duty.role.value) for duty in actor.duties}


async def announce(
    api: Api, absent: Person, stand_in: Person, first: int = 0, last: int = 3
) -> None:
    answer = await api(absent.actor).post(
        f"/workers/{absent.id}/absence", json=period(first, last, stand_in)
    )
    assert answer.status_code == 201, answer.text


@pytest.fixture
async def absent(employ: Employ) -> Person:
    return await employ(held("PSM", SUMBERWULUH))


async def test_a_stand_in_carries_the_duties_of_the_absent_and_says_for_whom(
    api: Api, portal: httpx2.AsyncClient, employ: Employ, absent: Person, database: Database,
    clean: Stack,
) -> None:  # fmt: skip
    stand_in = await employ(held("PSM", CANDIPURO), held("TKSK", CANDIPURO))
    await announce(api, absent, stand_in)
    worker, token = await trade(portal, stand_in)
    actor = named_by(token, clean.key)
    expected = {
        ("PSM", CANDIPURO, "worker"), ("TKSK", CANDIPURO, "worker"),
        ("PSM", SUMBERWULUH, "worker"),
    }  # fmt: skip
    assert places(actor) == expected
    assert actor.stands_for == (absent.id,)
    assert {(one["pillar"], one["area"], one["role"]) for one in worker["duties"]} == expected
    async with database.transaction() as tx:
        operators = await issue_operator_token(stand_in.username, tx=tx, key=clean.key, minutes=5)
    assert named_by(operators, clean.key) == actor


async def test_it_begins_and_ends_with_the_absence(
    api: Api, portal: httpx2.AsyncClient, employ: Employ, absent: Person, clean: Stack,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    stand_in = await employ(held("PSM", CANDIPURO))
    await announce(api, absent, stand_in)
    for first, last, stands in ((1, 3, False), (-3, -1, False), (-3, 0, True), (0, 0, True)):
        await owner.execute(DATES, days(first), days(last))
        actor = named_by((await trade(portal, stand_in))[1], clean.key)
        assert actor.stands_for == ((absent.id,) if stands else ()), (first, last)
        assert len(actor.duties) == (2 if stands else 1)


async def test_whom_the_absent_stood_in_for_is_not_passed_on(
    api: Api, portal: httpx2.AsyncClient, employ: Employ, absent: Person, clean: Stack
) -> None:
    second = await employ(held("PSM", SUMBERWULUH))
    third = await employ(held("PSM", CANDIPURO))
    await announce(api, absent, second)
    await announce(api, second, third)
    actor = named_by((await trade(portal, third))[1], clean.key)
    assert actor.stands_for == (second.id,)
    assert named_by((await trade(portal, second))[1], clean.key).stands_for == (absent.id,)


async def test_nobody_is_raised_by_being_named_as_a_stand_in(
    api: Api, portal: httpx2.AsyncClient, employ: Employ, clean: Stack
) -> None:
    """INVARIANT: an office's or an administrator's duty is lent only to who holds that role.

    An absence can be announced for a colleague, so whoever may do that could name themselves.
    """
    stand_in = await employ(held("TAGANA", LUMAJANG))
    for role in (Role.COORDINATOR, Role.DINSOS, Role.ADMIN, Role.DATA_PROTECTION):
        colleague = await employ(held("TAGANA", LUMAJANG, role))
        await announce(api, colleague, stand_in)
    actor = named_by((await trade(portal, stand_in))[1], clean.key)
    assert places(actor) == {("TAGANA", LUMAJANG, "worker"), ("TAGANA", LUMAJANG, "coordinator")}
    officer = await employ(held("TAGANA", LUMAJANG, Role.ADMIN))
    other = await employ(held("TAGANA", LUMAJANG, Role.ADMIN))
    await announce(api, other, officer)
    taken = named_by((await trade(portal, officer))[1], clean.key)
    assert places(taken) == {("TAGANA", LUMAJANG, "admin")}
    assert taken.stands_for == (other.id,)


async def test_whoever_has_no_duty_of_their_own_any_more_stands_in_for_nobody(
    api: Api, portal: httpx2.AsyncClient, employ: Employ, absent: Person, owner: asyncpg.Connection
) -> None:
    stand_in = await employ(held("PSM", CANDIPURO))
    await announce(api, absent, stand_in)
    session = await sign_in(portal, stand_in)
    await owner.execute(
        "update duties set ends_on = $2 where worker_id = $1", stand_in.id, days(-1)
    )
    refused = await portal.post("/sessions/token", headers={"X-Session": session})
    assert refused.status_code in {401, 403}
    assert refused.json()["type"] == "urn:sinergi:problem:no-current-duty"
