"""Assign, hold, resume, reroute, recall, cancel, correct: what each does, by HTTP."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.cases.storage import known
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.contracts.directory import AbsenceState, DutyState, WorkerAbsent
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.clock import kinds, said
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.seeding import put
from tests.integration.cases.test_bad_input import refusal

Make = Callable[..., Actor]


async def test_a_coordinator_gives_waiting_work_to_one_worker_and_takes_it_to_another(
    api: Api, employ: Employ, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor,
    tksk: Actor,
) -> None:  # fmt: skip
    other, coordinator = (
        make_actor("TKSK", CANDIPURO),
        make_actor("TKSK", LUMAJANG, Role.COORDINATOR),
    )
    await employ(tksk, other)
    referral = await put(worker_db, psm, pool=(tksk.id, other.id))
    path = f"/referrals/{referral}"
    body = {"worker_id": str(tksk.id), "note": "Tolong segera."}
    given = (await api(coordinator).post(f"{path}/assign", json=body)).json()
    assert (given["status"], given["holder_id"], given["reply_by"]) == (
        "accepted", str(tksk.id), None,
    )  # fmt: skip
    assert (await api(tksk).post(f"{path}/start", json={})).json()["status"] == "in_progress"
    await api(coordinator).post(f"{path}/assign", json={"worker_id": str(other.id)})
    refusal(await api(tksk).post(f"{path}/complete", json={"outcome": "need_met"}), 409,
            "transition-not-allowed")  # fmt: skip
    done = await api(other).post(f"{path}/complete", json={"outcome": "need_met"})
    assert done.json()["status"] == "completed"
    events = await said(owner, referral)
    assert kinds(events) == ["sent", "assigned", "started", "assigned", "completed"]
    assert [event[1]["previous_id"] for event in events if event[0] == "assigned"] == [
        None, str(tksk.id),
    ]  # fmt: skip


async def test_work_is_given_only_to_somebody_of_the_pillar_whose_area_holds_it(
    api: Api, employ: Employ, make_actor: Make, worker_db: Database, psm: Actor, tksk: Actor
) -> None:
    coordinator = make_actor("TKSK", LUMAJANG, Role.COORDINATOR)
    far, gone = make_actor("TKSK", "35.08.04"), make_actor("TKSK", CANDIPURO)
    await employ(psm, tksk, far)
    await employ(gone, active=False)
    path = f"/referrals/{await put(worker_db, psm)}/assign"
    for worker in (psm.id, far.id, gone.id, uuid.uuid4()):
        answer = await api(coordinator).post(path, json={"worker_id": str(worker)})
        refusal(answer, 422, "unknown-receiver")
    assert (await api(coordinator).post(path, json={"worker_id": str(tksk.id)})).is_success


async def test_a_hold_says_why_and_until_when_and_its_holder_may_end_it_early(
    api: Api, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    path = f"/referrals/{await put(worker_db, psm)}"
    await api(tksk).post(f"{path}/accept", json={})
    past = {"reason": "Hujan.", "until": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    refusal(await api(tksk).post(f"{path}/hold", json=past), 422, "time-implausible")
    until = datetime.now(UTC) + timedelta(days=3)
    body = {"reason": "Menunggu hujan reda.", "until": until.isoformat()}
    held = (await api(tksk).post(f"{path}/hold", json=body)).json()
    assert (held["status"], held["due_at"]) == ("on_hold", None)
    assert datetime.fromisoformat(held["hold_until"]) == until
    assert held["history"][-1]["note"] == "Menunggu hujan reda."
    await owner.execute("update referrals set paused_at = paused_at - interval '5 hours'")
    resumed = (await api(tksk).post(f"{path}/resume", json={})).json()
    assert (resumed["status"], resumed["hold_until"]) == ("in_progress", None)
    moved = datetime.fromisoformat(resumed["close_by"]) - datetime.fromisoformat(held["close_by"])
    assert timedelta(0) <= moved - timedelta(hours=5) < timedelta(minutes=1)


async def test_a_reroute_ends_one_leg_and_sends_another_linked_both_ways(
    api: Api, employ: Employ, make_actor: Make, need: Need, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    neighbour = make_actor("TKSK", "35.08.04")
    await employ(psm, tksk, neighbour)
    sent = (await api(psm).post("/referrals", json=need())).json()
    old = sent["referrals"][0]
    body = {"target": {"area": "35.08.04"}, "note": "Pindah ke kecamatan sebelah."}
    ended = (await api(psm).post(f"/referrals/{old['id']}/reroute", json=body)).json()
    assert (ended["status"], ended["due_at"]) == ("rerouted", None)
    new_id = ended["history"][-1]["subject_id"]
    new = (await api(neighbour).get(f"/referrals/{new_id}")).json()
    assert (new["area"], new["rerouted_from"], new["need"]) == ("35.08.04", old["id"], old["need"])
    assert new["case"] == old["case"]
    assert new["sender_id"] == str(psm.id)
    assert kinds(await said(owner, new_id)) == ["sent"]
    assert (await said(owner, new_id))[0][1]["pool"] == [str(neighbour.id)]
    waiting = (await api(tksk).get("/worklist")).json()["items"]
    assert waiting == []


async def test_a_reroute_needs_a_new_receiver_who_exists(
    api: Api, employ: Employ, need: Need, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    path = f"/referrals/{sent['id']}/reroute"
    nobody = {"target": {"worker_id": str(uuid.uuid4())}}
    for target, code in (({"target": {}}, "target-missing"), (nobody, "unknown-receiver")):
        refusal(await api(psm).post(path, json=target), 422, code)
    refusal(await api(psm).post(path, json={"target": {"pillar": "NOBODY"}}), 422, "unknown-pillar")
    assert (await api(psm).get(f"/referrals/{sent['id']}")).json()["status"] == "sent"


async def test_a_sender_takes_back_what_nobody_works_on_yet(
    api: Api, worker_db: Database, psm: Actor, tksk: Actor
) -> None:
    reason = {"reason": "Keluarga sudah menjemput."}
    waiting, held, begun = [f"/referrals/{await put(worker_db, psm)}" for _ in range(3)]
    for path in (held, begun):
        await api(tksk).post(f"{path}/accept", json={})
    await api(tksk).post(f"{begun}/start", json={})
    for path in (waiting, held):
        recalled = (await api(psm).post(f"{path}/recall", json=reason)).json()
        assert (recalled["status"], recalled["due_at"]) == ("recalled", None)
        assert recalled["history"][-1]["note"] == reason["reason"]
    late = refusal(await api(psm).post(f"{begun}/recall", json=reason), 409,
                   "transition-not-allowed")  # fmt: skip
    assert "cancel" in late["allowed"]
    assert (await api(psm).post(f"{begun}/cancel", json=reason)).json()["status"] == "cancelled"
    assert (await api(tksk).get("/worklist")).json()["items"] == []


async def test_a_coordinator_corrects_what_should_never_have_been_entered_even_when_it_ended(
    api: Api, make_actor: Make, worker_db: Database, psm: Actor, tksk: Actor
) -> None:
    coordinator = make_actor("TKSK", LUMAJANG, Role.COORDINATOR)
    path = f"/referrals/{await put(worker_db, psm)}"
    await api(tksk).post(f"{path}/accept", json={})
    await api(tksk).post(f"{path}/complete", json={"outcome": "need_met"})
    reason = {"reason": "Salah orang."}
    refusal(await api(psm).post(f"{path}/correct", json=reason), 409, "transition-not-allowed")
    corrected = (await api(coordinator).post(f"{path}/correct", json=reason)).json()
    assert corrected["status"] == "entered_in_error"
    refusal(await api(coordinator).post(f"{path}/correct", json=reason), 409,
            "transition-not-allowed")  # fmt: skip


async def test_the_reason_a_verb_asks_for_must_be_given(
    api: Api, make_actor: Make, worker_db: Database, psm: Actor, tksk: Actor
) -> None:
    path = f"/referrals/{await put(worker_db, psm)}"
    for verb in ("recall", "cancel", "correct", "hold", "assign", "reroute"):
        for body in ({}, {"reason": ""}):
            answer = await api(psm).post(f"{path}/{verb}", json=body)
            assert answer.status_code == 422, verb


async def test_a_stand_in_does_the_absent_holders_work_in_its_own_name(
    api: Api, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    duty = Duty("TKSK", CANDIPURO, Role.WORKER, None)
    referral = await put(worker_db, psm, status="accepted", holder_id=tksk.id)
    path = f"/referrals/{referral}"
    helper_id = uuid.uuid4()
    colleague = Actor(helper_id, "worker", (duty,))
    helper = Actor(helper_id, "worker", (duty,), stands_for=(tksk.id,))
    refusal(await api(colleague).post(f"{path}/start", json={}), 409, "transition-not-allowed")
    begun = (await api(helper).post(f"{path}/start", json={})).json()
    assert begun["status"] == "in_progress"
    assert begun["holder_id"] == str(tksk.id), "it stays with whom it was given to"
    assert begun["history"][-1]["actor_id"] == str(helper_id), "the history says who did it"
    done = await api(helper).post(f"{path}/complete", json={"outcome": "need_met"})
    assert done.json()["status"] == "completed"
    closed_by = await owner.fetchval("select actor_id from case_steps where verb = 'close'")
    assert closed_by == helper_id


async def absent(
    worker_db: Database, actor: Actor, stand_in: UUID | None, version: int = 2
) -> None:
    """Directory said that the worker is away from yesterday to tomorrow."""
    today = datetime.now(UTC).date()
    async with worker_db.transaction() as tx:
        state = WorkerAbsent(
            worker_id=actor.id,
            active=True,
            duties=[
                DutyState(
                    duty_id=uuid.uuid4(), pillar=duty.pillar, area=duty.area, role=duty.role,
                    organisation_id=duty.organisation_id, starts_on=today.replace(year=2020),
                )
                for duty in actor.duties
            ],
            absences=[
                AbsenceState(
                    starts_on=today - timedelta(days=1),
                    ends_on=today + timedelta(days=1),
                    stand_in_id=stand_in,
                )
            ],
        )  # fmt: skip
        await known.remember_worker(tx, state, version)


async def test_a_stand_in_takes_what_is_sent_to_an_absent_person_by_name(
    api: Api, employ: Employ, need: Need, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    duty = Duty("TKSK", CANDIPURO, Role.WORKER, None)
    helper = Actor(uuid.uuid4(), "worker", (duty,), stands_for=(tksk.id,))
    await employ(psm, tksk, helper)
    await absent(worker_db, tksk, helper.id)
    body = need(target={"worker_id": str(tksk.id)})
    sent = (await api(psm).post("/referrals", json=body)).json()["referrals"][0]
    assert sent["worker_id"] == str(tksk.id)
    assert (await said(owner, sent["id"]))[0][1]["pool"] == [str(helper.id)]
    taken = await api(helper).post(f"/referrals/{sent['id']}/accept", json={})
    assert taken.json()["holder_id"] == str(helper.id)


async def test_a_stand_in_does_not_act_on_a_special_services_referral(
    api: Api, employ: Employ, need: Need, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    duty = Duty("TKSK", CANDIPURO, Role.WORKER, None)
    helper = Actor(uuid.uuid4(), "worker", (duty,), stands_for=(tksk.id,))
    await employ(psm, tksk)
    await absent(worker_db, tksk, helper.id)
    body = need(category="AKTK", situation="VIOLENCE")
    sent = (await api(psm).post("/referrals", json=body)).json()["referrals"][0]
    assert (await said(owner, sent["id"]))[0][1]["pool"] == [str(tksk.id)]
    path = f"/referrals/{sent['id']}"
    for answer in (
        await api(helper).get(path),
        await api(helper).post(f"{path}/accept", json={}),
    ):
        refusal(answer, 404, "not-found")
    await api(tksk).post(f"{path}/accept", json={})
    refusal(await api(helper).post(f"{path}/start", json={}), 404, "not-found")


async def test_offline_acts_keep_the_duty_they_were_done_in(
    api: Api, worker_db: Database, psm: Actor
) -> None:
    both = Actor(
        uuid.uuid4(),
        "worker",
        (Duty("TKSK", CANDIPURO, Role.WORKER, None), Duty("PSM", SUMBERWULUH, Role.WORKER, None)),
    )
    path = f"/referrals/{await put(worker_db, psm)}"
    acting = {"acting_as": {"pillar": "PSM", "area": SUMBERWULUH}}
    taken = (await api(both).post(f"{path}/accept", json=acting)).json()
    assert taken["history"][-1]["acting_as"] == acting["acting_as"]
    foreign = {"acting_as": {"pillar": "PEKSOS", "area": LUMAJANG}}
    refusal(await api(both).post(f"{path}/start", json=foreign), 422, "not-your-duty")
