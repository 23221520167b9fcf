"""Cases as a process of its own: killed around its commit, stopped in order, and what it logs."""

import contextlib
import signal
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import orjson
import pytest

from shared.auth import Actor
from tests.fixtures.processes import ServiceProcess
from tests.fixtures.stack import Stack
from tests.integration.cases.conftest import Employ, Need, Owner
from tests.integration.cases.neighbours import Neighbours

# A fresh process commits a block of case numbers first and the referral second. The probe that
# asks whether it lives commits nothing, so the turns are the same each time.
THE_REFERRALS_COMMIT = 2
NIK = "3508010101010001"


@pytest.fixture
async def process(
    clean: Stack, neighbours: Neighbours, tmp_path: Path
) -> AsyncIterator[ServiceProcess]:
    """Cases as its own process, not started yet; directory's keys are served beside it."""
    one = ServiceProcess(
        "services.cases.main", clean.environment, tmp_path / "cases.log", clean.url_of("cases")
    )
    yield one
    one.kill()


@contextlib.asynccontextmanager
async def client_of(process: ServiceProcess, stack: Stack, actor: Actor) -> AsyncIterator[
    httpx2.AsyncClient
]:  # fmt: skip
    headers = {"Authorization": f"Bearer {stack.token(actor)}"}
    async with httpx2.AsyncClient(
        base_url=process.url, headers=headers, trust_env=False, timeout=10
    ) as client:
        yield client


async def rows(owner: Owner) -> tuple[int, int, int]:
    """Referrals, cases and events stating a sent referral."""
    counted = await owner.fetchrow(
        "select (select count(*) from referrals), (select count(*) from cases),"
        " (select count(*) from event_log where type like '%referral.sent%')"
    )
    return tuple(counted)


@pytest.mark.parametrize(
    ("failpoint", "left_behind"),
    [("commit.before", (0, 0, 0)), ("commit.after", (1, 1, 1))],
    ids=["f02-before-the-commit", "f01-between-commit-and-answer"],
)
async def test_a_killed_api_never_loses_or_doubles_a_referral(
    process: ServiceProcess, clean: Stack, psm: Actor, tksk: Actor, employ: Employ, need: Need,
    owner: Owner, failpoint: str, left_behind: tuple[int, int, int],
) -> None:  # fmt: skip
    await employ(psm, tksk)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = need()
    process.start(SINERGI_FAILPOINT=f"{failpoint}:kill@{THE_REFERRALS_COMMIT}")
    await process.wait_ready(path="/health/live")
    async with client_of(process, clean, psm) as client:
        with pytest.raises(httpx2.TransportError):
            await client.post("/referrals", json=body, headers=key)
    assert process.wait_ended() == -signal.SIGKILL
    assert await rows(owner) == left_behind

    process.start()
    await process.wait_ready()
    async with client_of(process, clean, psm) as client:
        again = await client.post("/referrals", json=body, headers=key)
        assert again.status_code == (200 if left_behind[0] else 201), again.text
        third = await client.post("/referrals", json=body, headers=key)
        assert (third.status_code, third.content) == (200, again.content)
    assert await rows(owner) == (1, 1, 1)
    referral_id = uuid.UUID(again.json()["referrals"][0]["id"])
    assert await owner.fetchval("select id from referrals") == referral_id
    async with client_of(process, clean, tksk) as client:
        waiting = (await client.get("/worklist")).json()["items"]
    assert [item["referral_id"] for item in waiting] == [str(referral_id)]


async def test_f34_an_orderly_stop_loses_nothing_and_the_log_names_nobody(
    process: ServiceProcess, clean: Stack, psm: Actor, tksk: Actor, employ: Employ, need: Need,
    owner: Owner,
) -> None:  # fmt: skip
    await employ(psm, tksk)
    process.start(LOG_LEVEL="DEBUG")
    await process.wait_ready()
    told = need(need=f"Bu Suparmi, NIK {NIK}, tidur di pasar.")
    async with client_of(process, clean, psm) as client:
        sent = await client.post("/referrals", json=told)
        path = f"/referrals/{sent.json()['referrals'][0]['id']}"
        answers = [
            await client.post(f"{path}/note", json={"text": f"Suparmi {NIK}"}),
            await client.post("/referrals", json={**told, "name": "Suparmi", "nik": NIK}),
            await client.get(f"/worklist?pillar={NIK}"),
            await client.get(f"/{NIK}"),
            await client.get(path, headers={"Authorization": f"Bearer {NIK}"}),
        ]
    assert [answer.status_code for answer in (sent, *answers)] == [201, 200, 422, 422, 404, 401]
    process.stop()
    assert process.wait_ended() == -signal.SIGTERM, "it had to be killed"
    assert (await rows(owner))[0] == 1
    log = process.log.read_text()
    lines = [orjson.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in requests] == [201, 200, 422, 422, 404, 401]
    assert all(line["request_id"] and line["trace_id"] for line in requests)
    assert all(line["service"] == "cases" and line["level"] for line in lines)
    for words in (NIK, "Suparmi", "pasar", "Traceback"):
        assert words not in log
