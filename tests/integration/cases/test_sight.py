"""Who sees how much of a referral, by its confidentiality and where it stands."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.conftest import Api, Owner
from tests.integration.cases.seeding import put

Make = Callable[..., Actor]
# A need that waits for the PSM of a village: all of it, only where it stands, or nothing at all;
# before it is accepted, while it is held, on hold, after its end.
SIGHT = """
                      sent    held    on_hold ended
C1 sender             all     all     all     all
C1 holder             all     all     all     status
C1 colleague          all     all     all     status
C1 coordinator        all     all     all     all
C1 tksk               all     all     all     status
C1 peksos             all     all     all     status
C1 dinsos             all     all     all     all
C1 other_pillar       nothing nothing nothing nothing
C1 neighbour          nothing nothing nothing nothing
C1 officer            nothing nothing nothing nothing
C2 sender             all     all     all     all
C2 holder             all     all     all     status
C2 colleague          all     status  status  status
C2 coordinator        all     all     all     all
C2 tksk               all     all     all     status
C2 peksos             all     all     all     status
C2 dinsos             all     all     all     all
C2 other_pillar       nothing nothing nothing nothing
C2 neighbour          nothing nothing nothing nothing
C2 officer            nothing nothing nothing nothing
C3 sender             status  status  status  status
C3 holder             all     all     all     status
C3 colleague          nothing nothing nothing nothing
C3 coordinator        nothing nothing nothing nothing
C3 tksk               nothing nothing nothing nothing
C3 peksos             nothing nothing nothing nothing
C3 dinsos             nothing nothing nothing nothing
C3 other_pillar       nothing nothing nothing nothing
C3 neighbour          nothing nothing nothing nothing
C3 officer            nothing nothing nothing nothing
"""
STAGES = {"sent": "sent", "held": "in_progress", "on_hold": "on_hold", "ended": "completed"}
NEED, NOTE = "Tidur di emper pasar.", "Dibawa ke rumah singgah."


@pytest.fixture
def people(make_actor: Make) -> dict[str, Actor]:
    return {
        "sender": make_actor("KARANG_TARUNA", SUMBERWULUH),
        "holder": make_actor("PSM", SUMBERWULUH),
        "colleague": make_actor("PSM", SUMBERWULUH),
        "coordinator": make_actor("PSM", LUMAJANG, Role.COORDINATOR),
        "tksk": make_actor("TKSK", CANDIPURO),
        "peksos": make_actor("PEKSOS", LUMAJANG),
        "dinsos": make_actor("DINSOS", LUMAJANG, Role.DINSOS),
        "other_pillar": make_actor("KARANG_TARUNA", SUMBERWULUH),
        "neighbour": make_actor("PSM", "35.08.03.2006"),
        "officer": make_actor("DINSOS", LUMAJANG, Role.DATA_PROTECTION),
    }


async def standing(
    worker_db: Database, owner: Owner, people: dict[str, Actor], level: str, stage: str
) -> UUID:
    """The need at this stage, with a note in its history."""
    holder = people["holder"].id
    referral = await put(
        worker_db,
        people["sender"],
        pillar="PSM",
        area=SUMBERWULUH,
        confidentiality=Confidentiality(level),
        need=NEED,
        # Special services go to a person and not to a pool.
        worker_id=holder if level == "C3" else None,
        pool=(holder,),
        status=STAGES[stage],
        holder_id=None if stage == "sent" else holder,
    )
    await owner.execute(
        "update referral_steps set note = $2 where referral_id = $1", referral, NOTE
    )
    return referral


def seen_of(status: int, body: dict[str, Any]) -> str:
    if status == 404:
        return "nothing"
    assert status == 200
    full = (body["need"], body["category"], body["history"][0]["note"]) == (NEED, "GLD", NOTE)
    bare = (body["need"], body["category"], body["history"][0]["note"]) == (None, None, None)
    assert full != bare, "either every word or none"
    if bare:
        text = str(body)
        assert NEED not in text
        assert NOTE not in text
        assert body["reasons"] == []
    return "all" if full else "status"


@pytest.mark.parametrize("level", Confidentiality)
async def test_everybody_sees_what_the_table_says(
    api: Api, worker_db: Database, owner: Owner, people: dict[str, Actor], level: str
) -> None:
    heads, *lines = SIGHT.strip("\n").splitlines()
    expected = {}
    for line in lines:
        of, who, *words = line.split()
        expected.update(
            {(of, who, at): word for at, word in zip(heads.split(), words, strict=True)}
        )
    found = {}
    for stage in STAGES:
        referral = await standing(worker_db, owner, people, level, stage)
        for who, actor in people.items():
            answer = await api(actor).get(f"/referrals/{referral}")
            found[level, who, stage] = seen_of(answer.status_code, answer.json())
    assert found == {key: word for key, word in expected.items() if key[0] == level}


@pytest.mark.parametrize("level", Confidentiality)
async def test_a_list_says_no_more_than_the_referral_itself(
    api: Api, worker_db: Database, owner: Owner, people: dict[str, Actor], level: str
) -> None:
    for stage in STAGES:
        referral = await standing(worker_db, owner, people, level, stage)
        case = await owner.fetchval("select case_id from referrals where id = $1", referral)
        for who, actor in people.items():
            alone = await api(actor).get(f"/referrals/{referral}")
            listed = await api(actor).get(f"/cases/{case}")
            assert listed.status_code == alone.status_code
            if alone.is_success:
                (leg,) = listed.json()["legs"]
                shown = seen_of(200, alone.json()) == "all" and level != "C3"
                assert (leg["category"] == "GLD") == shown, (stage, who)


async def test_a_named_person_who_handed_it_over_sees_only_where_it_stands(
    api: Api, worker_db: Database, owner: Owner, people: dict[str, Actor]
) -> None:
    referral = await standing(worker_db, owner, people, "C3", "held")
    path = f"/referrals/{referral}"
    assert (await api(people["holder"]).get(path)).json()["need"] == NEED
    await owner.execute("update referrals set holder_id = $1", people["colleague"].id)
    assert (await api(people["colleague"]).get(path)).json()["need"] == NEED
    assert (await api(people["holder"]).get(path)).json()["need"] is None
