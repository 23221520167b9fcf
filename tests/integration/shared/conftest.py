"""A small service of the tests' own over cases' schema: one route per thing to prove."""

import uuid
from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI

from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, Confidentiality
from shared.contracts.registry import BeneficiaryRegistered
from shared.database import Database, Tx
from shared.http import Session, create_app, requires, session
from shared.messaging.event_log import Fact, append
from shared.policy import Action
from shared.routes import public
from tests.conftest import SUMBERWULUH
from tests.fixtures.stack import Stack

LateSession = Annotated[Tx, Depends(session)]
"""What nobody may write: its commit comes after the answer."""

router = APIRouter(prefix="/things")


async def state(tx: Tx, text: str) -> None:
    """Write a row and an event, as a use case would."""
    await tx.fetch(
        "insert into idempotency_keys (actor_id, key, fingerprint) values ($1, $2, '')",
        uuid.uuid4(),
        text,
    )
    subject = uuid.uuid4()
    fact = BeneficiaryRegistered(
        beneficiary_id=subject,
        kind=BeneficiaryKind.PERSON,
        area=SUMBERWULUH,
        confidentiality=Confidentiality.C1,
        categories=[],
    )
    await append(tx, [Fact(subject, 1, fact)])


@router.post("/{text}")
async def write(
    text: str, tx: Session, _actor: Annotated[Actor, requires(Action.ME_READ)]
) -> dict[str, str]:
    """Commits before it answers."""
    await state(tx, text)
    return {"wrote": text}


@router.post("/{text}/late")
async def write_late(
    text: str, tx: LateSession, _actor: Annotated[Actor, requires(Action.ME_READ)]
) -> dict[str, str]:
    """Commits after it answered: the control that shows the difference can be seen."""
    await state(tx, text)
    return {"wrote": text}


@router.get("/broken", dependencies=[public("a test's own route")])
async def broken() -> dict[str, str]:
    """Fails with words nobody outside may read."""
    raise RuntimeError("NIK 3508010101010001 of Budi in table referrals")


def app_over(database: Database, stack: Stack, *routers: APIRouter) -> FastAPI:
    return create_app(
        "cases",
        routers=routers,
        database=database,
        secret="a secret of the test",
        verifier=stack.verifier("cases"),
        checks={},
    )


@pytest.fixture
def service() -> str:
    return "cases"


@pytest.fixture
async def app(clean: Stack) -> AsyncIterator[FastAPI]:
    database = Database(clean.environment["CASES_DATABASE_URL"], pool_size=2)
    yield app_over(database, clean, router)
    await database.close()
