"""The six questions a referral must answer, each for the people who ask it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG
from tests.integration.cases.clock import passes, sweep
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.telling import Telling
from tests.integration.cases.test_bad_input import refusal

Make = Callable[..., Actor]
NEED = "Tidur di emper pasar sejak tiga hari."


async def test_how_do_i_learn_of_it(
    api: Api, employ: Employ, need: Need, telling: Telling, make_actor: Make, psm: Actor,
    tksk: Actor,
) -> None:  # fmt: skip
    """A notice and a line in the worklist, for everybody in the pool and nobody else."""
    colleague, neighbour = make_actor("TKSK", CANDIPURO), make_actor("TKSK", "35.08.04")
    await employ(psm, tksk, colleague, neighbour)
    sent = (await api(psm).post("/referrals", json=need())).json()
    for actor in (tksk, colleague):
        assert await telling.kinds_of(actor) == ["referral_new"]
        (line,) = (await api(actor).get("/worklist")).json()["items"]
        assert line["referral_id"] == sent["referrals"][0]["id"]
    assert await telling.kinds_of(neighbour) == []
    assert (await api(neighbour).get("/worklist")).json()["items"] == []


async def test_how_does_the_sender_learn_that_i_have(
    api: Api, employ: Employ, need: Need, telling: Telling, psm: Actor, tksk: Actor
) -> None:
    """When it was opened stands on the referral; that it was accepted, and by whom, is told."""
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    path = f"/referrals/{sent['id']}"
    assert (await api(psm).get(path)).json()["seen_at"] is None
    await api(tksk).post(f"{path}/see", json={})
    assert (await api(psm).get(path)).json()["seen_at"] is not None
    assert await telling.kinds_of(psm) == [], "that it was opened stands in the ledger"
    await api(tksk).post(f"{path}/accept", json={})
    assert await telling.kinds_of(psm) == ["referral_accepted"]
    seen = (await api(psm).get(path)).json()
    assert (seen["status"], seen["holder_id"]) == ("accepted", str(tksk.id))


async def test_what_may_i_see_before_i_accept(
    api: Api, employ: Employ, need: Need, make_actor: Make, psm: Actor, tksk: Actor
) -> None:
    """The whole need, its urgency and clocks; of special services, only the person named."""
    colleague = make_actor("TKSK", CANDIPURO)
    await employ(psm, tksk, colleague)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    for actor in (tksk, colleague):
        before = (await api(actor).get(f"/referrals/{sent['id']}")).json()
        assert (before["need"], before["category"], before["urgency"]) == (NEED, "GLD", "high")
        assert before["reply_by"]
        assert before["act_by"]
        assert before["allowed"] == ["see", "accept", "return"]
    violence = need(category="AKTK", situation="VIOLENCE")
    secret = (await api(psm).post("/referrals", json=violence)).json()["referrals"][0]
    named = tksk if secret["worker_id"] == str(tksk.id) else colleague
    other = colleague if named is tksk else tksk
    assert (await api(named).get(f"/referrals/{secret['id']}")).json()["need"] == NEED
    refusal(await api(other).get(f"/referrals/{secret['id']}"), 404, "not-found")


async def test_how_long_do_i_have(
    api: Api, employ: Employ, need: Need, telling: Telling, worker_db: Database, owner: Owner,
    make_actor: Make, psm: Actor, tksk: Actor,
) -> None:  # fmt: skip
    """Three deadlines are shown before it is sent and after; one is reminded, then escalated."""
    coordinator = make_actor("TKSK", LUMAJANG, Role.COORDINATOR)
    await employ(psm, tksk, coordinator)
    plan = (await api(psm).post("/referrals/plan", json=need())).json()["legs"][0]
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    for name in ("reply_by", "act_by", "close_by"):
        planned, given = (datetime.fromisoformat(one[name]) for one in (plan, sent))
        assert abs(given - planned) < timedelta(minutes=1)
    # Homelessness is urgent and counts clock hours: the rule gives 4 h, 24 h and 14 days.
    lengths = [
        datetime.fromisoformat(sent[name]) - datetime.fromisoformat(sent["sent_at"])
        for name in ("reply_by", "act_by", "close_by")
    ]
    row = await owner.fetchrow("select reply_minutes, act_hours, close_days, working"
                               " from routing_rules where id = 'R026'")  # fmt: skip
    assert row is not None
    assert lengths == [
        timedelta(minutes=row["reply_minutes"]),
        timedelta(hours=row["act_hours"]),
        timedelta(days=row["close_days"]),
    ]
    for part in (0.55, 0.4, 0.1):
        await passes(owner, lengths[0] * part)
        await sweep(worker_db)
    assert await telling.kinds_of(tksk) == ["referral_new"] + ["referral_reminded"] * 2
    assert await telling.kinds_of(coordinator) == ["referral_escalated"]
    late = (await api(tksk).get(f"/referrals/{sent['id']}")).json()
    assert (late["overdue"], late["escalation_level"]) == (True, 1)


async def test_who_may_act_for_me(
    api: Api, employ: Employ, need: Need, make_actor: Make, psm: Actor, tksk: Actor
) -> None:
    """A stand-in while I am away, and whom the coordinator gives it to; nobody else."""
    colleague = make_actor("TKSK", CANDIPURO)
    coordinator = make_actor("TKSK", LUMAJANG, Role.COORDINATOR)
    await employ(psm, tksk, colleague)
    helper = Actor(
        UUID(int=42), "worker", (Duty("TKSK", CANDIPURO, Role.WORKER),), stands_for=(tksk.id,)
    )
    paths = []
    for _ in range(2):
        sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
        paths.append(f"/referrals/{sent['id']}")
        assert (await api(tksk).post(f"{paths[-1]}/accept", json={})).is_success
    for path in paths:
        refusal(await api(colleague).post(f"{path}/start", json={}), 409, "transition-not-allowed")
    assert (await api(helper).post(f"{paths[0]}/start", json={})).is_success
    given = await api(coordinator).post(f"{paths[1]}/assign", json={"worker_id": str(colleague.id)})
    assert given.json()["holder_id"] == str(colleague.id)
    assert (await api(colleague).post(f"{paths[1]}/start", json={})).is_success


async def test_can_it_be_withdrawn(
    api: Api, employ: Employ, need: Need, telling: Telling, psm: Actor, tksk: Actor
) -> None:
    """Recalled until work begins, cancelled until it has ended; whoever had it is told."""
    await employ(psm, tksk)
    reason = {"reason": "Keluarga sudah menjemput."}
    kinds = {"recall": "referral_recalled", "cancel": "referral_cancelled"}
    for begun, verb in ((False, "recall"), (True, "cancel")):
        sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
        path = f"/referrals/{sent['id']}"
        await api(tksk).post(f"{path}/accept", json={})
        if begun:
            await api(tksk).post(f"{path}/start", json={})
            refusal(await api(psm).post(f"{path}/recall", json=reason), 409,
                    "transition-not-allowed")  # fmt: skip
        assert (await api(psm).post(f"{path}/{verb}", json=reason)).is_success
        assert kinds[verb] in await telling.kinds_of(tksk)
        assert (await api(tksk).get("/worklist")).json()["items"] == []
        refusal(await api(psm).post(f"{path}/{verb}", json=reason), 409, "transition-not-allowed")
