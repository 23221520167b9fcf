"""Outside services: who helps beside the pillars and has no account here."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.cases.domain.legs import Leg, LegRole
from services.cases.domain.routing import Plan
from shared.errors import RuleViolated


@dataclass(frozen=True, slots=True)
class OutsideService:
    """One office or institution, with where it works and how it is reached."""

    id: UUID
    kind: str
    area: str
    name: str
    phone: str | None
    address: str | None
    active: bool


class UnknownOutsideService(RuleViolated):
    """No active outside service with this id works where the need is."""

    code = "unknown-outside-service"
    title = "Layanan luar tidak ditemukan di wilayah ini"
    title_en = "No such outside service in this area"


def leg_to_service(
    service: OutsideService, *, pillar: str, area: str, role: LegRole = LegRole.PRIMARY
) -> Leg:
    """A leg with the service as its receiver; `pillar` is the sender's own.

    Nobody is told: the sender keeps the status, so the referral stays with the sender's pillar
    where the need is.
    """
    return Leg(
        role=role,
        pillar=pillar,
        area=area,
        worker_id=None,
        people=(),
        reasons=(f"Dirujuk ke {service.name}; statusnya dicatat oleh pengirim.",),
    )


def to_service(plan: Plan, service: OutsideService, *, pillar: str) -> Plan:
    """The same plan with the service as its receiver."""
    leg = leg_to_service(service, pillar=pillar, area=plan.need.area)
    return replace(plan, primary=leg, warnings=())
