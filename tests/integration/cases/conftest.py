"""Cases in process, with directory and registry as it would know them from events."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any, TypeAlias

import asyncpg
import pytest
from fastapi import FastAPI

from services.cases import main
from services.cases.settings import Settings
from services.cases.storage import known
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.contracts.directory import DutyState, WorkerJoined
from shared.database import Database
from shared.settings import CommonSettings
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.fixtures import callers
from tests.fixtures.stack import Stack
from tests.integration.cases.disasters import Place, add_site, declare
from tests.integration.cases.neighbours import Neighbours, running_neighbours
from tests.integration.cases.telling import Telling, running_telling

Api = callers.Api
Employ = Callable[..., Awaitable[None]]
Families = Callable[..., Awaitable[list[str]]]
Need = Callable[..., dict[str, Any]]
Owner: TypeAlias = asyncpg.Connection
STORED = ("cases", "referrals", "referral_steps", "event_log", "idempotency_keys", "audit_log")


@pytest.fixture
def service() -> str:
    return "cases"


@pytest.fixture
async def app(environment: None, clean: Stack) -> AsyncIterator[FastAPI]:
    built = main.build(Settings(), CommonSettings())
    built.state.verifier = clean.verifier("cases")
    async with built.router.lifespan_context(built):
        yield built


@pytest.fixture
def dinsos(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("DINSOS", LUMAJANG, Role.DINSOS)


@pytest.fixture
def tagana(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("TAGANA", LUMAJANG)


@pytest.fixture
def stored(owner: Owner) -> Callable[[], Awaitable[dict[str, int]]]:
    """How many rows each table that a request may write holds now."""

    async def count() -> dict[str, int]:
        return {
            table: await owner.fetchval(f"select count(*) from {table}")  # noqa: S608 - our own names
            for table in STORED
        }

    return count


@pytest.fixture
async def neighbours(clean: Stack) -> AsyncIterator[Neighbours]:
    """Directory and registry, as far as cases asks them."""
    with running_neighbours(clean) as running:
        yield running


@pytest.fixture
def employ(worker_db: Database) -> Callable[..., Awaitable[None]]:
    """Makes cases know workers and their duties, as directory's events would."""

    async def tell(*actors: Actor, active: bool = True, version: int = 1) -> None:
        async with worker_db.transaction() as tx:
            for actor in actors:
                state = WorkerJoined(
                    worker_id=actor.id,
                    active=active,
                    duties=[
                        DutyState(
                            duty_id=uuid.uuid4(),
                            pillar=duty.pillar,
                            area=duty.area,
                            role=duty.role,
                            organisation_id=duty.organisation_id,
                            starts_on=date(2020, 1, 1),
                        )
                        for duty in actor.duties
                    ],
                )
                await known.remember_worker(tx, state, version)

    return tell


@pytest.fixture
async def beneficiary(worker_db: Database) -> uuid.UUID:
    """A person in Sumberwuluh whom cases knows of."""
    beneficiary_id = uuid.uuid4()
    async with worker_db.transaction() as tx:
        await known.remember_beneficiary(
            tx,
            beneficiary_id=beneficiary_id,
            version=1,
            area=SUMBERWULUH,
            confidentiality=Confidentiality.C1,
            merged_into=None,
        )
    return beneficiary_id


@pytest.fixture
def need(beneficiary: uuid.UUID) -> Callable[..., dict[str, Any]]:
    """A sendable body; keyword arguments replace fields."""

    def body(**changes: Any) -> dict[str, Any]:
        return {
            "beneficiary_id": str(beneficiary),
            "category": "GLD",
            "situation": "HOMELESS",
            "area": SUMBERWULUH,
            "need": "Tidur di emper pasar sejak tiga hari.",
            "legal_basis": "public_task",
            **changes,
        }

    return body


@pytest.fixture
def families(worker_db: Database) -> Families:
    """Makes families of Sumberwuluh that cases knows of."""

    async def make(count: int, area: str = SUMBERWULUH) -> list[str]:
        made = [uuid.uuid4() for _ in range(count)]
        async with worker_db.transaction() as tx:
            for one in made:
                await known.remember_beneficiary(
                    tx,
                    beneficiary_id=one,
                    version=1,
                    area=area,
                    confidentiality=Confidentiality.C1,
                    merged_into=None,
                )
        return [str(one) for one in made]

    return make


@pytest.fixture
async def place(api: Api, dinsos: Actor) -> Place:
    """A disaster of Lumajang with one site."""
    disaster = await declare(api(dinsos))
    return Place(disaster, await add_site(api(dinsos), disaster["id"]))


@pytest.fixture
async def telling(environment: None, clean: Stack, owner: Owner) -> AsyncIterator[Telling]:
    """Notifications in this process, hearing what cases said when a test asks for it."""
    async with running_telling(clean, owner) as running:
        yield running
