"""Take in the families at a disaster's sites: each item opens a case with its legs, once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from services.cases.domain.case import Case
from services.cases.domain.disaster import (
    Disaster,
    HeadCount,
    Site,
    UnknownSite,
    require_bulk_intake,
)
from services.cases.domain.errors import ReasonMissing, UnknownBeneficiary
from services.cases.domain.following import following
from services.cases.domain.intake import Intake, supporting_legs
from services.cases.domain.legs import LegRole
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Relation
from services.cases.domain.routing import Need, Plan
from services.cases.domain.steps import By
from services.cases.storage import disasters, intakes, known, referrals
from services.cases.storage.case_numbers import CaseNumbers
from services.cases.storage.intakes import CaseRef, TakenIn
from services.cases.storage.known import KnownBeneficiary, Surroundings
from services.cases.storage.rules import RuleBook
from services.cases.use_cases.access import duty_for, require_plausible
from services.cases.use_cases.plan_referral import SendReferral, planned
from services.cases.use_cases.send_referral import primary_leg
from shared.auth import Actor
from shared.contracts.cases import ReferralGroup
from shared.contracts.codes import LegalBasis, Urgency
from shared.database import Tx
from shared.errors import Forbidden, NotFound, Problem, UnstorableText
from shared.ids import new_id
from shared.policy import Action, Resource, decide
from shared.reference.areas import Level, at_level, require_known


class IntakeStatus(StrEnum):
    """What became of one item."""

    CREATED = "created"
    REPEATED = "repeated"
    """Its key was served before; the case is the one opened then."""
    ALREADY = "already"
    """The family has an open case of this disaster; nothing was added."""
    INVALID = "invalid"
    TRY_AGAIN = "try-again"
    """Registry could not be asked whether the family exists; nothing was decided."""


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What became of one item, and why."""

    status: IntakeStatus
    case: CaseRef | None = None
    referrals: tuple[UUID, ...] = ()
    problem: Problem | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Opened:
    """An item that passed every rule: its case and legs, not sent and not stored yet."""

    intake: Intake
    site: Site
    case: Case
    legs: list[Referral]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Batch:
    """What the items of a batch share, each looked up once."""

    disaster: Disaster
    sites: Mapping[UUID, Site]
    families: Mapping[UUID, KnownBeneficiary]
    around: dict[str, Surroundings] = field(default_factory=dict)
    plans: dict[tuple[str, Urgency | None], Plan] = field(default_factory=dict)
    taken: dict[UUID, CaseRef] = field(default_factory=dict)
    """The open cases of this disaster by beneficiary."""


async def take_in_families(
    disaster_id: UUID,
    items: Sequence[Intake],
    *,
    tx: Tx,
    actor: Actor,
    rules: RuleBook,
    numbers: CaseNumbers,
) -> dict[UUID, IntakeResult]:
    """What became of each key. The first item under a key counts; no item hinders another.

    Raises `NotFound` when the disaster does not touch the caller's areas. A beneficiary that is
    not known here is refused; the caller asks registry first.
    """
    disaster = await disasters.get(tx, actor, disaster_id)
    if disaster is None:
        raise NotFound
    wanted: dict[UUID, Intake] = {}
    for item in items:
        wanted.setdefault(item.key, item)
    before = await intakes.before(tx, actor, wanted)
    results = {key: IntakeResult(IntakeStatus.REPEATED, case) for key, case in before.items()}
    fresh = [item for key, item in wanted.items() if key not in before]
    families = await known.beneficiaries(tx, [item.beneficiary_id for item in fresh])
    sites = {site.id: site for site in await disasters.sites_of(tx, actor, disaster_id)}
    whose = [one.filed_as for one in families.values()]
    taken = await intakes.open_cases(tx, disaster_id, whose)
    batch = _Batch(disaster, sites, families, taken=taken)
    opened: list[_Opened] = []
    for item in fresh:
        try:
            found = await _opened(item, batch, tx=tx, actor=actor, rules=rules, numbers=numbers)
        except Problem as problem:
            results[item.key] = IntakeResult(IntakeStatus.INVALID, problem=problem)
            continue
        if isinstance(found, CaseRef):
            results[item.key] = IntakeResult(IntakeStatus.ALREADY, found)
        else:
            opened.append(found)
    _send(opened, tx=tx, actor=actor)
    await _store(opened, results, tx=tx, actor=actor)
    return results


