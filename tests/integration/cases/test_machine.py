"""Two at a time, by any people, on real PostgreSQL: what happened is one order of allowed steps."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cases.domain.referral_status import Verb
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus, Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG
from tests.integration.cases.clock import passes, sweep
from tests.integration.cases.conftest import Api, Employ, Owner
from tests.integration.cases.seeding import put
from tests.unit.cases.test_referral_status import BY_HAND

Make = Callable[..., Actor]
BODIES: dict[str, dict[str, Any]] = {
    "note": {"text": "Sudah ditemui."},
    "hold": {"reason": "Hujan.", "until": "2099-01-01T00:00:00Z"},
    "complete": {"outcome": "need_met"},
    "return": {"reason": "capacity"},
    "resend": {"change": "Alamat dilengkapi."},
    "reroute": {"target": {"area": "35.08.04"}},
    "recall": {"reason": "Salah."},
    "cancel": {"reason": "Salah."},
    "correct": {"reason": "Salah."},
}
SWEPT = 0
"""What stands for an answer where the clock came by."""
GIVEN_TO = {"assign": "second", "hand_over": "first"}
"""To whom the coordinator gives it: one who is new to it, and one who may have had it before."""
VERBS = ("see", "accept", "start", "resume", *GIVEN_TO, *BODIES)
acts = st.tuples(st.sampled_from(["sender", "first", "second", "coordinator"]),
                 st.sampled_from(VERBS))  # fmt: skip
# Not at all, until a reply, until an act, and until the end is overdue.
clock = st.tuples(st.just("clock"), st.sampled_from(["100", "13", "1", "0"]))
races = st.sampled_from(
    [
        (("first", "accept"), ("second", "accept")),
        (("sender", "recall"), ("first", "accept")),
        (("clock", "100"), ("second", "complete")),
    ]
)
rounds = st.lists(st.one_of(races, st.tuples(acts, acts, clock)), min_size=3, max_size=8)
BEGUN = ((), ("accept", "hold"), ("accept", "start"))
"""How far one worker has come when a story begins: in the second it can be handed over."""


@pytest.fixture
async def people(make_actor: Make, employ: Employ) -> dict[str, Actor]:
    found = {
        "sender": make_actor("PSM", "35.08.03.2005"),
        "first": make_actor("TKSK", CANDIPURO),
        "second": make_actor("TKSK", CANDIPURO),
        "coordinator": make_actor("TKSK", LUMAJANG, Role.COORDINATOR),
        "dinsos": make_actor("DINSOS", LUMAJANG, Role.DINSOS),
    }
    await employ(*found.values())
    return found


@given(story=rounds, begun=st.sampled_from(BEGUN))
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_two_at_once_leave_one_history_of_allowed_steps(
    *, api: Api, people: dict[str, Actor], worker_db: Database, owner: Owner,
    story: list[tuple[tuple[str, str], ...]], begun: tuple[str, ...],
) -> None:  # fmt: skip
    pool = (people["first"].id, people["second"].id)
    referral = await put(worker_db, people["sender"], pool=pool)
    for verb in begun:
        assert await act(api, people, worker_db, owner, referral, "second", verb) == 200
    for together in story:
        before = await version_of(owner, referral)
        answers = await asyncio.gather(
            *(act(api, people, worker_db, owner, referral, *one) for one in together)
        )
        after = await version_of(owner, referral)
        done = sum(answer == 200 for answer in answers)
        opened = sum(verb == "see" for _, verb in together)
        rung = await owner.fetchval(
            "select count(*) from referral_steps where referral_id = $1 and version > $2"
            " and actor_id is null",
            referral,
            before,
        )
        # A second opening is answered and is no step; everything else answered is exactly one.
        assert done - opened <= after - before - rung <= done
        assert set(answers) <= {SWEPT, 200, 409}
    await check(owner, people, referral)


async def act(
    api: Api, people: dict[str, Actor], worker_db: Database, owner: Owner, referral: UUID,
    who: str, verb: str,
) -> int:  # fmt: skip
    """The answer's number."""
    if who == "clock":
        await passes(owner, timedelta(hours=int(verb)))
        await sweep(worker_db)
        return SWEPT
    body = BODIES.get(verb, {})
    if verb in GIVEN_TO:
        body = {"worker_id": str(people[GIVEN_TO[verb]].id)}
    path = f"/referrals/{referral}/{verb}"
    answer = await api(people[who]).post(
        path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())}
    )
    return answer.status_code


async def version_of(owner: Owner, referral: UUID) -> int:
    found: int = await owner.fetchval("select version from referrals where id = $1", referral)
    return found


async def check(owner: Owner, people: dict[str, Actor], referral: UUID) -> None:
    """Versions without a gap, each status from the one before by the table, one event a step."""
    steps = await owner.fetch(
        "select * from referral_steps where referral_id = $1 order by version", referral
    )
    row = await owner.fetchrow("select * from referrals where id = $1", referral)
    assert row is not None
    assert [step["version"] for step in steps] == list(range(1, row["version"] + 1))
    status = ReferralStatus.SENT
    for step in steps[1:]:
        _, status = BY_HAND[status, Verb(step["verb"])]
        assert step["status"] == status
    assert row["status"] == status
    events = await owner.fetch(
        "select version from event_log where subject = $1 order by version", referral
    )
    assert [event["version"] for event in events] == [step["version"] for step in steps]
    verbs = [step["verb"] for step in steps]
    # One winner: between two times it waits, it is accepted or returned once.
    waits = sum(verb in {"send", "resend"} for verb in verbs)
    assert verbs.count("accept") <= waits
    assert verbs.count("reroute") == await owner.fetchval(
        "select count(*) from referrals where rerouted_from = $1", referral
    )
    if row["holder_id"] is not None:
        # A coordinator of the pillar is of its pool too, and may take it.
        assert row["holder_id"] in {people[one].id for one in ("first", "second", "coordinator")}
