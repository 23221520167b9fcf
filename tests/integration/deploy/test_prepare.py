"""Preparing the database of an office, which rarely hands out a superuser."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.cli.checks import postgres_findings
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.prepare import main, prepare
from shared.database import Database
from shared.errors import Unavailable
from shared.migrations import SERVICES
from tests.fixtures.servers import postgres_server
from tests.fixtures.stack import BINARIES, free_port

DATABASE = "welfare"
OWNER = "office"
PASSWORD = "p@ss/w:rd %"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL with an owner's login and its database, and nothing of Sinergi."""
    made = postgres_server(folder / "postgres", free_port(), binaries=BINARIES)
    made.start()
    made.wait_ready()
    ask(made, f"create role {OWNER} login createrole password '{PASSWORD}'")
    ask(made, f"create database {DATABASE} owner {OWNER}")
    yield made
    made.kill()


def ask(server: EmbeddedPostgres, statement: str) -> list[asyncpg.Record]:
    """Run a statement as the superuser."""

    async def run() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(server.url())
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement)
            return rows
        finally:
            await connection.close()

    return asyncio.run(run())


def login_url(server: EmbeddedPostgres, login: str, password: str) -> str:
    return server.url(DATABASE, user=f"sinergi_{login}", password=password)


def settings(server: EmbeddedPostgres, owner: str, password: str | None) -> dict[str, str]:
    """What `prepare` reads."""
    made = {"POSTGRES_URL": server.url(DATABASE, user=owner, password=password)}
    for service in SERVICES:
        upper = service.upper()
        made[f"{upper}_DATABASE_URL"] = login_url(server, service, "it's first")
        made[f"{upper}_WORKER_DATABASE_URL"] = login_url(server, f"{service}_worker", "it's first")
    return made


def powerful(server: EmbeddedPostgres) -> set[str]:
    rows = ask(
        server,
        "select rolname from pg_roles where rolname like 'sinergi%' "
        "and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole)",
    )
    return {row["rolname"] for row in rows}


def test_an_owner_who_is_no_superuser_prepares_at_every_start(server: EmbeddedPostgres) -> None:
    environment = settings(server, OWNER, PASSWORD)
    prepare(environment)
    environment["CASES_DATABASE_URL"] = login_url(server, "cases", "second")
    prepare(environment)
    findings = asyncio.run(postgres_findings(environment["POSTGRES_URL"]))
    assert [finding for finding in findings if finding.remedy] == []
    assert asyncio.run(login_of(environment["CASES_DATABASE_URL"])) == "sinergi_cases"
    assert powerful(server) == set()


def test_a_login_that_was_given_powers_loses_them_or_stops_the_start(
    server: EmbeddedPostgres,
) -> None:
    prepare(settings(server, OWNER, PASSWORD))
    ask(server, "alter role sinergi_cases bypassrls")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        prepare(settings(server, OWNER, PASSWORD))
    assert powerful(server) == {"sinergi_cases"}
    prepare(settings(server, "postgres", None))
    assert powerful(server) == set()


def test_an_owner_without_the_rights_is_told_which_it_needs(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(server, f"alter role {OWNER} nocreaterole")
    for name, url in settings(server, OWNER, PASSWORD).items():
        monkeypatch.setenv(name, url)
    assert main() == 1
    assert "make it the owner of the database and give it createrole" in capsys.readouterr().err


def test_a_url_may_say_whether_the_connection_is_encrypted(server: EmbeddedPostgres) -> None:
    environment = settings(server, OWNER, PASSWORD)
    prepare({name: f"{url}?sslmode=disable" for name, url in environment.items()})
    url = environment["CASES_DATABASE_URL"]
    assert asyncio.run(login_of(f"{url}?sslmode=disable")) == "sinergi_cases"
    # This server has no certificate, so whoever insists gets no connection.
    with pytest.raises(Unavailable):
        asyncio.run(login_of(f"{url}?sslmode=require"))
    with pytest.raises(ConnectionError):
        prepare({name: f"{url}?sslmode=require" for name, url in environment.items()})


async def login_of(url: str) -> str:
    """Who a service with this URL is."""
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as tx:
            return str(await tx.fetchval("select current_user"))
    finally:
        await database.close()
