import itertools
import uuid
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from services.registry.reactions import REACTIONS
from shared.auth import Actor
from shared.contracts.cases import (
    ReferralAccepted,
    ReferralCompleted,
    ReferralResent,
    ReferralReturned,
    ReferralSent,
    ReferralStarted,
)
from shared.contracts.codes import (
    Confidentiality,
    Outcome,
    ReturnReason,
)
from shared.contracts.envelope import Event
from shared.database import Database
from shared.messaging.inbox import Entry, Inbox
from tests.integration.registry.conftest import PRONOJIWO, Api, Register, Step

Hear = Callable[..., Awaitable[None]]


@pytest.fixture
def receiver(make_actor: Callable[..., Actor]) -> Actor:
    """A worker of another kecamatan and pillar, who sees nothing here by duty."""
    return make_actor("TAGANA", PRONOJIWO)


@pytest.fixture
def hear(worker_db: Database) -> Hear:
    """Delivers events as the consumer would, in the order given."""
    inbox = Inbox("registry", worker_db, REACTIONS)

    async def deliver(*events: Event) -> None:
        entries = [Entry(f"{number}-0", event.to_json()) for number, event in enumerate(events, 1)]
        settled = await inbox.apply("test:ev:cases", entries)
        assert len(settled) == len(entries)

    return deliver


async def may_read(api: Api, actor: Actor, beneficiary_id: uuid.UUID) -> bool:
    answer = await api(actor).get(f"/beneficiaries/{beneficiary_id}")
    assert answer.status_code in {200, 404}
    return answer.status_code == 200


async def test_the_holder_may_read_from_acceptance_to_the_end(
    *, api: Api, psm: Actor, receiver: Actor, register: Register, step: Step, hear: Hear
) -> None:
    made = await register(psm, categories=["KTK"])
    await hear(step(ReferralSent, 1, made, None))
    assert not await may_read(api, receiver, made)
    await hear(step(ReferralAccepted, 2, made, receiver.id))
    assert await may_read(api, receiver, made)
    await hear(step(ReferralStarted, 3, made, receiver.id))
    assert await may_read(api, receiver, made)
    await hear(step(ReferralCompleted, 4, made, receiver.id, outcome=Outcome.NEED_MET))
    assert not await may_read(api, receiver, made)


async def test_a_receiver_named_by_the_sender_may_read_before_accepting(
    *, api: Api, psm: Actor, receiver: Actor, register: Register, step: Step, hear: Hear
) -> None:
    made = await register(psm)
    await hear(step(ReferralSent, 1, made, receiver.id))
    listed = (await api(receiver).get("/beneficiaries")).json()["items"]
    assert [item["id"] for item in listed] == [str(made)]
    await hear(
        step(ReferralReturned, 2, made, receiver.id, reason=ReturnReason.CAPACITY),
    )
    assert not await may_read(api, receiver, made)
    await hear(step(ReferralResent, 3, made, receiver.id))
    assert await may_read(api, receiver, made)


async def test_named_workers_see_the_name_of_a_confidential_person_in_lists(
    *, api: Api, psm: Actor, receiver: Actor, register: Register, step: Step, hear: Hear
) -> None:
    made = await register(psm, categories=["KTK"])
    await hear(step(ReferralAccepted, 2, made, receiver.id))
    item = (await api(receiver).get("/beneficiaries")).json()["items"][0]
    assert (item["name"], item["masked"]) == ("Siti Aminah", False)


async def test_any_order_and_any_repeat_of_events_ends_in_the_newest_state(
    *, api: Api, psm: Actor, receiver: Actor, register: Register, hear: Hear, step: Step
) -> None:
    made = await register(psm)
    other = uuid.uuid4()
    steps = [
        step(ReferralAccepted, 2, made, receiver.id),
        step(ReferralReturned, 3, made, None, reason=ReturnReason.OTHER),
        step(ReferralAccepted, 5, made, other),
        step(ReferralCompleted, 6, made, other, outcome=Outcome.NEED_MET),
    ]
    for order in itertools.permutations(steps):
        await hear(*order, *order)
        assert not await may_read(api, receiver, made)


async def test_a_late_acceptance_does_not_reopen_a_completed_referral(
    *,
    api: Api,
    psm: Actor,
    receiver: Actor,
    register: Register,
    step: Step,
    hear: Hear,
    owner: asyncpg.Connection,
) -> None:
    made = await register(psm)
    await hear(step(ReferralCompleted, 4, made, receiver.id, outcome=Outcome.MOVED))
    await hear(step(ReferralAccepted, 2, made, receiver.id))
    assert not await may_read(api, receiver, made)
    assert await owner.fetchval("select granted_to from beneficiaries") == []


