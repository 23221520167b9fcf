"""A batch of alarms: each referral fares in it as it would alone."""

import contextlib
import uuid
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.cases.domain.flags import Flag
from services.cases.storage import planned_legs
from services.cases.use_cases import ring_alarms
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database, Tx
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.clock import kinds, passes, said, sweep
from tests.integration.cases.conftest import Employ, Owner
from tests.integration.cases.seeding import put

Make = Callable[..., Actor]
HOUR = timedelta(hours=1)
GIVEN_UP = 6 * HOUR
"""When nobody has answered what should be answered within two hours."""
JUGOSARI, TEMPURSARI, TEGALREJO = "35.08.03.2001", "35.08.01", "35.08.01.2001"
ELSEWHERE = "35.07.01"
"""Another kabupaten, where nobody works."""
_REFERRALS_SQL = """
    select coalesce(rerouted_from, id) as origin, rerouted_from is not null as is_new, status,
           version, pillar, area, place, worker_id, holder_id, pool, named, reasons, role,
           beneficiary_id, escalation_level, reply_by - sent_at, act_by - sent_at,
           close_by - sent_at, due_at - sent_at, alarm_at - sent_at, ended_at = now()
    from referrals where pillar <> 'UNHEARD_OF' order by 1, 2
"""
_STEPS_SQL = """
    select coalesce(rerouted_from, id) as origin, rerouted_from is not null as is_new, s.version,
           verb, s.status, at = now(), reason,
           subject_id = (select n.id from referrals n where n.rerouted_from = r.id)
    from referral_steps s join referrals r on r.id = s.referral_id
    where pillar <> 'UNHEARD_OF' order by 1, 2, 3
"""
_EVENTS_SQL = """
    select coalesce(rerouted_from, r.id) as origin, rerouted_from is not null as is_new,
           e.version, type, data
    from event_log e join referrals r on r.id = e.subject
    where pillar <> 'UNHEARD_OF' order by 1, 2, 3
"""
_LEGS_SQL = """
    select p.id, r.rerouted_from, p.pillar
    from planned_legs p join referrals r on r.id = p.after_id order by 1
"""
_PUT_OFF_SQL = """
    select count(*) from referrals where pillar = 'UNHEARD_OF' and alarm_at > now() and version = 1
"""
_TOLD = ("status", "pillar", "area", "pool", "told", "escalation_level", "category", "deadline")


async def became_of(owner: Owner, referral: UUID) -> Any:
    """The referral that took its place."""
    return await owner.fetchrow("select * from referrals where rerouted_from = $1", referral)


async def wait_after(worker_db: Database, referral: UUID) -> None:
    """Plan a leg that waits for this referral to end."""
    async with worker_db.transaction() as tx:
        case_id = await tx.fetchval("select case_id from referrals where id = $1", referral)
        await planned_legs.plan(
            tx,
            case_id=case_id,
            after_id=referral,
            pillar="KARANG_TARUNA",
            area=SUMBERWULUH,
            planned_by=uuid.uuid4(),
        )


