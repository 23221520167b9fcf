"""Send a referral: the plan's primary leg leaves its sender, with the legs beside and after it."""

from uuid import UUID

from services.cases.domain.case import Case
from services.cases.domain.errors import (
    NobodyToReceive,
    ReasonMissing,
    SecretsApart,
    UnknownCase,
)
from services.cases.domain.flags import require_kept_on_sending
from services.cases.domain.following import following
from services.cases.domain.legs import Leg, LegRole
from services.cases.domain.outside import leg_to_service
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Relation
from services.cases.domain.routing import Plan, warnings_of
from services.cases.domain.steps import By
from services.cases.storage import case_files, known, planned_legs, referrals
from services.cases.storage.case_numbers import CaseNumbers
from services.cases.storage.known import Surroundings
from services.cases.storage.rules import RuleBook
from services.cases.use_cases.access import duty_for, require_plausible
from services.cases.use_cases.case_access import answers_for
from services.cases.use_cases.plan_referral import (
    LegWanted,
    SendReferral,
    plan_referral,
    service_in,
    supporting_leg,
)
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.errors import RuleViolated
from shared.ids import new_id
from shared.reference.areas import Level, at_level, require_known
from shared.reference.pillars import UnknownPillar, require_pillar


class NamedOnly(RuleViolated):
    """A need that only named persons may know of goes to no further pillar."""

    code = "named-only"
    title = "Kebutuhan rahasia hanya untuk petugas yang disebut"
    title_en = "A confidential need goes to named persons only"


async def send_referral(
    command: SendReferral,
    *,
    tx: Tx,
    actor: Actor,
    rules: RuleBook,
    numbers: CaseNumbers,
    around: Surroundings,
) -> tuple[Case, list[Referral], tuple[str, ...]]:
    """Open the case (or add to a given one) and send its referrals, the primary one first.

    The words warn of each leg that nobody would read now. See `plan_referral` for what it raises
    too.
    """
    plan, beneficiary = await plan_referral(command, tx=tx, actor=actor, rules=rules, around=around)
    if plan.lowers_urgency and not command.urgency_reason:
        raise ReasonMissing("Jelaskan mengapa kurang mendesak daripada aturan.", "/urgency_reason")
    outside = command.target_service is not None
    if plan.named_only and plan.primary.worker_id is None and not outside:
        raise NobodyToReceive
    require_kept_on_sending(
        plan.rule.flags,
        legal_basis=command.legal_basis,
        attributes=command.attributes,
        words={"/need": command.need, "/urgency_reason": command.urgency_reason},
    )
    require_plausible(command.occurred_at, tx.now)
    duty = duty_for(actor, command.acting_as, area=beneficiary.area, pillar="")
    by = By(
        actor.id,
        duty.pillar,
        duty.area,
        frozenset({Relation.SENDER}),
        tx.now,
        command.occurred_at,
    )
    beneficiary_id = beneficiary.filed_as
    if command.case_id is None:
        case = await _new_case(command, beneficiary_id, by, tx=tx, numbers=numbers)
    else:
        case = await _given_case(command.case_id, beneficiary_id, plan, tx=tx, actor=actor)
    primary = primary_leg(command, plan, case, by)
    # A case keeps the record it was opened for; what is sent names the one that remains.
    primary.beneficiary_id = beneficiary_id
    primary.send(by)
    await referrals.add(tx, primary, case)
    others = await _supporting(command.legs, plan, case, primary, by, tx=tx)
    told = [leg for referral, leg in others if referral.service_id is None]
    warnings = [*plan.warnings, *(words for leg in told for words in warnings_of(leg))]
    sent = [primary, *(referral for referral, _ in others)]
    return case, sent, tuple(dict.fromkeys(warnings))


def primary_leg(command: SendReferral, plan: Plan, case: Case, by: By) -> Referral:
    """The plan's primary leg, not sent yet."""
    assert by.worker_id is not None
    assert by.pillar is not None
    assert by.area is not None
    return Referral(
        id=new_id(),
        case_id=case.id,
        case_number=case.number,
        beneficiary_id=case.beneficiary_id,
        pillar=plan.primary.pillar,
        area=plan.primary.area,
        organisation_id=None,
        worker_id=plan.primary.worker_id,
        sender_id=by.worker_id,
        sender_pillar=by.pillar,
        sender_area=by.area,
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
        attributes=command.attributes,
        reported_urgency=command.urgency,
        service_id=command.target_service,
    )


