"""Who could take a referral: the ranking a coordinator sees, and the reasons in words."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.cases.storage import known
from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.contracts.directory import AbsenceState, DutyState, WorkerJoined
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Need
from tests.integration.cases.seeding import put

Away = Callable[..., Awaitable[None]]


def psm_in(area: str) -> Actor:
    return Actor(uuid.uuid4(), "worker", (Duty("PSM", area, Role.WORKER),))


def coordinator(pillar: str = "PSM", area: str = LUMAJANG) -> Actor:
    return Actor(uuid.uuid4(), "worker", (Duty(pillar, area, Role.COORDINATOR),))


@pytest.fixture
def away(worker_db: Database) -> Away:
    """Makes cases know a worker who is absent today."""

    async def tell(actor: Actor, stand_in: Actor | None = None) -> None:
        today = datetime.now(UTC).date()
        (duty,) = actor.duties
        state = WorkerJoined(
            worker_id=actor.id,
            active=True,
            duties=[
                DutyState(
                    duty_id=uuid.uuid4(),
                    pillar=duty.pillar,
                    area=duty.area,
                    role=duty.role,
                    starts_on=date(2020, 1, 1),
                )
            ],
            absences=[
                AbsenceState(
                    starts_on=today - timedelta(days=2),
                    ends_on=today + timedelta(days=2),
                    stand_in_id=stand_in.id if stand_in else None,
                )
            ],
        )
        async with worker_db.transaction() as tx:
            await known.remember_worker(tx, state, 1)

    return tell


async def waiting(worker_db: Database, sender: Actor, **changes: Any) -> uuid.UUID:
    return await put(worker_db, sender, **{"pillar": "PSM", "area": SUMBERWULUH, **changes})


async def test_the_present_near_and_least_laden_come_first_each_with_the_reasons(
    api: Api, worker_db: Database, employ: Employ, away: Away, tksk: Actor
) -> None:
    free, laden, wide, absent, other_village = (
        psm_in(SUMBERWULUH), psm_in(SUMBERWULUH), psm_in(CANDIPURO), psm_in(SUMBERWULUH),
        psm_in("35.08.03.2006"),
    )  # fmt: skip
    await employ(free, laden, wide, tksk, other_village)
    await away(absent, stand_in=free)
    for _ in range(2):
        await waiting(worker_db, tksk, status="accepted", holder_id=laden.id)
    referral = await waiting(worker_db, tksk)
    answer = await api(coordinator()).get(f"/referrals/{referral}/candidates")
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert [one["rank"] for one in items] == [1, 2, 3, 4]
    assert [uuid.UUID(one["worker_id"]) for one in items] == [free.id, laden.id, wide.id, absent.id]
    assert [one["open_load"] for one in items] == [0, 2, 0, 0]
    said = [" ".join(one["reasons"]) for one in items]
    assert "tepat di wilayah rujukan" in said[0]
    assert "Tidak sedang memegang rujukan" in said[0]
    assert "memegang 2 rujukan" in said[1]
    assert "Kec. Candipuro, 1 tingkat" in said[2]
    assert "berhalangan, digantikan" in said[3]
    assert items[3]["stand_in_id"] == str(free.id)


async def test_only_who_may_assign_it_sees_the_ranking(
    api: Api, worker_db: Database, employ: Employ, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    referral = await waiting(worker_db, tksk)
    dinsos = Actor(uuid.uuid4(), "worker", (Duty("DINSOS", LUMAJANG, Role.DINSOS),))
    both = Actor(uuid.uuid4(), "worker", (
        Duty("PSM", SUMBERWULUH, Role.WORKER), Duty("TKSK", LUMAJANG, Role.COORDINATOR),
    ))  # fmt: skip
    for actor, status in (
        (coordinator(), 200),
        (dinsos, 200),
        (coordinator("TKSK"), 404),
        (coordinator(area="35.09"), 404),
        (both, 403),
        (psm, 403),
        (tksk, 403),
    ):
        answer = await api(actor).get(f"/referrals/{referral}/candidates")
        assert answer.status_code == status, actor
    missing = await api(dinsos).get(f"/referrals/{uuid.uuid4()}/candidates")
    assert missing.status_code == 404


async def test_a_special_service_shows_its_ranking_to_nobody_but_its_own(
    api: Api, worker_db: Database, psm: Actor, tksk: Actor
) -> None:
    secret = await waiting(worker_db, tksk, confidentiality=Confidentiality.C3, worker_id=psm.id)
    answer = await api(coordinator()).get(f"/referrals/{secret}/candidates")
    assert answer.status_code == 404


async def test_the_sender_is_warned_before_sending_when_nobody_can_be_reached(
    api: Api, worker_db: Database, employ: Employ, away: Away, psm: Actor, need: Need
) -> None:
    async def warnings() -> list[str]:
        plan = (await api(psm).post("/referrals/plan", json=need())).json()
        found: list[str] = plan["warnings"]
        return found

    (nobody,) = await warnings()
    assert "Belum ada petugas" in nobody
    tksk, stand_in = (
        Actor(uuid.uuid4(), "worker", (Duty("TKSK", CANDIPURO, Role.WORKER),)) for _ in range(2)
    )
    await away(tksk)
    (all_away,) = await warnings()
    assert "berhalangan tanpa pengganti" in all_away
    sent = (await api(psm).post("/referrals", json=need())).json()
    assert sent["warnings"] == [all_away]
    elsewhere = Actor(stand_in.id, "worker", (Duty("PSM", "35.08.04.2001", Role.WORKER),))
    await employ(elsewhere)
    async with worker_db.transaction() as tx:
        await tx.fetch("update known_absences set stand_in_id = $1", stand_in.id)
    assert await warnings() == []


async def test_each_leg_that_nobody_would_read_is_warned_of(
    api: Api, need: Need, psm: Actor, tksk: Actor, employ: Employ
) -> None:
    await employ(psm, tksk)
    away = "35.08.04.2001"
    body = need(legs=[{"pillar": "KARANG_TARUNA"}, {"pillar": "TAGANA", "area": away}])
    planned = (await api(psm).post("/referrals/plan", json=body)).json()["legs"]
    assert all(bool(leg["warnings"]) is not bool(leg["people"]) for leg in planned)
    sent = (await api(psm).post("/referrals", json=body)).json()
    assert len(sent["referrals"]) == 3
    (nobody,) = sent["warnings"]
    assert "Belum ada petugas" in nobody


async def test_rerouting_to_nobody_is_warned_of(
    api: Api, need: Need, psm: Actor, tksk: Actor, employ: Employ
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    path = f"/referrals/{sent['id']}/reroute"
    moved = (await api(psm).post(path, json={"target": {"area": "35.08.04"}})).json()
    assert moved["status"] == "rerouted", moved
    (nobody,) = moved["warnings"]
    assert "Belum ada petugas" in nobody
