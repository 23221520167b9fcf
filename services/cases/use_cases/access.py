"""How a caller stands to a referral, by the policy every service shares."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.cases.domain.errors import NotYourDuty, TimeImplausible
from services.cases.domain.referral import By, Referral
from services.cases.domain.referral_status import Relation
from services.cases.storage import referrals
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
        named=(referral.worker_id,),
        confidentiality=referral.confidentiality,
    )


def relations_of(actor: Actor, referral: Referral) -> frozenset[Relation]:
    """Every way in which the caller stands to the referral."""
    relations = set()
    if actor.id == referral.sender_id:
        relations.add(Relation.SENDER)
    if actor.id == referral.holder_id:
        relations.add(Relation.HOLDER)
    named = referral.worker_id is not None
    if (named and referral.worker_id == actor.id) or (
        not named and decide(actor, Action.REFERRAL_RECEIVE, resource_of(referral))
    ):
        relations.add(Relation.RECEIVER)
    if any(
        duty.role is Role.COORDINATOR
        and duty.pillar == referral.pillar
        and duty.covers(referral.area)
        for duty in actor.duties
    ):
        relations.add(Relation.COORDINATOR)
    return frozenset(relations)


def sees_status_only(confidentiality: Confidentiality, relations: frozenset[Relation]) -> bool:
    """Whether somebody who sent a C3 need may see no more of it than where it stands."""
    return confidentiality is Confidentiality.C3 and not relations & {
        Relation.HOLDER,
        Relation.RECEIVER,
    }


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
    if referral is None or not decide(actor, Action.REFERRAL_READ, resource_of(referral)):
        raise NotFound
    if act.if_version is not None and act.if_version != referral.version:
        raise VersionConflict(version_now=referral.version)
    require_plausible(act.occurred_at, tx.now)
    duty = duty_for(actor, act.acting_as, area=referral.area, pillar=referral.pillar)
    by = By(actor.id, duty.pillar, duty.area, relations_of(actor, referral))
    return referral, by
