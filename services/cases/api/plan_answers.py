"""Shapes of what sending would do, and of whom it would reach."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.cases.api.answers import OutsideServiceOut
from services.cases.domain.flags import advice_of
from services.cases.domain.legs import Candidate, Leg
from services.cases.domain.outside import OutsideService
from services.cases.domain.routing import Plan, warnings_of
from shared.contracts.codes import Confidentiality, Urgency


class PersonOut(BaseModel):
    """Somebody who would be told, in the order of the ranking."""

    worker_id: UUID
    pillar: str
    area: str
    absent: bool
    stand_in_id: UUID | None
    open_load: int

    @classmethod
    def of(cls, one: Candidate, **more: Any) -> Self:
        """From somebody of a ranking, with what a subclass says beside."""
        said = {name: getattr(one, name) for name in PersonOut.model_fields}
        return cls(**said, **more)


class LegOut(BaseModel):
    """One receiver of a plan."""

    role: str
    pillar: str
    area: str
    worker_id: UUID | None
    people: list[PersonOut]
    urgency: Urgency
    confidentiality: Confidentiality
    reply_by: datetime
    act_by: datetime
    close_by: datetime
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    """That nobody would read it now."""
    flags: tuple[str, ...]


class PlanOut(BaseModel):
    """What sending would do, and why."""

    rule_id: str
    level: str
    """The level of government that handles it: DESA, KECAMATAN, KABKOTA or PROVINSI."""
    reasons: tuple[str, ...]
    """Why so urgent, so confidential, until when, and at which level."""
    legs: list[LegOut]
    external_services: tuple[str, ...]
    services: list[OutsideServiceOut] = []
    """The outside services of those kinds that work where the need is."""
    service: OutsideServiceOut | None = None
    """The outside service chosen as receiver."""
    advice: tuple[str, ...]
    warnings: tuple[str, ...]
    lowers_urgency: bool
    asks_about_guardian: bool
    """Whether the sender should say if the guardian is the suspect, and who consented."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        now: datetime,
        *,
        services: Sequence[OutsideService] = (),
        service: OutsideService | None = None,
    ) -> Self:
        """From a plan, with the deadlines it would set now, and the outside services around."""
        return cls(
            rule_id=plan.rule.id,
            level=plan.rule.level,
            reasons=plan.reasons,
            legs=[_leg(leg, plan, now) for leg in (plan.primary, *plan.supporting)],
            external_services=plan.rule.external_services,
            services=[OutsideServiceOut.of(one) for one in services],
            service=OutsideServiceOut.of(service) if service else None,
            advice=advice_of(plan.rule.flags),
            warnings=plan.warnings,
            lowers_urgency=plan.lowers_urgency,
            asks_about_guardian=plan.asks_about_guardian,
        )


def _leg(leg: Leg, plan: Plan, now: datetime) -> LegOut:
    limits = plan.rule.limits
    calendar = limits.calendar(plan.need.area)
    return LegOut(
        role=leg.role,
        pillar=leg.pillar,
        area=leg.area,
        worker_id=leg.worker_id,
        people=[PersonOut.of(one) for one in leg.people],
        urgency=plan.urgency,
        confidentiality=plan.confidentiality,
        reply_by=calendar.later(now, limits.reply),
        act_by=calendar.later(now, limits.act),
        close_by=calendar.later(now, limits.close),
        reasons=leg.reasons,
        warnings=plan.warnings if leg is plan.primary else warnings_of(leg),
        flags=plan.rule.flags,
    )
