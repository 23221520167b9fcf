"""Plan a referral: where it would go, who would be told, and why; changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain.errors import UnknownBeneficiary, UnknownReceiver
from services.cases.domain.routing import Need, Plan, make_plan
from services.cases.storage import known
from services.cases.storage.known import KnownBeneficiary
from services.cases.storage.rules import RuleBook
from services.cases.use_cases.access import ActingAs
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, LegalBasis, Urgency
from shared.database import Tx
from shared.policy import Action, Resource, decide
from shared.reference.areas import require_known
from shared.reference.categories import require_category
from shared.reference.pillars import require_pillar
from shared.reference.situations import require_situation


class BeneficiaryNotKnownYet(Exception):
    """Registry's event has not arrived here; the caller may ask registry and try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReferral:
    """What a sender asks for."""

    beneficiary_id: UUID
    category: str
    situation: str
    area: str
    need: str
    legal_basis: LegalBasis
    case_id: UUID | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    urgency: Urgency | None = None
    urgency_reason: str | None = None
    target_pillar: str | None = None
    target_area: str | None = None
    target_worker: UUID | None = None
    acting_as: ActingAs | None = None
    occurred_at: datetime | None = None


async def plan_referral(
    command: SendReferral, *, tx: Tx, actor: Actor, rules: RuleBook
) -> tuple[Plan, KnownBeneficiary]:
    """The plan and the beneficiary it is for.

    Raises what is unknown (area, category, situation, pillar, receiver), `UnknownBeneficiary`
    out of the caller's scope, `BeneficiaryNotKnownYet` when registry must be asked first.
    """
    require_known(command.area)
    require_category(command.category)
    require_situation(command.situation)
    if command.target_pillar:
        require_pillar(command.target_pillar, "/target/pillar")
    if command.target_area:
        require_known(command.target_area, "/target/area")
    around = await known.surroundings(
        tx, command.beneficiary_id, command.target_area or command.area, command.target_worker
    )
    beneficiary = around.beneficiary
    if beneficiary is None:
        raise BeneficiaryNotKnownYet
    if not decide(actor, Action.REFERRAL_SEND, Resource(area=beneficiary.area)):
        raise UnknownBeneficiary
    duties = around.duties
    if command.target_worker and command.target_worker not in {one.worker_id for one in duties}:
        raise UnknownReceiver(pointer="/target/worker_id")
    need = Need(
        category=command.category,
        situation=command.situation,
        area=command.area,
        attributes=command.attributes,
        urgency=command.urgency,
        target_pillar=command.target_pillar,
        target_area=command.target_area,
        target_worker=command.target_worker,
    )
    book = await rules.current(tx, around.rules_stamp)
    plan = make_plan(book, need, duties)
    if plan.confidentiality is Confidentiality.C3 and len(duties) > 1:
        # One person is chosen by name, so the load decides among equals.
        load = await known.open_load(tx, [one.worker_id for one in duties])
        laden = [replace(one, open_load=load.get(one.worker_id, 0)) for one in duties]
        plan = make_plan(book, need, laden)
    return plan, beneficiary
