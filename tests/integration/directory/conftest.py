"""Directory in process, with workers as an import would bring them in."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta

import asyncpg
import httpx2
import orjson
import pytest
from fastapi import FastAPI

from services.directory import main
from services.directory.domain.duty import HeldDuty, day_of
from services.directory.domain.passwords import Passwords
from services.directory.settings import Settings
from services.directory.use_cases.import_workers import ImportedWorker, import_workers
from shared.auth import Actor, Duty, service_actor
from shared.clock import utc_now
from shared.contracts.codes import Role
from shared.contracts.envelope import Event
from shared.database import Database
from shared.settings import CommonSettings
from tests.fixtures import callers
from tests.fixtures.stack import Stack

PASSWORD = "kuda-laut-71-terbang"
PORTAL = service_actor("portal")

Api = callers.Api


def today() -> date:
    return day_of(utc_now())


def days(count: int) -> date:
    return today() + timedelta(days=count)


@dataclass(frozen=True, slots=True)
class Person:
    """A worker in the database, and the caller a token would name."""

    id: uuid.UUID
    name: str
    username: str
    duties: list[HeldDuty]

    @property
    def actor(self) -> Actor:
        current = [duty for duty in self.duties if duty.is_current(today())]
        return Actor(
            self.id,
            "worker",
            tuple(Duty(d.pillar, d.area, d.role, d.organisation_id) for d in current),
        )


Employ = Callable[..., Awaitable[Person]]


def held(
    pillar: str,
    area: str,
    role: Role = Role.WORKER,
    *,
    starts: int = -30,
    ends: int | None = None,
    organisation_id: uuid.UUID | None = None,
) -> HeldDuty:
    """A duty by days from today."""
    return HeldDuty(
        id=uuid.uuid4(),
        pillar=pillar,
        area=area,
        role=role,
        starts_on=days(starts),
        ends_on=None if ends is None else days(ends),
        organisation_id=organisation_id,
    )


@pytest.fixture
def service() -> str:
    return "directory"


@pytest.fixture
async def app(environment: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    monkeypatch.setenv("DIRECTORY_ARGON2_TIME_COST", "1")
    monkeypatch.setenv("DIRECTORY_ARGON2_MEMORY_KIB", "64")
    built = main.build(Settings(), CommonSettings())
    async with built.router.lifespan_context(built):
        yield built


@pytest.fixture
async def anyone(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A caller without a token."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://directory"
    ) as client:
        yield client


@pytest.fixture
async def database(clean: Stack) -> AsyncIterator[Database]:
    """The API's own rights, without a caller."""
    opened = Database(clean.environment["DIRECTORY_DATABASE_URL"], pool_size=2)
    yield opened
    await opened.close()


@pytest.fixture
async def employ(database: Database) -> Employ:
    """Brings in a worker: `employ(held("PSM", SUMBERWULUH))`."""
    password_hash = await Passwords(time_cost=1, memory_kib=64, parallelism=1).hash(PASSWORD)

    async def bring(*duties: HeldDuty, name: str = "Sulastri Wulandari") -> Person:
        person = Person(uuid.uuid4(), name, f"orang.{uuid.uuid4().hex[:12]}", list(duties))
        entry = ImportedWorker(
            person.id, person.name, person.username, password_hash, person.duties
        )
        async with database.transaction() as tx:
            await import_workers([entry], tx=tx)
        return person

    return bring


@pytest.fixture
def events_of(owner: asyncpg.Connection) -> Callable[[uuid.UUID], Awaitable[list[Event]]]:
    """The facts in the log about one worker, in order of version."""

    async def read(worker_id: uuid.UUID) -> list[Event]:
        rows = await owner.fetch(
            "select data from event_log where subject = $1 order by version", worker_id
        )
        return [Event.model_validate(orjson.loads(row["data"])) for row in rows]

    return read


EventsOf = Callable[[uuid.UUID], Awaitable[list[Event]]]


@pytest.fixture
def portal(api: Api) -> httpx2.AsyncClient:
    """Portal with its own token."""
    return api(PORTAL)


async def sign_in(portal: httpx2.AsyncClient, person: Person, password: str = PASSWORD) -> str:
    """Open a session and return its token."""
    answer = await portal.post(
        "/sessions", json={"username": person.username, "password": password}
    )
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["token"]
    return token