async def test_ending_one_referral_leaves_the_grant_of_another(
    *, api: Api, psm: Actor, receiver: Actor, register: Register, step: Step, hear: Hear
) -> None:
    made = await register(psm)
    another = uuid.uuid4()
    await hear(
        step(ReferralAccepted, 2, made, receiver.id),
        step(ReferralAccepted, 2, made, receiver.id, referral_id=another),
        step(ReferralReturned, 3, made, receiver.id, reason=ReturnReason.OTHER),
    )
    assert await may_read(api, receiver, made)
    await hear(
        step(
            ReferralCompleted,
            3,
            made,
            receiver.id,
            referral_id=another,
            outcome=Outcome.NEED_MET,
        )
    )
    assert not await may_read(api, receiver, made)


async def test_a_completed_referral_leaves_one_service_received(
    *, api: Api, psm: Actor, receiver: Actor, register: Register, step: Step, hear: Hear
) -> None:
    made = await register(psm)
    done = step(
        ReferralCompleted, 4, made, receiver.id, outcome=Outcome.NEED_MET, service="FOOD_AID"
    )
    await hear(done)
    await hear(done)
    services = (await api(psm).get(f"/beneficiaries/{made}")).json()["services_received"]
    assert [(one["outcome"], one["service"]) for one in services] == [("need_met", "FOOD_AID")]


async def test_a_service_of_a_more_confidential_referral_is_not_told_on_the_record(
    *, api: Api, psm: Actor, receiver: Actor, register: Register, step: Step, hear: Hear
) -> None:
    made = await register(psm)
    await hear(
        step(
            ReferralCompleted,
            4,
            made,
            receiver.id,
            outcome=Outcome.NEED_MET,
            service="HIV_CARE",
            confidentiality=Confidentiality.C3,
        )
    )
    answer = await api(psm).get(f"/beneficiaries/{made}")
    assert answer.json()["services_received"] == []


async def test_a_step_about_an_unknown_beneficiary_harms_nothing(hear: Hear, step: Step) -> None:
    await hear(step(ReferralAccepted, 2, uuid.uuid4(), uuid.uuid4()))


@pytest.mark.parametrize("safe", [None, False, True])
async def test_a_referral_for_a_safe_contact_alone_withholds_every_other(
    *,
    api: Api,
    psm: Actor,
    receiver: Actor,
    register: Register,
    step: Step,
    hear: Hear,
    safe: bool | None,
) -> None:
    contact = {"phone": "081200000001", "address": "RT 3 RW 1", "safe_contact": safe}
    made = await register(psm, categories=["KTK"], **contact)

    async def seen(actor: Actor) -> dict[str, object]:
        record = (await api(actor).get(f"/beneficiaries/{made}")).json()
        return {name: record[name] for name in ("phone", "address", "contact_withheld")}

    shown = {**contact, "contact_withheld": False}
    del shown["safe_contact"]
    await hear(step(ReferralAccepted, 2, made, receiver.id, safe_contact_only=True))
    hidden = {"phone": None, "address": None, "contact_withheld": True}
    assert await seen(receiver) == (shown if safe else hidden)
    assert await seen(psm) == shown, "who registered it knows it"
    await hear(step(ReferralStarted, 3, made, receiver.id, safe_contact_only=False))
    assert await seen(receiver) == shown


@pytest.mark.parametrize("safe", [None, False, True])
async def test_a_sheet_withholds_the_contacts_that_the_record_withholds(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    register: Register,
    step: Step,
    hear: Hear,
    safe: bool | None,
) -> None:
    contact = {"phone": "081200000001", "address": "RT 3 RW 1", "safe_contact": safe}
    made = await register(psm, **contact)
    await hear(step(ReferralAccepted, 2, made, dinsos.id, safe_contact_only=True))
    sheet = (await api(dinsos).get("/beneficiaries/export")).text
    assert ("081200000001" in sheet, "RT 3 RW 1" in sheet) == (safe is True, safe is True)
    assert "Siti Aminah" in sheet
    await hear(step(ReferralStarted, 3, made, dinsos.id, safe_contact_only=False))
    assert "081200000001" in (await api(dinsos).get("/beneficiaries/export")).text
