"""Who stands in for an absent colleague sees, does and hears what is that colleague's."""

import uuid
from datetime import timedelta
from uuid import UUID

import pytest

from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from tests.conftest import CANDIPURO, SUMBERWULUH
from tests.integration.cases.clock import passes, said, sweep
from tests.integration.cases.conftest import Api, Employ, Owner
from tests.integration.cases.seeding import put
from tests.integration.cases.telling import Telling
from tests.integration.cases.test_new_verbs import absent

DAY = timedelta(days=1)


@pytest.fixture
def helper(psm: Actor, tksk: Actor) -> Actor:
    """A colleague who has taken over the work of the PSM and of the TKSK."""
    own = Duty("PSM", "35.08.04.2001", Role.WORKER)
    return Actor(
        uuid.uuid4(), "worker", (own, *psm.duties, *tksk.duties), stands_for=(psm.id, tksk.id)
    )


async def listed(api: Api, actor: Actor) -> set[UUID]:
    items = (await api(actor).get("/worklist")).json()["items"]
    return {UUID(one["referral_id"]) for one in items}


async def test_what_came_back_to_an_absent_sender_waits_for_the_stand_in(
    api: Api, worker_db: Database, psm: Actor, helper: Actor
) -> None:
    back = await put(worker_db, psm, status="returned")
    outside = await put(worker_db, psm, service_id=uuid.uuid4())
    secret = await put(worker_db, psm, status="returned", confidentiality=Confidentiality.C3)
    assert await listed(api, helper) == {back, outside}
    assert secret in await listed(api, psm)
    resent = await api(helper).post(f"/referrals/{back}/resend", json={"change": "Alamat baru."})
    assert resent.json()["status"] == "sent", resent.text
    assert resent.json()["history"][-1]["actor_id"] == str(helper.id)


async def test_a_stand_in_keeps_the_status_of_what_the_absent_one_sent_outside(
    api: Api, worker_db: Database, psm: Actor, helper: Actor
) -> None:
    outside = await put(worker_db, psm, service_id=uuid.uuid4())
    path = f"/referrals/{outside}"
    colleague = Actor(uuid.uuid4(), "worker", (Duty("PSM", SUMBERWULUH, Role.WORKER),))
    assert (await api(colleague).post(f"{path}/accept", json={})).status_code in {404, 409}
    assert (await api(helper).post(f"{path}/accept", json={})).is_success
    done = await api(helper).post(f"{path}/complete", json={"outcome": "need_met"})
    assert done.json()["status"] == "completed", done.text


@pytest.mark.parametrize(
    ("level", "reminded"), [(Confidentiality.C2, True), (Confidentiality.C3, False)]
)
async def test_a_reminder_to_an_absent_holder_reaches_the_stand_in(
    employ: Employ,
    worker_db: Database,
    owner: Owner,
    psm: Actor,
    tksk: Actor,
    helper: Actor,
    *,
    level: Confidentiality,
    reminded: bool,
) -> None:
    await employ(helper)
    await absent(worker_db, tksk, helper.id)
    held = await put(worker_db, psm, status="accepted", holder_id=tksk.id, confidentiality=level)
    await owner.execute("update referrals set reply_by = null")
    await passes(owner, DAY * 0.6)
    await sweep(worker_db)
    kind, data = (await said(owner, held))[-1]
    assert kind == "reminded"
    assert set(data["told"]) == {str(tksk.id), *([str(helper.id)] if reminded else ())}


async def test_a_stand_in_who_is_absent_too_is_not_reminded(
    worker_db: Database, owner: Owner, psm: Actor, tksk: Actor, helper: Actor
) -> None:
    await absent(worker_db, tksk, helper.id)
    await absent(worker_db, helper, None)
    held = await put(worker_db, psm, status="accepted", holder_id=tksk.id)
    await owner.execute("update referrals set reply_by = null")
    await passes(owner, DAY * 0.6)
    await sweep(worker_db)
    assert (await said(owner, held))[-1][1]["told"] == [str(tksk.id)]


async def test_a_note_to_an_absent_holder_is_told_to_the_stand_in(
    api: Api,
    employ: Employ,
    worker_db: Database,
    telling: Telling,
    psm: Actor,
    tksk: Actor,
    helper: Actor,
) -> None:
    await employ(helper)
    await absent(worker_db, tksk, helper.id)
    held = await put(worker_db, psm, status="accepted", holder_id=tksk.id, area=CANDIPURO)
    noted = await api(psm).post(f"/referrals/{held}/note", json={"text": "Sudah pindah rumah."})
    assert noted.is_success
    for told in (tksk, helper):
        assert await telling.kinds_of(told) == ["referral_noted"]
