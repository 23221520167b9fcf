"""One family as it was taken in at a disaster site, and who helps it beside the primary leg."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cases.domain.disaster import HeadCount
from services.cases.domain.legs import Leg
from services.cases.domain.routing import Plan, leg_to
from shared.contracts.codes import Urgency
from shared.reference.pillars import require_pillar


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One family as somebody took it in at a site, under the key its device gave it."""

    key: UUID
    site_id: UUID
    beneficiary_id: UUID
    need: str
    area: str | None = None
    """Where the family needs help; the site's own place when it is not said."""
    urgency: Urgency | None = None
    urgency_reason: str | None = None
    legs: tuple[str, ...] | None = None
    """Pillars to help beside the primary one; None for those of the routing rule."""
    head_count: HeadCount | None = None
    occurred_at: datetime | None = None


def supporting_legs(pillars: tuple[str, ...] | None, plan: Plan) -> list[Leg]:
    """The legs beside the primary one; two that fall back to the same people are one.

    They go to these pillars, or to those of the routing rule; raises `UnknownPillar`.
    """
    if pillars is None:
        wanted = plan.supporting
    else:
        for number, pillar in enumerate(pillars):
            require_pillar(pillar, f"/legs/{number}")
        why = "Diajak oleh petugas pendata untuk mendampingi."
        wanted = tuple(leg_to(pillar, plan.need, plan.duties, why=why) for pillar in pillars)
    once = {(plan.primary.pillar, plan.primary.area): plan.primary}
    for leg in wanted:
        once.setdefault((leg.pillar, leg.area), leg)
    return list(once.values())[1:]
