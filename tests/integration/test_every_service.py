"""What every service promises alike: its contract, the size of a body, the second wall."""

from collections.abc import AsyncIterator
from importlib import import_module

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from shared.auth import Actor
from shared.contracts.asyncapi import asyncapi_document
from shared.middleware import MAX_BODY_BYTES
from shared.migrations import SERVICES
from shared.settings import CommonSettings
from tests.fixtures.callers import Api
from tests.fixtures.stack import Stack

WITH_A_BODY = {
    "directory": "/workers",
    "registry": "/beneficiaries",
    "cases": "/referrals",
    "notifications": "/notices/read-all",
}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def app(service: str, environment: None, clean: Stack) -> AsyncIterator[FastAPI]:
    settings = import_module(f"services.{service}.settings").Settings()
    built: FastAPI = import_module(f"services.{service}.main").build(settings, CommonSettings())
    built.state.verifier = clean.verifier(service)
    yield built
    await built.state.database.close()


async def test_a_service_serves_the_contract_of_what_it_says_and_hears(
    service: str, app: FastAPI
) -> None:
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://any.test") as anybody:
        answer = await anybody.get("/asyncapi.json")
    reactions = import_module(f"services.{service}.reactions").REACTIONS
    hears = frozenset(event.wire_type() for event in reactions)
    assert answer.json() == asyncapi_document(service, hears=hears)
    assert f"hear_{service}" not in answer.json()["operations"]
    assert len(answer.json()["operations"]) == 1 + len({event.publisher for event in reactions})


async def test_a_body_over_a_megabyte_is_refused(
    service: str, app: FastAPI, api: Api, psm: Actor
) -> None:
    body = b'"' + b"x" * MAX_BODY_BYTES + b'"'
    headers = {"Content-Type": "application/json", "Idempotency-Key": "terlalu-besar"}
    answer = await api(psm).post(WITH_A_BODY[service], content=body, headers=headers)
    assert answer.status_code == 413, answer.text
    assert answer.json()["type"] == "urn:sinergi:problem:body-too-large"


async def test_the_wall_of_every_table_holds_for_its_owner_too_and_no_login_is_the_owner(
    service: str, owner: asyncpg.Connection
) -> None:
    """INVARIANT: row-level security does not bind an owner unless it is forced."""
    walls = await owner.fetch(
        """
        select c.relname as table, c.relrowsecurity as on, c.relforcerowsecurity as forced,
               (select count(*) from unnest($2::text[]) as login
                where pg_has_role(login, c.relowner, 'member')) as logins_owning
        from pg_class c where c.relnamespace = $1::regnamespace
          and exists (select from pg_policy p where p.polrelid = c.oid)
        """,
        service,
        [f"sinergi_{service}", f"sinergi_{service}_worker"],
    )
    assert walls
    assert [dict(wall) for wall in walls if not (wall["on"] and wall["forced"])] == []
    assert [dict(wall) for wall in walls if wall["logins_owning"]] == []