async def _supporting(
    wanted: tuple[LegWanted, ...], plan: Plan, case: Case, primary: Referral, by: By, *, tx: Tx
) -> list[tuple[Referral, Leg]]:
    """The legs sent beside the primary one; those that wait for it are only planned."""
    if wanted and plan.named_only:
        raise NamedOnly(pointer="/legs")
    sent = []
    for number, one in enumerate(wanted):
        if one.service is not None:
            sent.append(await _to_service(one.service, number, primary, by, tx=tx))
            continue
        if one.pillar is None:
            raise UnknownPillar(pointer=f"/legs/{number}/pillar")
        require_pillar(one.pillar, f"/legs/{number}/pillar")
        if one.area:
            require_known(one.area, f"/legs/{number}/area")
        area = one.area or plan.need.target_area or plan.need.area
        if one.after_primary:
            await planned_legs.plan(
                tx,
                case_id=case.id,
                after_id=primary.id,
                pillar=one.pillar,
                area=area,
                planned_by=primary.sender_id,
            )
            continue
        leg = await supporting_leg(
            one.pillar,
            plan.need,
            why="Diajak oleh pengirim untuk mendampingi.",
            area=area,
            beneficiary_id=primary.beneficiary_id,
            tx=tx,
        )
        referral = following(primary, new_id(), leg, role=LegRole.SUPPORTING)
        referral.send(by)
        await referrals.add(tx, referral)
        sent.append((referral, leg))
    return sent


async def _to_service(
    service_id: UUID, number: int, primary: Referral, by: By, *, tx: Tx
) -> tuple[Referral, Leg]:
    """A leg to an outside service beside the primary one, sent at once."""
    service = await service_in(service_id, primary.place, f"/legs/{number}/service", tx=tx)
    leg = leg_to_service(
        service, pillar=primary.sender_pillar, area=primary.place, role=LegRole.SUPPORTING
    )
    referral = following(primary, new_id(), leg, role=LegRole.SUPPORTING)
    referral.service_id = service.id
    referral.send(by)
    await referrals.add(tx, referral)
    return referral, leg


async def _given_case(
    case_id: UUID, beneficiary_id: UUID, plan: Plan, *, tx: Tx, actor: Actor
) -> Case:
    """The open case, of this beneficiary, of whoever answers for one of its referrals.

    Raises `UnknownCase` for any other, and `SecretsApart` unless all of them are for named persons
    alone, or none is.
    """
    case = await case_files.get_for_update(tx, case_id)
    if case is None or not case.is_open:
        raise UnknownCase
    # A case opened before its beneficiary was merged keeps the record it was opened for.
    whose = (await known.remaining(tx, [case.beneficiary_id]))[case.beneficiary_id]
    if beneficiary_id not in {whose, case.beneficiary_id}:
        raise UnknownCase
    if not answers_for(actor, await referrals.of_case(tx, case_id)):
        raise UnknownCase
    levels = {plan.confidentiality, await case_files.most_confidential(tx, case_id)}
    if Confidentiality.C3 in levels and len(levels) > 1:
        raise SecretsApart("Kirim sebagai kasus baru.", "/case_id")
    return case


async def _new_case(
    command: SendReferral, beneficiary_id: UUID, by: By, *, tx: Tx, numbers: CaseNumbers
) -> Case:
    assert by.worker_id is not None
    regency = at_level(command.area, Level.REGENCY) or command.area
    case = Case(
        id=new_id(),
        number=await numbers.next(regency, tx.now.year),
        beneficiary_id=beneficiary_id,
        area=command.area,
        opened_by=by.worker_id,
        opened_at=tx.now,
    )
    case.open(by)
    return case


def _reasons(plan: Plan, command: SendReferral) -> tuple[str, ...]:
    reasons = plan.primary.reasons
    if plan.lowers_urgency and command.urgency_reason:
        reasons += (f"Urgensi diturunkan pengirim: {command.urgency_reason}",)
    return reasons
