"""Send a referral: the plan's primary leg leaves its sender."""

from uuid import UUID

from services.cases.domain.case import Case
from services.cases.domain.errors import ReasonMissing, UnknownCase
from services.cases.domain.referral import By, Referral
from services.cases.domain.referral_status import Relation
from services.cases.domain.routing import Plan
from services.cases.storage import referrals
from services.cases.storage.case_numbers import CaseNumbers
from services.cases.storage.rules import RuleBook
from services.cases.use_cases.access import duty_for, require_plausible
from services.cases.use_cases.plan_referral import SendReferral, plan_referral
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.errors import RuleViolated
from shared.ids import new_id
from shared.reference.areas import Level, at_level


class NobodyToReceive(RuleViolated):
    """A confidential need must reach a named person, and there is none."""

    code = "nobody-to-receive"
    title = "Belum ada petugas yang dapat menerima; hubungi Dinas Sosial"
    title_en = "Nobody can receive this yet; please call the Social Affairs Office"


async def send_referral(
    command: SendReferral, *, tx: Tx, actor: Actor, rules: RuleBook, numbers: CaseNumbers
) -> tuple[Case, Referral, Plan]:
    """Open the case (or add to a given one) and send its referral; see `plan_referral` too."""
    plan, beneficiary = await plan_referral(command, tx=tx, actor=actor, rules=rules)
    if plan.lowers_urgency and not command.urgency_reason:
        raise ReasonMissing("Jelaskan mengapa kurang mendesak daripada aturan.", "/urgency_reason")
    if plan.confidentiality is Confidentiality.C3 and plan.primary.worker_id is None:
        raise NobodyToReceive
    require_plausible(command.occurred_at, tx.now)
    duty = duty_for(actor, command.acting_as, area=beneficiary.area, pillar="")
    beneficiary_id = beneficiary.merged_into or beneficiary.id
    case = await _case_for(command, beneficiary_id, tx=tx, actor=actor, numbers=numbers)
    referral = Referral(
        id=new_id(),
        case_id=case.id,
        case_number=case.number,
        beneficiary_id=beneficiary_id,
        pillar=plan.primary.pillar,
        area=plan.primary.area,
        organisation_id=None,
        worker_id=plan.primary.worker_id,
        sender_id=actor.id,
        sender_pillar=duty.pillar,
        sender_area=duty.area,
        place=command.area,
        category=command.category,
        situation=command.situation,
        urgency=plan.urgency,
        confidentiality=plan.confidentiality,
        need=command.need,
        legal_basis=command.legal_basis,
        rule_id=plan.rule.id,
        reasons=_reasons(plan, command),
        flags=plan.rule.flags,
        pool=plan.primary.reachable,
        limits=plan.rule.limits,
    )
    by = By(actor.id, duty.pillar, duty.area, frozenset({Relation.SENDER}))
    referral.send(by, now=tx.now, occurred_at=command.occurred_at)
    await referrals.add(tx, case, referral)
    return case, referral, plan


async def _case_for(
    command: SendReferral, beneficiary_id: UUID, *, tx: Tx, actor: Actor, numbers: CaseNumbers
) -> Case:
    if command.case_id is not None:
        case = await referrals.get_case_for_update(tx, command.case_id)
        # A case opened before its beneficiary was merged keeps the record it was opened for.
        whose = {command.beneficiary_id, beneficiary_id}
        if case is None or not case.is_open or case.beneficiary_id not in whose:
            raise UnknownCase
        return case
    regency = at_level(command.area, Level.REGENCY) or command.area
    case = Case(
        id=new_id(),
        number=await numbers.next(regency, tx.now.year),
        beneficiary_id=beneficiary_id,
        area=command.area,
        opened_by=actor.id,
        opened_at=tx.now,
    )
    case.open()
    return case


def _reasons(plan: Plan, command: SendReferral) -> tuple[str, ...]:
    reasons = plan.primary.reasons
    if plan.lowers_urgency and command.urgency_reason:
        reasons += (f"Urgensi diturunkan pengirim: {command.urgency_reason}",)
    return reasons
