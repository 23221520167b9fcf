"""Fixtures around one service; a folder says which one with its `service`, and builds its `app`."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from fastapi import FastAPI

from shared.database import Database
from tests.fixtures.callers import Api, clients_of
from tests.fixtures.kept_connections import Shelf
from tests.fixtures.stack import Stack


@pytest.fixture(scope="session", autouse=True)
async def kept_connections() -> AsyncIterator[Shelf]:
    """What a service closes is kept for the services of other tests."""
    shelf = Shelf()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.database.connector", shelf.connector)
        yield shelf
    await shelf.clear()


@pytest.fixture
def environment(clean: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment a process of ours would be started with."""
    for name, value in clean.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
async def api(app: FastAPI, clean: Stack) -> AsyncIterator[Api]:
    """A client per caller: `api(psm)`."""
    async with clients_of(app, clean) as client:
        yield client


@pytest.fixture
async def worker_db(service: str, clean: Stack) -> AsyncIterator[Database]:
    """The service's database under the role of its message process."""
    database = Database(clean.environment[f"{service.upper()}_WORKER_DATABASE_URL"])
    yield database
    await database.close()


@pytest.fixture
async def owner(service: str, clean: Stack) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the service's schema that no wall holds back."""
    connection = await asyncpg.connect(
        clean.owner_url, server_settings={"search_path": f"{service}, public"}
    )
    yield connection
    await connection.close()
