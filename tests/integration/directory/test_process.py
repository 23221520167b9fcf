"""The whole service as a process of its own: what it logs, and what it puts into the stream."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from redis.asyncio import Redis

from shared.auth import ServiceToken
from shared.contracts.codes import Role
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.fixtures.processes import ServiceProcess, until
from tests.fixtures.stack import Stack
from tests.integration.directory.conftest import PASSWORD, Employ, held

NAME = "Wagiman Hadisuwito"
USERNAME = "wagiman.hadi"
NEW_PASSWORD = "Sapi kakek lari 2 kali"


@pytest.fixture
async def directory(clean: Stack, tmp_path: Path) -> AsyncIterator[ServiceProcess]:
    process = ServiceProcess(
        "services.directory",
        {**clean.environment, "DIRECTORY_ARGON2_MEMORY_KIB": "1024"},
        tmp_path / "directory.log",
        clean.url_of("directory"),
    )
    process.start()
    await process.wait_ready()
    yield process
    process.stop()


async def test_names_and_passwords_reach_neither_logs_nor_events(
    directory: ServiceProcess, clean: Stack, employ: Employ
) -> None:
    office = await employ(held("DINSOS", LUMAJANG, Role.DINSOS), name="Kepala Kantor")
    bearer = {"Authorization": f"Bearer {clean.token(office.actor)}"}
    own = ServiceToken(directory.url, "portal", clean.environment["PORTAL_CLIENT_SECRET"])
    account = {"username": USERNAME, "password": PASSWORD}
    body = {
        "name": NAME,
        **account,
        "duties": [{"pillar": "PSM", "area": SUMBERWULUH, "role": "worker"}],
    }
    async with httpx2.AsyncClient(base_url=directory.url, trust_env=False) as client:
        created = await client.post("/workers", json=body, headers=bearer)
        assert created.status_code == 201, created.text
        taken = await client.post("/workers", json=body, headers=bearer)
        assert taken.status_code == 409
        portal = await own.header()
        wrong = {**account, "password": NEW_PASSWORD}
        assert (await client.post("/sessions", json=wrong, headers=portal)).status_code == 401
        opened = await client.post("/sessions", json=account, headers=portal)
        session = {"X-Session": opened.json()["token"]}
        traded = await client.post("/sessions/token", headers=portal | session)
        assert traded.json()["worker"]["name"] == NAME
        me = {"Authorization": f"Bearer {traded.json()['access_token']}"}
        change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        assert (await client.post("/me/password", json=change, headers=me)).status_code == 204
        listed = await client.get("/workers", headers=bearer)
        assert NAME in listed.text
    worker_id = created.json()["id"]
    async with Redis.from_url(clean.redis_url) as redis:

        async def published() -> bool:
            entries = await redis.xrange("test:ev:directory")
            return worker_id in str(entries)

        await until(published, explain=lambda: directory.log.read_text()[-2000:])
        stream = str(await redis.xrange("test:ev:directory"))
    directory.stop()
    log = directory.log.read_text()
    assert "sign_in_refused" in log
    assert worker_id in log
    assert '"route":"/me/password"' in log
    told = ("Wagiman", "Hadisuwito", USERNAME, PASSWORD, NEW_PASSWORD, "Kepala Kantor")
    secrets = (session["X-Session"], clean.environment["PORTAL_CLIENT_SECRET"], "$argon2")
    for word in (*told, *secrets):
        assert word.lower() not in log.lower()
        assert word.lower() not in stream.lower()