async def _opened(
    item: Intake,
    batch: _Batch,
    *,
    tx: Tx,
    actor: Actor,
    rules: RuleBook,
    numbers: CaseNumbers,
) -> _Opened | CaseRef:
    """The item's case and legs, or the case that its family already has."""
    site = batch.sites.get(item.site_id)
    if site is None:
        raise UnknownSite(pointer="/site_id")
    if not decide(actor, Action.DISASTER_INTAKE, Resource(area=site.area)):
        raise Forbidden
    require_plausible(item.occurred_at, tx.now)
    batch.disaster.require_open(item.occurred_at or tx.now)
    family = batch.families.get(item.beneficiary_id)
    if family is None or not decide(actor, Action.REFERRAL_SEND, Resource(area=family.area)):
        raise UnknownBeneficiary
    area = require_known(item.area) if item.area else site.area
    plan = await _plan(batch, area, item.urgency, tx=tx, rules=rules)
    require_bulk_intake(plan.rule, item.head_count)
    if plan.lowers_urgency and not item.urgency_reason:
        raise ReasonMissing("Jelaskan mengapa kurang mendesak daripada aturan.", "/urgency_reason")
    supporting = supporting_legs(item.legs, plan)
    whose = family.filed_as
    if whose in batch.taken:
        return batch.taken[whose]
    regency = at_level(area, Level.REGENCY) or area
    case = Case(
        id=new_id(),
        number=await numbers.next(regency, tx.now.year),
        beneficiary_id=whose,
        area=area,
        opened_by=actor.id,
        opened_at=tx.now,
    )
    batch.taken[whose] = CaseRef(case.id, case.number)
    primary = primary_leg(
        _command(item, batch.disaster, area), plan, case, _by(item, site, tx=tx, actor=actor)
    )
    legs = [following(primary, new_id(), leg, role=LegRole.SUPPORTING) for leg in supporting]
    return _Opened(item, site, case, [primary, *legs], plan.warnings)


async def _plan(
    batch: _Batch, area: str, urgency: Urgency | None, *, tx: Tx, rules: RuleBook
) -> Plan:
    """The plan for families of this place; the same for all of the batch who are as urgent."""
    if area not in batch.around:
        batch.around[area] = await known.surroundings(tx, None, area, None)
    around = batch.around[area]
    if (area, urgency) not in batch.plans:
        disaster = batch.disaster
        need = Need(disaster.category, disaster.situation, area, {}, urgency=urgency)
        book = await rules.current(tx, around.rules_stamp, area)
        batch.plans[area, urgency] = await planned(book, need, around.duties, tx=tx)
    return batch.plans[area, urgency]


def _command(item: Intake, disaster: Disaster, area: str) -> SendReferral:
    """Help in a disaster waits for nobody's consent: its ground is the family's life."""
    return SendReferral(
        beneficiary_id=item.beneficiary_id,
        category=disaster.category,
        situation=disaster.situation,
        area=area,
        need=item.need,
        legal_basis=LegalBasis.VITAL_INTEREST,
        urgency=item.urgency,
        urgency_reason=item.urgency_reason,
    )


def _by(item: Intake, site: Site, *, tx: Tx, actor: Actor) -> By:
    duty = duty_for(actor, None, area=site.area, pillar="")
    sender = frozenset({Relation.SENDER})
    return By(actor.id, duty.pillar, duty.area, sender, tx.now, item.occurred_at)


def _send(opened: Sequence[_Opened], *, tx: Tx, actor: Actor) -> None:
    """Open the cases and send the legs; those of one site to one pool are news together."""
    sizes = Counter((one.site.id, leg.pillar, leg.area) for one in opened for leg in one.legs)
    groups: dict[tuple[UUID, str, str], ReferralGroup] = {}
    for one in opened:
        by = _by(one.intake, one.site, tx=tx, actor=actor)
        one.case.open(by)
        for leg in one.legs:
            key = (one.site.id, leg.pillar, leg.area)
            if key not in groups:
                groups[key] = ReferralGroup(
                    id=new_id(), site_id=one.site.id, area=one.site.area, families=sizes[key]
                )
            leg.send(by, groups[key])


async def _store(
    opened: Sequence[_Opened], results: dict[UUID, IntakeResult], *, tx: Tx, actor: Actor
) -> None:
    """Write all in one savepoint, or one by one when the database objects to an item."""
    if not opened:
        return
    try:
        async with tx.savepoint():
            await referrals.add_all(
                tx, [leg for one in opened for leg in one.legs], [one.case for one in opened]
            )
            await intakes.add(tx, actor, [_taken(one, tx.now) for one in opened])
    except asyncpg.DataError:
        if len(opened) == 1:
            key = opened[0].intake.key
            results[key] = IntakeResult(IntakeStatus.INVALID, problem=UnstorableText())
            return
        for one in opened:
            await _store([one], results, tx=tx, actor=actor)
        return
    for one in opened:
        results[one.intake.key] = IntakeResult(
            IntakeStatus.CREATED,
            CaseRef(one.case.id, one.case.number),
            tuple(leg.id for leg in one.legs),
            warnings=one.warnings,
        )


def _taken(one: _Opened, now: datetime) -> TakenIn:
    return TakenIn(
        one.intake.key,
        one.site,
        one.case.beneficiary_id,
        one.case.id,
        one.intake.head_count or HeadCount(),
        one.intake.occurred_at or now,
    )
