"""Plan a referral: where it would go, who would be told, and why; changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain.errors import UnknownBeneficiary, UnknownReceiver
from services.cases.domain.legs import Candidate, Leg
from services.cases.domain.outside import OutsideService, UnknownOutsideService, to_service
from services.cases.domain.ranking import TAGANA, has_own_unit
from services.cases.domain.referral import Referral
from services.cases.domain.routing import Need, Plan, Rule, leg_to, make_plan
from services.cases.storage import known, outside
from services.cases.storage.known import KnownBeneficiary, Surroundings
from services.cases.storage.rules import RuleBook
from services.cases.use_cases.access import ActingAs, duty_for
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, LegalBasis, Urgency
from shared.database import Tx
from shared.policy import Action, Resource, decide
from shared.reference.areas import parents, require_known
from shared.reference.categories import require_category
from shared.reference.pillars import require_pillar
from shared.reference.situations import require_situation
from shared.trips import Opening


class BeneficiaryNotKnownYet(Exception):
    """Registry's event has not arrived here; the caller may ask registry and try again."""


@dataclass(frozen=True, slots=True)
class LegWanted:
    """A supporting leg the sender wants beside the primary one, or after it has ended."""

    pillar: str | None
    """None for one that goes to an outside service."""
    area: str | None = None
    after_primary: bool = False
    service: UUID | None = None


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
    legs: tuple[LegWanted, ...] = ()
    target_service: UUID | None = None


def asked_around(command: SendReferral) -> Opening:
    """What planning looks at, asked with the beginning of the transaction."""
    where = command.target_area or command.area
    return known.asked_around(command.beneficiary_id, where, command.target_worker)


async def plan_referral(
    command: SendReferral,
    *,
    tx: Tx,
    actor: Actor,
    rules: RuleBook,
    around: Surroundings,
    ranked: bool = False,
) -> tuple[Plan, KnownBeneficiary]:
    """The plan and the beneficiary it is for; `ranked` weighs what each candidate already holds.

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
    book = await rules.current(tx, around.rules_stamp, command.area)
    plan = await planned(book, need, duties, tx=tx, ranked=ranked)
    if command.target_service is not None:
        service = await service_in(command.target_service, command.area, "/target/service", tx=tx)
        duty = duty_for(actor, command.acting_as, area=beneficiary.area, pillar="")
        plan = to_service(plan, service, pillar=duty.pillar)
    return plan, beneficiary


async def planned(
    book: Sequence[Rule], need: Need, duties: Sequence[Candidate], *, tx: Tx, ranked: bool = False
) -> Plan:
    """The plan for a need whose surroundings are known."""
    plan = make_plan(book, need, duties)
    where = need.target_area or need.area
    if plan.wanted == TAGANA and _lacks_tagana(plan.primary, where):
        # No unit of its own: the nearest one of the province comes.
        duties = (*duties, *await known.of_pillar_in(tx, TAGANA, where[:2]))
        plan = make_plan(book, need, duties)
    if (ranked or plan.confidentiality is Confidentiality.C3) and len(duties) > 1:
        # Where one person is chosen by name the load decides among equals.
        load = await known.open_load(tx, [one.worker_id for one in duties])
        laden = [replace(one, open_load=load.get(one.worker_id, 0)) for one in duties]
        plan = make_plan(book, need, laden)
    return plan


async def service_in(service_id: UUID, area: str, pointer: str, *, tx: Tx) -> OutsideService:
    """The outside service, if it works in the area; raises `UnknownOutsideService`."""
    service = await outside.get(tx, service_id)
    if service is None or not service.active or service.area not in parents(area):
        raise UnknownOutsideService(pointer=pointer)
    return service


async def supporting_leg(
    pillar: str, need: Need, *, why: str, area: str, beneficiary_id: UUID, tx: Tx
) -> Leg:
    """A leg of this pillar in an area, for a need whose primary leg may be elsewhere."""
    around = await known.surroundings(tx, beneficiary_id, area, None)
    leg = leg_to(pillar, need, around.duties, why=why, area=area)
    if pillar == TAGANA and _lacks_tagana(leg, area):
        nearest = await known.of_pillar_in(tx, TAGANA, area[:2])
        leg = leg_to(pillar, need, (*around.duties, *nearest), why=why, area=area)
    return leg


def _lacks_tagana(leg: Leg, area: str) -> bool:
    return leg.pillar != TAGANA or not has_own_unit(leg.people, area)


def need_of(
    referral: Referral,
    *,
    area: str,
    target_pillar: str | None = None,
    target_worker: UUID | None = None,
) -> Need:
    """The need a referral was sent for, to be planned again for another receiver."""
    return Need(
        category=referral.category,
        situation=referral.situation,
        area=area,
        attributes=referral.attributes,
        urgency=referral.urgency,
        target_pillar=target_pillar,
        target_worker=target_worker,
    )
