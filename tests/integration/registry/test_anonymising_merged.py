"""Records that are one person are kept and anonymised as one."""

from collections.abc import Callable

import asyncpg
import pytest

from services.registry.storage.anonymising import Counts
from services.registry.use_cases.follow_referral import follow_referral
from shared.auth import Actor
from shared.contracts.cases import ReferralCompleted, ReferralSent
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import LUMAJANG
from tests.integration.registry.conftest import Api, Register, Step
from tests.integration.registry.retention import (
    anonymous,
    ask_for_erasure,
    dry_run,
    grow_old,
    merge,
    run_asked,
    run_due,
)


@pytest.fixture
def officer(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("DINSOS", LUMAJANG, Role.DATA_PROTECTION)


async def test_what_happened_to_a_merged_record_happened_to_the_one_that_remains(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    stays = await register(psm)
    await grow_old(owner, 5.5)
    assert (await dry_run(worker_db)).over == 1
    gone = await register(psm)
    await merge(api, dinsos, gone, stays)
    assert await dry_run(worker_db) == Counts(asked_for=0, over=0, waiting=0)
    assert await run_due(worker_db) == 1
    assert await anonymous(owner) == set()
    await grow_old(owner, 5.5)
    assert (await dry_run(worker_db)).over == 1
    assert await run_due(worker_db) == 1
    assert await anonymous(owner) == {stays, gone}
    trails = await owner.fetch(
        "select subject_id from audit_log where action = 'beneficiary.anonymised'"
    )
    assert {row["subject_id"] for row in trails} == {stays, gone}


async def test_the_longest_period_among_merged_records_counts(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    stays = await register(psm, categories=["ODHA"])
    gone = await register(psm)
    await merge(api, dinsos, gone, stays)
    await grow_old(owner, 4.9)
    assert (await dry_run(worker_db)).over == 0


async def test_a_merged_record_is_never_anonymised_alone(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    gone = await register(psm)
    await grow_old(owner, 5.5)
    stays = await register(psm)
    await merge(api, dinsos, gone, stays)
    assert await dry_run(worker_db) == Counts(asked_for=0, over=0, waiting=0)
    assert await run_due(worker_db) == 0
    parted = await api(dinsos).post(f"/beneficiaries/{gone}/unmerge")
    assert parted.json()["name"] == "Siti Aminah"
    assert await run_due(worker_db) == 1
    assert await anonymous(owner) == {gone}


async def test_a_referral_of_a_merged_record_holds_both_back_too(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    officer: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
    step: Step,
) -> None:
    stays, gone = await register(psm), await register(psm)
    async with worker_db.transaction() as tx:
        await follow_referral(step(ReferralSent, 1, gone, None), tx)
    await merge(api, dinsos, gone, stays)
    await grow_old(owner, 6)
    assert await dry_run(worker_db) == Counts(asked_for=0, over=0, waiting=1)
    assert await run_due(worker_db) == 1
    await ask_for_erasure(api, psm, officer, stays)
    assert await run_asked(worker_db) == 0
    assert await anonymous(owner) == set()
    ended = step(ReferralCompleted, 2, gone, None, outcome="need_met", service=None)
    async with worker_db.transaction() as tx:
        await follow_referral(ended, tx)
    assert await run_asked(worker_db) == 1
    assert await anonymous(owner) == {stays, gone}
