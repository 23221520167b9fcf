"""A referral that follows another: the same need to another receiver."""

from uuid import UUID

from services.cases.domain.legs import Leg, LegRole
from services.cases.domain.referral import Referral


def following(old: Referral, new_id: UUID, leg: Leg, *, role: LegRole) -> Referral:
    """A new referral of the old one's need and sender to this leg's receivers, not sent yet."""
    return Referral(
        id=new_id,
        case_id=old.case_id,
        case_number=old.case_number,
        beneficiary_id=old.beneficiary_id,
        pillar=leg.pillar,
        area=leg.area,
        organisation_id=None,
        worker_id=leg.worker_id,
        sender_id=old.sender_id,
        sender_pillar=old.sender_pillar,
        sender_area=old.sender_area,
        place=old.place,
        category=old.category,
        situation=old.situation,
        urgency=old.urgency,
        confidentiality=old.confidentiality,
        need=old.need,
        legal_basis=old.legal_basis,
        rule_id=old.rule_id,
        reasons=leg.reasons,
        flags=old.flags,
        pool=leg.reachable,
        limits=old.limits,
        role=role,
        attributes=old.attributes,
        reported_urgency=old.reported_urgency,
    )
