"""Registry in process, and workers who use it."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI

from services.registry import main
from services.registry.settings import Settings
from services.registry.storage.field_encryption import NikVault
from shared.auth import Actor, service_actor
from shared.clock import utc_now
from shared.contracts.cases import (
    ReferralAccepted,
    ReferralCompleted,
    ReferralResent,
    ReferralReturned,
    ReferralSent,
    ReferralStarted,
    ReferralState,
)
from shared.contracts.codes import Confidentiality, ReferralStatus, Role, Urgency
from shared.contracts.envelope import Event
from shared.ids import new_id
from shared.settings import CommonSettings
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.fixtures import callers
from tests.fixtures.stack import Stack

Api = callers.Api
Body = Callable[..., dict[str, Any]]
Register = Callable[..., Awaitable[uuid.UUID]]
Step = Callable[..., Event]

NIK = "3508035203540001"
"""A woman born on 12 March 1954, first registered in Candipuro; invented."""
NEXT_NIK = "3508035203540002"
"""Another one of that day, entered after her."""
PRONOJIWO = "35.08.02.2001"
"""A village of the neighbouring kecamatan."""

STATUS: dict[type[ReferralState], ReferralStatus] = {
    ReferralSent: ReferralStatus.SENT,
    ReferralAccepted: ReferralStatus.ACCEPTED,
    ReferralStarted: ReferralStatus.IN_PROGRESS,
    ReferralReturned: ReferralStatus.RETURNED,
    ReferralResent: ReferralStatus.SENT,
    ReferralCompleted: ReferralStatus.COMPLETED,
}


@pytest.fixture
def service() -> str:
    return "registry"


@pytest.fixture
async def app(environment: None, clean: Stack) -> AsyncIterator[FastAPI]:
    built = main.build(Settings(), CommonSettings())
    built.state.verifier = clean.verifier("registry")
    async with built.router.lifespan_context(built):
        yield built


@pytest.fixture
def vault(app: FastAPI) -> NikVault:
    """The vault the running app uses."""
    held: NikVault = app.state.nik_vault
    return held


@pytest.fixture
def dinsos(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("DINSOS", LUMAJANG, Role.DINSOS)


@pytest.fixture
def cases_service() -> Actor:
    """Another service of ours, as its token names it."""
    return Actor(uuid.uuid4(), "service", name="cases")


@pytest.fixture
def exchange() -> Actor:
    """The service through which other systems speak."""
    return service_actor("exchange")


@pytest.fixture
def person() -> Body:
    """A body that registers; keyword arguments replace fields, None leaves one out."""

    def body(**changes: Any) -> dict[str, Any]:
        whole = {
            "kind": "person",
            "name": "Siti Aminah",
            "sex": "F",
            "birth": {"date": "1954-03-12"},
            "nik": NIK,
            "area": SUMBERWULUH,
            "address": "RT 02 RW 05 dekat balai dusun",
            "phone": "0812-3456-7890",
            "safe_contact": True,
            "categories": ["LUT"],
            "legal_basis": "public_task",
            **changes,
        }
        return {field: value for field, value in whole.items() if value is not None}

    return body


@pytest.fixture
def without_nik(person: Body) -> Body:
    """A body of a person whose NIK is lost."""

    def body(**changes: Any) -> dict[str, Any]:
        return person(**{"nik": None, "nik_absent_reason": "lost", **changes})

    return body


@pytest.fixture
def register(api: Api, without_nik: Body) -> Register:
    """Lets a worker register a person without NIK, whoever looks alike; the id comes back."""

    async def do(actor: Actor, **changes: Any) -> uuid.UUID:
        answer = await api(actor).post(
            "/beneficiaries", json=without_nik(**{"accept_lookalikes": True, **changes})
        )
        assert answer.status_code == 201, answer.text
        return uuid.UUID(answer.json()["id"])

    return do


@pytest.fixture
def step() -> Step:
    """One event of a referral: `step(ReferralSent, 1, beneficiary, holder)`."""
    referral_id = uuid.uuid4()

    def make(
        kind: type[ReferralState],
        version: int,
        beneficiary_id: uuid.UUID,
        holder_id: uuid.UUID | None,
        **extra: Any,
    ) -> Event:
        data = kind(
            **{
                "referral_id": referral_id,
                "case_id": uuid.uuid4(),
                "case_number": "RJ-25-000001",
                "beneficiary_id": beneficiary_id,
                "status": STATUS[kind],
                "pillar": "TAGANA",
                "area": PRONOJIWO,
                "category": None,
                "urgency": Urgency.NORMAL,
                "confidentiality": Confidentiality.C1,
                "sender_id": uuid.uuid4(),
                "holder_id": holder_id,
                "actor_id": uuid.uuid4(),
                "pool": [],
                "reply_by": None,
                "act_by": None,
                "close_by": None,
                **extra,
            }
        )
        return Event.stating(
            data,
            event_id=new_id(),
            subject=data.referral_id,
            version=version,
            time=utc_now(),
            traceparent=None,
        )

    return make
