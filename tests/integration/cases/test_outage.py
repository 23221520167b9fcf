"""PostgreSQL away: callers are told to come back, and can within five seconds of its return."""

import uuid

import httpx2

from shared.auth import Actor
from tests.fixtures.processes import until
from tests.fixtures.stack import Stack
from tests.integration.cases.conftest import Api, Employ, Need


async def test_f16_without_postgresql_callers_get_503_and_afterwards_the_same_request_works(
    api: Api, clean: Stack, psm: Actor, tksk: Actor, employ: Employ, need: Need
) -> None:
    await employ(psm, tksk)
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = need()

    async def send() -> httpx2.Response:
        return await api(psm).post("/referrals", json=body, headers=headers)

    clean.postgres.stop("immediate")
    try:
        for _ in range(5):
            refused = await send()
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "2"
            assert refused.json()["type"] == "urn:sinergi:problem:unavailable"
        ready = await api(psm).get("/health/ready")
        assert ready.status_code == 503
        assert ready.json()["checks"]["database"] == "failing"
    finally:
        clean.postgres.start()
        clean.postgres.wait_ready()

    async def sent() -> bool:
        return (await send()).status_code in {200, 201}

    await until(sent, 5)
    assert (await send()).status_code == 200
    assert len((await api(tksk).get("/worklist")).json()["items"]) == 1
