"""A referral that waits is told to those who receive now, not to those who did when it was sent."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Database
from tests.conftest import CANDIPURO
from tests.integration.cases.clock import passes, said, sweep
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.seeding import put

Make = Callable[..., Actor]


@pytest.fixture
async def referral(api: Api, employ: Employ, need: Need, psm: Actor, tksk: Actor) -> str:
    """Sent to the pool of the TKSK of the kecamatan, in which there is one worker."""
    await employ(psm, tksk)
    answer = await api(psm).post("/referrals", json=need(target={"pillar": "TKSK"}))
    sent: str = answer.json()["referrals"][0]["id"]
    return sent


async def pool(owner: Owner) -> set[UUID]:
    return set(await owner.fetchval("select pool from referrals"))


async def test_sent_again_it_goes_to_whoever_joined_and_not_to_whoever_left(
    api: Api, referral: str, employ: Employ, make_actor: Make, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    assert await pool(owner) == {tksk.id}
    path = f"/referrals/{referral}"
    assert (await api(tksk).post(f"{path}/return", json={"reason": "capacity"})).is_success
    joined = make_actor("TKSK", CANDIPURO)
    await employ(tksk, active=False, version=2)
    await employ(joined)
    resent = (await api(psm).post(f"{path}/resend", json={"change": "Ada alamat."})).json()
    assert (resent["status"], resent["warnings"]) == ("sent", [])
    assert await pool(owner) == {joined.id}
    kind, data = (await said(owner, referral))[-1]
    assert (kind, data["pool"]) == ("resent", [str(joined.id)])


async def test_sent_again_to_nobody_it_warns_the_sender(
    api: Api, referral: str, employ: Employ, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    path = f"/referrals/{referral}"
    assert (await api(tksk).post(f"{path}/return", json={"reason": "capacity"})).is_success
    await employ(tksk, active=False, version=2)
    resent = (await api(psm).post(f"{path}/resend", json={"change": "Ada alamat."})).json()
    assert len(resent["warnings"]) == 1
    assert "Belum ada petugas" in resent["warnings"][0]
    assert await pool(owner) == set()


async def test_a_reminder_goes_to_whoever_joined_and_not_to_whoever_left(
    referral: str,
    employ: Employ,
    make_actor: Make,
    worker_db: Database,
    owner: Owner,
    tksk: Actor,
) -> None:
    joined = make_actor("TKSK", CANDIPURO)
    await employ(tksk, active=False, version=2)
    await employ(joined)
    await passes(owner, await owner.fetchval("select reply_limit * 0.6 from referrals"))
    await sweep(worker_db)
    kind, data = (await said(owner, referral))[-1]
    assert (kind, data["told"], data["pool"]) == ("reminded", [str(joined.id)], [str(joined.id)])


async def test_a_special_services_referral_is_not_told_to_a_stranger_when_its_person_left(
    employ: Employ,
    make_actor: Make,
    worker_db: Database,
    owner: Owner,
    psm: Actor,
    tksk: Actor,
) -> None:
    await employ(make_actor("TKSK", CANDIPURO))
    secret = await put(
        worker_db, psm, worker_id=tksk.id, pool=(tksk.id,), confidentiality=Confidentiality.C3
    )
    await passes(owner, timedelta(hours=1.5))
    await sweep(worker_db)
    kind, data = (await said(owner, secret))[-1]
    assert (kind, data["told"]) == ("reminded", [])
    assert uuid.UUID(data["referral_id"]) == secret
