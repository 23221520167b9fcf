"""How a caller stands to a referral, by the policy every service shares."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.cases.domain.errors import NotYourDuty, TimeImplausible
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Relation
from services.cases.domain.sight import Sight, sight_of
from services.cases.domain.steps import By
from services.cases.storage import glass, referrals
from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.database import Tx
from shared.errors import NotFound, VersionConflict
from shared.policy import Action, Resource, decide

CLOCK_TOLERANCE = timedelta(minutes=5)
"""Phones run ahead a little; an act further in the future is a mistake."""
RECORDS_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
"""A phone with a dead clock says 1970; the earliest times cannot be stored at all."""


@dataclass(frozen=True, slots=True)
class ActingAs:
    """The duty in which somebody acts: the same person may be TKSK and PSM."""

    pillar: str
    area: str


@dataclass(frozen=True, slots=True)
class Act:
    """What every verb says beside its own fields."""

    referral_id: UUID
    acting_as: ActingAs | None = None
    occurred_at: datetime | None = None
    if_version: int | None = None


def resource_of(referral: Referral) -> Resource:
    """What the policy needs to know of a referral."""
    return Resource(
        area=referral.area,
        sender_area=referral.sender_area,
        pillar=referral.pillar,
        organisation_id=referral.organisation_id,
        owners=(referral.sender_id, referral.holder_id),
        named=(referral.worker_id, *referral.named),
        confidentiality=referral.confidentiality,
    )


def relations_of(actor: Actor, referral: Referral) -> frozenset[Relation]:
    """Every way in which the caller stands to the referral."""
    relations = set()
    secret = referral.confidentiality is Confidentiality.C3
    # A stand-in acts for a colleague, but is not one of the named persons of a C3 need.
    people = {actor.id} if secret else {actor.id, *actor.stands_for}
    if referral.sender_id in people:
        relations.add(Relation.SENDER)
    if referral.holder_id in people:
        relations.add(Relation.HOLDER)
    if _receives(actor, referral, people):
        relations.add(Relation.RECEIVER)
    if actor.id in referral.named or (
        not secret and any(_coordinates(duty, referral) for duty in actor.duties)
    ):
        relations.add(Relation.COORDINATOR)
    may_break = decide(actor, Action.GLASS_BREAK, resource_of(referral))
    if may_break and not _sees_all(actor, referral, relations):
        relations.add(Relation.OVERSEER)
    return frozenset(relations)


def _sees_all(actor: Actor, referral: Referral, relations: AbstractSet[Relation]) -> bool:
    by_policy = decide(actor, Action.REFERRAL_READ, resource_of(referral))
    return by_policy and sight_of(referral, relations) is Sight.FULL


def _receives(actor: Actor, referral: Referral, people: set[UUID]) -> bool:
    if referral.service_id is not None:
        # An outside service has no account: its sender keeps the status for it.
        return referral.sender_id in people
    if referral.worker_id is not None:
        return referral.worker_id in people
    return decide(actor, Action.REFERRAL_RECEIVE, resource_of(referral))


def _coordinates(duty: Duty, referral: Referral) -> bool:
    """Dinsos answers for every pillar of its area, a coordinator for the own one."""
    if not duty.covers(referral.area):
        return False
    return duty.role is Role.DINSOS or (
        duty.role is Role.COORDINATOR
        and duty.pillar == referral.pillar
        and referral.organisation_id in (None, duty.organisation_id)
    )


async def may_read(tx: Tx, actor: Actor, referral: Referral) -> bool:
    """Whether the policy, or glass broken for this referral, lets the caller read it."""
    return (
        decide(actor, Action.REFERRAL_READ, resource_of(referral))
        or await glass.is_broken(tx, referral.id, actor.id)
        or await glass.was_told(tx, referral.id, actor.id)
    )


async def may_give_away(tx: Tx, actor: Actor, referral: Referral) -> bool:
    """Whether the caller may give it to another worker.

    Coordinators may, and Dinsos of its area who broke the glass: a C3 need that nobody else knows
    of would otherwise stay with somebody who fell ill.
    """
    if Relation.COORDINATOR in relations_of(actor, referral):
        return True
    answers = any(duty.role is Role.DINSOS and duty.covers(referral.area) for duty in actor.duties)
    return answers and await glass.is_broken(tx, referral.id, actor.id)


async def sight(tx: Tx, actor: Actor, referral: Referral) -> Sight:
    """How much the caller sees of a referral that `may_read` lets them open."""
    relations = relations_of(actor, referral)
    if _sees_all(actor, referral, relations):
        return Sight.FULL
    broken = await glass.is_broken(tx, referral.id, actor.id)
    return sight_of(referral, relations, glass_broken=True) if broken else Sight.STATUS


def duty_for(actor: Actor, acting_as: ActingAs | None, *, area: str, pillar: str) -> Duty:
    """The duty in which the caller acts: the one named, else the best fitting of theirs."""
    if acting_as is not None:
        for duty in actor.duties:
            if duty.pillar == acting_as.pillar and duty.area == acting_as.area:
                return duty
        raise NotYourDuty(pointer="/acting_as")
    return max(
        actor.duties, key=lambda duty: (duty.pillar == pillar, duty.covers(area), len(duty.area))
    )


def require_plausible(occurred_at: datetime | None, now: datetime) -> None:
    """Raise `TimeImplausible` unless the act can have happened when its sender says."""
    if occurred_at is not None and not RECORDS_BEGIN <= occurred_at <= now + CLOCK_TOLERANCE:
        raise TimeImplausible(pointer="/occurred_at")


async def taken_up(tx: Tx, actor: Actor, act: Act) -> tuple[Referral, By]:
    """The referral an act is about, locked, and who acts on it.

    Raises `NotFound` out of scope, `VersionConflict` when it moved since the caller read it.
    """
    referral = await referrals.get_for_update(tx, act.referral_id)
    if referral is None or not await may_read(tx, actor, referral):
        raise NotFound
    if act.if_version is not None and act.if_version != referral.version:
        raise VersionConflict(version_now=referral.version)
    require_plausible(act.occurred_at, tx.now)
    duty = duty_for(actor, act.acting_as, area=referral.area, pillar=referral.pillar)
    by = By(
        actor.id, duty.pillar, duty.area, relations_of(actor, referral), tx.now, act.occurred_at
    )
    return referral, by