async def test_of_many_given_up_together_each_goes_to_those_of_its_own_place(
    employ: Employ, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    dinsos, far = make_actor("DINSOS", LUMAJANG, Role.DINSOS), make_actor("TKSK", TEMPURSARI)
    silent, second = make_actor("PSM", SUMBERWULUH), make_actor("PSM", JUGOSARI)
    await employ(psm, tksk, dinsos, far, silent, second)

    async def sent(place: str, pillar: str = "PSM", **changes: Any) -> UUID:
        area = changes.pop("area", place)
        return await put(
            worker_db, psm, pillar=pillar, area=area, place=place, beneficiary_id=uuid.uuid4(),
            **changes,
        )  # fmt: skip

    near, beside = await sent(SUMBERWULUH), await sent(JUGOSARI)
    away = await sent(TEGALREJO)
    named = await sent(
        SUMBERWULUH, worker_id=silent.id, pool=(silent.id,), confidentiality=Confidentiality.C3
    )
    flagged = await sent(
        SUMBERWULUH, worker_id=silent.id, pool=(silent.id,), flags=(Flag.NO_PILLAR_BROADCAST,)
    )
    tried = await sent(SUMBERWULUH, "TKSK", area=CANDIPURO)
    nobody = await sent(ELSEWHERE)
    last = await sent(SUMBERWULUH, "DINSOS", area=LUMAJANG)
    broken = await sent(SUMBERWULUH, "UNHEARD_OF")
    for one in (near, away, nobody):
        await wait_after(worker_db, one)
    await passes(owner, GIVEN_UP)
    await sweep(worker_db)
    went = {
        "near": await became_of(owner, near),
        "beside": await became_of(owner, beside),
        "away": await became_of(owner, away),
        "named": await became_of(owner, named),
        "flagged": await became_of(owner, flagged),
        "tried": await became_of(owner, tried),
    }
    assert {name: (row["pillar"], row["area"], row["pool"]) for name, row in went.items()} == {
        "near": ("TKSK", CANDIPURO, [tksk.id]),
        "beside": ("TKSK", CANDIPURO, [tksk.id]),
        "away": ("TKSK", TEMPURSARI, [far.id]),
        "named": ("TKSK", CANDIPURO, [tksk.id]),
        "flagged": ("TKSK", CANDIPURO, [tksk.id]),
        "tried": ("DINSOS", LUMAJANG, [dinsos.id]),
    }
    assert {name for name, row in went.items() if row["worker_id"]} == {"named", "flagged"}
    for name, old in (("near", near), ("away", away), ("named", named)):
        whose = await owner.fetchval("select beneficiary_id from referrals where id = $1", old)
        assert went[name]["beneficiary_id"] == whose
        assert kinds(await said(owner, old)) == ["sent", "escalated", "rerouted"]
        assert kinds(await said(owner, went[name]["id"])) == ["sent"]
    for stays in (nobody, last):
        assert await became_of(owner, stays) is None
        assert kinds(await said(owner, stays)) == ["sent", "escalated"]
    assert await became_of(owner, broken) is None
    assert kinds(await said(owner, broken)) == ["sent"]
    waiting = await owner.fetch("select after_id from planned_legs")
    assert {row["after_id"] for row in waiting} == {went["near"]["id"], went["away"]["id"], nobody}


async def test_a_silent_tagana_is_followed_by_the_nearest_unit_and_then_by_dinas_sosial(
    employ: Employ, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor
) -> None:
    own, colleague = make_actor("TAGANA", LUMAJANG), make_actor("TAGANA", LUMAJANG)
    beside, province = make_actor("TAGANA", "35.09"), make_actor("TAGANA", "35")
    far, elsewhere = make_actor("TAGANA", "35.10"), make_actor("TAGANA", "33.01")
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    await employ(psm, own, colleague, beside, far, province, elsewhere, dinsos)
    # One of the unit was not told; the unit was asked all the same.
    leg = await put(
        worker_db, psm, pillar="TAGANA", area=LUMAJANG, place=SUMBERWULUH, pool=(own.id,)
    )
    went = []
    for _ in range(3):
        await passes(owner, GIVEN_UP)
        await sweep(worker_db)
        new = await became_of(owner, leg)
        if new is None:
            break
        went.append((new["pillar"], new["area"], new["pool"]))
        leg = new["id"]
    assert went == [
        ("TAGANA", "35.09", [beside.id]),
        ("DINSOS", LUMAJANG, [dinsos.id]),
    ]
    pools = await owner.fetch("select pool from referrals where pillar = 'TAGANA'")
    assert all(province.id in row["pool"] for row in pools), "the province's own waited with each"


async def test_a_leg_that_was_sent_or_given_up_keeps_what_it_waited_for(
    employ: Employ, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk, make_actor("DINSOS", LUMAJANG, Role.DINSOS))
    referral = await put(worker_db, psm, pool=(tksk.id,))
    for _ in range(2):
        await wait_after(worker_db, referral)
    first, second = await owner.fetch("select id from planned_legs")
    async with worker_db.transaction() as tx:
        await planned_legs.sent(tx, first["id"], referral)
        await planned_legs.drop(tx, second["id"])
    await passes(owner, GIVEN_UP)
    await sweep(worker_db)
    assert await became_of(owner, referral) is not None
    assert await owner.fetchval("select array_agg(after_id) from planned_legs") == [referral] * 2


@pytest.mark.parametrize("span", [HOUR, 2 * HOUR, GIVEN_UP, timedelta(days=2)])
async def test_a_batch_becomes_what_its_referrals_become_one_by_one(
    employ: Employ, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor,
    span: timedelta,
) -> None:  # fmt: skip
    silent = make_actor("PSM", SUMBERWULUH)
    await employ(
        psm, tksk, silent, make_actor("TKSK", TEMPURSARI), make_actor("TKSK", CANDIPURO),
        make_actor("DINSOS", LUMAJANG, Role.DINSOS),
        make_actor("TKSK", LUMAJANG, Role.COORDINATOR),
        make_actor("PSM", LUMAJANG, Role.COORDINATOR),
    )  # fmt: skip
    places = (SUMBERWULUH, JUGOSARI, TEGALREJO, ELSEWHERE)
    levels = (Confidentiality.C1, Confidentiality.C3)
    for pillar, place, level in product(("PSM", "TKSK", "KARANG_TARUNA", "DINSOS"), places, levels):
        changes = {"pillar": pillar, "area": place, "place": place, "confidentiality": level}
        one = await put(worker_db, psm, beneficiary_id=uuid.uuid4(), **changes)
        await wait_after(worker_db, one)
    await put(worker_db, psm, worker_id=tksk.id, pool=(tksk.id,), named=(silent.id,))
    await put(worker_db, psm, status="accepted", holder_id=tksk.id)
    await put(worker_db, psm, status="returned")
    await passes(owner, span)
    together = await _rung(worker_db, put_off=0)
    # A faulty one makes the clock take all of them one by one.
    await put(worker_db, psm, pillar="UNHEARD_OF")
    await owner.execute(
        "update referrals set alarm_at = now(), reply_by = now() - 2 * reply_limit"
        " where pillar = 'UNHEARD_OF'"
    )
    alone = await _rung(worker_db, put_off=1)
    assert together == alone
    assert any(row["status"] == "rerouted" for row in alone["referrals"]) == (span >= GIVEN_UP)


class _Undone(Exception):
    """Takes back what rang."""


async def _rung(worker_db: Database, *, put_off: int) -> dict[str, list[Any]]:
    """What all became when what is due rang, so many of it put off; nothing of it stays."""
    found: dict[str, list[Any]] = {}
    with contextlib.suppress(_Undone):
        async with worker_db.transaction() as tx:
            assert await ring_alarms(tx=tx) > 30
            assert await tx.fetchval(_PUT_OFF_SQL) == put_off
            found = await _state(tx)
            raise _Undone
    return found


async def _state(tx: Tx) -> dict[str, list[Any]]:
    events = [
        (*list(row.values())[:4], {name: data.get(name) for name in _TOLD})
        for row in await tx.fetch(_EVENTS_SQL)
        for data in (orjson.loads(row["data"])["data"],)
    ]
    return {
        "referrals": await tx.fetch(_REFERRALS_SQL),
        "steps": await tx.fetch(_STEPS_SQL),
        "events": events,
        "legs": await tx.fetch(_LEGS_SQL),
    }
