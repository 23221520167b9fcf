"""The clock of cases: it reminds, escalates, resumes and sends elsewhere, each once."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.cases.domain.clocks import Limits
from services.cases.use_cases import ring_alarms
from services.cases.use_cases.ring_alarms import BATCH
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.clock import kinds, passes, said, sweep
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.seeding import multiply, put

Make = Callable[..., Actor]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The seeded referral: reply within 2 hours, act within 24, close within 7 days.
LIMITS = Limits(2 * HOUR, 24 * HOUR, 7 * DAY)
MANY = 5_000


@pytest.fixture
async def superiors(employ: Employ, make_actor: Make) -> dict[str, Actor]:
    """A coordinator of the TKSK, one of another pillar, Dinsos, and Dinsos of the province."""
    people = {
        "coordinator": make_actor("TKSK", LUMAJANG, Role.COORDINATOR),
        "other": make_actor("PSM", LUMAJANG, Role.COORDINATOR),
        "dinsos": make_actor("DINSOS", LUMAJANG, Role.DINSOS),
        "province": make_actor("DINSOS", "35", Role.DINSOS),
    }
    await employ(*people.values())
    return people


def told(event: tuple[str, dict[str, Any]]) -> set[UUID]:
    return {UUID(one) for one in event[1]["told"]}


async def test_at_half_and_nine_tenths_the_pool_is_reminded_once_each(
    employ: Employ, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    colleague = make_actor("TKSK", CANDIPURO)
    await employ(tksk, colleague)
    referral = await put(worker_db, psm, pool=(tksk.id, colleague.id), limits=LIMITS)
    for minutes in (59, 1, 1, 39, 9):
        await passes(owner, timedelta(minutes=minutes))
        await sweep(worker_db)
        await sweep(worker_db)
    events = (await said(owner, referral))[1:]
    assert kinds(events) == ["reminded", "reminded"]
    assert all(told(event) == {tksk.id, colleague.id} for event in events)
    assert {event[1]["deadline"] for event in events} == {"reply"}


async def test_the_holder_alone_is_reminded_of_what_the_holder_must_do(
    api: Api, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    referral = await put(worker_db, psm, pool=(tksk.id, uuid.uuid4()))
    assert (await api(tksk).post(f"/referrals/{referral}/accept", json={})).is_success
    await passes(owner, 13 * HOUR)
    await sweep(worker_db)
    *_, (kind, data) = await said(owner, referral)
    assert (kind, data["deadline"]) == ("reminded", "act")
    assert told((kind, data)) == {tksk.id}


async def test_a_missed_reply_goes_up_step_by_step_and_then_elsewhere_with_its_history(
    api: Api, employ: Employ, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor,
    make_actor: Make, need: Need,
) -> None:  # fmt: skip
    coordinator = make_actor("PSM", LUMAJANG, Role.COORDINATOR)
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    silent = make_actor("PSM", SUMBERWULUH)
    await employ(psm, tksk, coordinator, dinsos, silent)
    # A high urgency counts clock hours; the reply limit of this rule is 240 minutes.
    body = need(target={"pillar": "PSM"}, legs=[{"pillar": "KARANG_TARUNA", "after_primary": True}])
    sent = (await api(psm).post("/referrals", json=body)).json()["referrals"][0]
    limit = await owner.fetchval("select reply_limit from referrals")
    for part in (0.55, 0.4, 0.1, 1, 1):
        await passes(owner, limit * part)
        await sweep(worker_db)
    events = (await said(owner, sent["id"]))[1:]
    assert kinds(events) == ["reminded", "reminded", "escalated", "escalated", "escalated",
                             "rerouted"]  # fmt: skip
    assert [told(event) for event in events[2:5]] == [{coordinator.id}, {dinsos.id}, {dinsos.id}]
    assert [event[1]["escalation_level"] for event in events] == [0, 0, 1, 2, 2, 3]
    assert all(event[1]["actor_id"] is None for event in events)
    old = (await api(psm).get(f"/referrals/{sent['id']}")).json()
    assert old["status"] == "rerouted"
    new_id = old["history"][-1]["subject_id"]
    assert new_id == events[-1][1]["new_referral_id"]
    new = (await api(tksk).get(f"/referrals/{new_id}")).json()
    assert (new["rerouted_from"], new["pillar"], new["status"]) == (sent["id"], "TKSK", "sent")
    assert new["case"] == sent["case"]
    assert new["sender_id"] == str(psm.id)
    assert "Tidak ada jawaban" in new["reasons"][0]
    # Its own clocks run, and what waited for the old one waits for the new one.
    assert await owner.fetchval(
        "select reply_by - sent_at = reply_limit from referrals where id = $1", UUID(new_id)
    )
    assert str(await owner.fetchval("select after_id from planned_legs")) == new_id
    # The whole chain can be walked: the sender reads the first one's history to its end.
    verbs = [step["verb"] for step in old["history"]]
    assert verbs == ["send", "remind", "remind", "escalate", "escalate", "escalate", "reroute"]


async def test_without_a_coordinator_dinsos_of_the_area_is_told_at_once(
    employ: Employ, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    await employ(dinsos, make_actor("DINSOS", "35", Role.DINSOS))
    referral = await put(worker_db, psm, pool=(tksk.id,))
    await passes(owner, 2 * HOUR)
    await sweep(worker_db)
    *_, event = await said(owner, referral)
    assert (event[0], event[1]["escalation_level"]) == ("escalated", 2)
    assert told(event) == {dinsos.id}


async def test_of_coordinators_the_nearest_of_the_pillar_who_is_there_is_told(
    superiors: dict[str, Actor], worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    referral = await put(worker_db, psm, pool=(tksk.id,))
    await passes(owner, 2 * HOUR)
    await sweep(worker_db)
    *_, event = await said(owner, referral)
    assert told(event) == {superiors["coordinator"].id}


async def test_what_dinsos_lets_wait_goes_up_to_the_province_and_not_back_to_itself(
    superiors: dict[str, Actor], worker_db: Database, owner: Owner, psm: Actor
) -> None:
    own, province = superiors["dinsos"], superiors["province"]
    referral = await put(worker_db, psm, pillar="DINSOS", area=LUMAJANG, pool=(own.id,))
    for _ in range(3):
        await passes(owner, 2 * HOUR)
        await sweep(worker_db)
    escalated = [event for event in await said(owner, referral) if event[0] == "escalated"]
    assert escalated
    assert all(told(event) == {province.id} for event in escalated)


@pytest.mark.parametrize(("deadline", "span"), [("act", 24 * HOUR), ("close", 7 * DAY)])
async def test_missed_work_is_escalated_twice_and_stays_with_its_holder(
    api: Api, superiors: dict[str, Actor], worker_db: Database, owner: Owner, psm: Actor,
    tksk: Actor, deadline: str, span: timedelta,
) -> None:  # fmt: skip
    referral = await put(worker_db, psm, pool=(tksk.id,))
    path = f"/referrals/{referral}"
    await api(tksk).post(f"{path}/accept", json={})
    if deadline == "close":
        await api(tksk).post(f"{path}/start", json={})
    for part in (1.0, 0.3, 5.0):
        await passes(owner, span * part)
        await sweep(worker_db)
    events = [
        event for event in await said(owner, referral) if event[1].get("deadline") == deadline
    ]
    assert [told(event) for event in events] == [
        {superiors["coordinator"].id},
        {superiors["dinsos"].id},
    ]
    assert (await api(tksk).get(path)).json()["holder_id"] == str(tksk.id)


async def test_a_returned_referral_runs_its_senders_reply_clock_and_goes_nowhere_by_itself(
    api: Api, superiors: dict[str, Actor], worker_db: Database, owner: Owner, psm: Actor,
    tksk: Actor,
) -> None:  # fmt: skip
    referral = await put(worker_db, psm, pool=(tksk.id,))
    await api(tksk).post(f"/referrals/{referral}/return", json={"reason": "capacity"})
    for minutes in (65, 50, 10, 120, 120):
        await passes(owner, timedelta(minutes=minutes))
        await sweep(worker_db)
    events = (await said(owner, referral))[2:]
    assert kinds(events) == ["reminded", "reminded", "escalated", "escalated", "escalated"]
    assert [told(event) for event in events[:3]] == [
        {psm.id},
        {psm.id},
        {superiors["coordinator"].id},
    ]
    back = (await api(psm).get(f"/referrals/{referral}")).json()
    assert back["status"] == "returned"
    assert back["overdue"]


async def test_a_hold_ends_by_the_clock_and_the_deadlines_have_moved(
    api: Api, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    referral = await put(worker_db, psm, pool=(tksk.id,))
    path = f"/referrals/{referral}"
    await api(tksk).post(f"{path}/accept", json={})
    until = await owner.fetchval("select now() + interval '10 days'")
    body = {"reason": "Menunggu hujan reda.", "until": until.isoformat()}
    assert (await api(tksk).post(f"{path}/hold", json=body)).json()["due_at"] is None
    left = await owner.fetchval("select close_by - paused_at from referrals")
    await passes(owner, 9 * DAY)
    await sweep(worker_db)
    assert kinds(await said(owner, referral))[-1] == "held", "nothing rings while it is put off"
    await passes(owner, DAY)
    await sweep(worker_db)
    await sweep(worker_db)
    resumed = (await api(tksk).get(path)).json()
    assert resumed["status"] == "in_progress"
    assert kinds(await said(owner, referral))[-2:] == ["held", "resumed"]
    assert resumed["history"][-1]["actor_id"] is None
    assert resumed["act_by"], "the clock resumed it; its holder has still to act"
    assert await owner.fetchval("select close_by - now() < $1 from referrals", left)
    assert await owner.fetchval("select close_by - now() > $1 from referrals", left - HOUR)


@pytest.mark.parametrize("by_the_clock", [False, True])
async def test_what_rang_before_a_pause_does_not_ring_again_after_it(
    api: Api, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor, *, by_the_clock: bool
) -> None:
    referral = await put(worker_db, psm, pool=(tksk.id,))
    path = f"/referrals/{referral}"
    for verb in ("accept", "start"):
        assert (await api(tksk).post(f"{path}/{verb}", json={})).is_success
    await passes(owner, 4 * DAY)
    await sweep(worker_db)
    until = await owner.fetchval("select now() + interval '1 day'")
    body = {"reason": "Hujan.", "until": until.isoformat()}
    assert (await api(tksk).post(f"{path}/hold", json=body)).is_success
    await passes(owner, 23 * HOUR)
    if by_the_clock:
        await passes(owner, HOUR)
    else:
        assert (await api(tksk).post(f"{path}/resume", json={})).is_success
    await sweep(worker_db)
    await sweep(worker_db)
    events = kinds(await said(owner, referral))
    assert events == ["sent", "accepted", "started", "reminded", "held", "resumed"]


async def test_a_machine_that_stood_still_for_a_day_says_once_what_is_missed(
    api: Api, superiors: dict[str, Actor], worker_db: Database, owner: Owner, psm: Actor,
    tksk: Actor,
) -> None:  # fmt: skip
    held = await put(worker_db, psm, pool=(tksk.id,))
    await api(tksk).post(f"/referrals/{held}/accept", json={})
    await passes(owner, 31 * HOUR)
    await sweep(worker_db)
    await sweep(worker_db)
    (*_, accepted, missed) = await said(owner, held)
    assert accepted[0] == "accepted"
    assert (missed[0], missed[1]["deadline"]) == ("escalated", "act")
    assert told(missed) == {superiors["dinsos"].id}, "so late that it is Dinsos' by now"


async def test_what_is_given_up_after_a_standstill_rings_for_nothing_else(
    superiors: dict[str, Actor], worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    waiting = await put(worker_db, psm, pool=(tksk.id,))
    await passes(owner, 2 * DAY)
    await sweep(worker_db)
    assert kinds(await said(owner, waiting)) == ["sent", "escalated", "rerouted"]


async def test_a_clock_that_jumps_forward_and_back_rings_nothing_twice(
    worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    referral = await put(worker_db, psm, pool=(tksk.id,))
    await passes(owner, timedelta(minutes=65))
    await sweep(worker_db)
    early = await said(owner, referral)
    await passes(owner, -timedelta(minutes=65))
    for _ in range(7):
        await passes(owner, timedelta(minutes=10))
        await sweep(worker_db)
    assert await said(owner, referral) == early
    await passes(owner, timedelta(minutes=45))
    await sweep(worker_db)
    assert kinds(await said(owner, referral)) == ["sent", "reminded", "reminded"]


async def test_a_hold_ends_even_after_a_clock_that_had_jumped_far_ahead(
    api: Api, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    referral = await put(worker_db, psm, pool=(tksk.id,))
    path = f"/referrals/{referral}"
    await api(tksk).post(f"{path}/accept", json={})
    await passes(owner, 100 * DAY)
    await sweep(worker_db)
    await passes(owner, -100 * DAY)
    until = await owner.fetchval("select now() + interval '1 day'")
    await api(tksk).post(f"{path}/hold", json={"reason": "Hujan.", "until": until.isoformat()})
    await passes(owner, DAY)
    await sweep(worker_db)
    assert (await api(tksk).get(path)).json()["status"] == "in_progress"


async def test_a_c3_need_is_escalated_to_one_more_person_by_name(
    api: Api, employ: Employ, make_actor: Make, superiors: dict[str, Actor], worker_db: Database,
    owner: Owner, psm: Actor, tksk: Actor,
) -> None:  # fmt: skip
    second = make_actor("TKSK", LUMAJANG, Role.COORDINATOR)
    await employ(second)
    referral = await put(
        worker_db, psm, pool=(tksk.id,), worker_id=tksk.id, confidentiality=Confidentiality.C3
    )
    await passes(owner, 2 * HOUR)
    await sweep(worker_db)
    *_, event = await said(owner, referral)
    (named,) = told(event)
    assert event[1]["category"] is None
    readers = {
        actor.id: (await api(actor).get(f"/referrals/{referral}")).status_code
        for actor in (superiors["coordinator"], second, superiors["dinsos"])
    }
    assert sorted(readers.values()) == [200, 404, 404]
    assert readers[named] == 200


async def test_a_batch_that_was_cut_off_is_rung_again_from_its_beginning(
    worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    referrals = [await put(worker_db, psm, pool=(tksk.id,)) for _ in range(5)]
    await passes(owner, HOUR)
    with pytest.raises(ZeroDivisionError):
        await _cut_off(worker_db)
    assert [kinds(await said(owner, one)) for one in referrals] == [["sent"]] * 5
    await sweep(worker_db)
    await sweep(worker_db)
    assert [kinds(await said(owner, one)) for one in referrals] == [["sent", "reminded"]] * 5


async def _cut_off(worker_db: Database) -> None:
    async with worker_db.transaction() as tx:
        assert await ring_alarms(tx=tx) == 5
        raise ZeroDivisionError


async def test_one_referral_that_cannot_be_rung_holds_up_no_other_and_is_tried_again(
    employ: Employ, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    await employ(make_actor("DINSOS", LUMAJANG, Role.DINSOS))
    good = [await put(worker_db, psm, pool=(tksk.id,)) for _ in range(3)]
    # Nobody can be named in the place of a pillar that does not exist.
    bad = await put(worker_db, psm, pillar="UNHEARD_OF")
    await passes(owner, 7 * HOUR)
    await sweep(worker_db)
    for one in good:
        assert kinds(await said(owner, one)) == ["sent", "escalated", "rerouted"]
    assert kinds(await said(owner, bad)) == ["sent"]
    later = await owner.fetchval("select alarm_at - now() from referrals where id = $1", bad)
    assert timedelta(minutes=4) < later <= timedelta(minutes=5)
    await owner.execute("update referrals set pillar = 'DINSOS' where id = $1", bad)
    await passes(owner, timedelta(minutes=5))
    await sweep(worker_db)
    assert kinds(await said(owner, bad)) == ["sent", "escalated"]


async def test_five_thousand_deadlines_due_at_once_ring_once_each_for_two_sweepers(
    superiors: dict[str, Actor], worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    first = await put(worker_db, psm, pool=(tksk.id,), area=CANDIPURO)
    await multiply(owner, first, MANY)
    await passes(owner, 2 * HOUR)
    await asyncio.gather(sweep(worker_db), sweep(worker_db))
    # A sweeper leaves to the other what that one holds; the next round finds what is left.
    await sweep(worker_db)
    events = await owner.fetch(
        "select subject, count(*) from event_log where type like '%referral.escalated%' group by 1"
    )
    assert len(events) == MANY
    assert {row["count"] for row in events} == {1}
    steps = await owner.fetchval("select count(*) from referral_steps where verb = 'escalate'")
    assert steps == MANY
    assert await owner.fetchval("select count(*) from referrals where alarm_at <= now()") == 0


def test_a_batch_is_smaller_than_what_must_be_handled_in_a_second() -> None:
    """Two sweepers share the work only when it comes in several batches."""
    assert BATCH * 2 <= MANY
