"""Outside services of an area, and the letter that goes to one."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from services.cases.api.answers import OutsideServiceOut
from services.cases.api.bodies import AreaCode, Code
from services.cases.domain.outside import OutsideService
from services.cases.storage import outside
from services.cases.use_cases import keep_outside_service, write_letter
from services.cases.use_cases.write_letter import Letter
from shared.auth import Actor
from shared.http import Input, Session, requires
from shared.idempotency import OncePerKey
from shared.ids import new_id
from shared.policy import Action
from shared.reference.areas import require_known

router = APIRouter(tags=["outside services"])

Name = Annotated[str, StringConstraints(min_length=3, max_length=120, pattern=r"^[^\x00-\x1f]*$")]
Phone = Annotated[str, StringConstraints(max_length=30, pattern=r"^\+?[0-9 ()/-]{3,}$")]
Address = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]


class OutsideServiceIn(Input):
    """An office or institution that helps beside the pillars."""

    kind: Code
    area: AreaCode
    name: Name
    phone: Phone | None = None
    address: Address | None = None
    active: bool = True

    def service(self, service_id: UUID) -> OutsideService:
        """The service behind the request."""
        return OutsideService(id=service_id, **self.model_dump())


class LetterOut(BaseModel):
    """What the letter of a referral says; names come from registry and directory."""

    case_number: str
    service: OutsideServiceOut
    beneficiary_id: UUID
    sender_id: UUID
    sender_pillar: str
    sender_area: str
    place: str
    sent_at: datetime
    urgency: str
    initials_only: bool
    category: str | None
    situation: str | None
    need: str | None

    @classmethod
    def of(cls, letter: Letter) -> Self:
        """From a letter; what must not stand on paper is left out here already."""
        referral, hidden = letter.referral, letter.initials_only
        assert referral.sent_at is not None
        return cls(
            case_number=referral.case_number,
            service=OutsideServiceOut.of(letter.service),
            beneficiary_id=referral.beneficiary_id,
            sender_id=referral.sender_id,
            sender_pillar=referral.sender_pillar,
            sender_area=referral.sender_area,
            place=referral.place,
            sent_at=referral.sent_at,
            urgency=referral.urgency,
            initials_only=hidden,
            category=None if hidden else referral.category,
            situation=None if hidden else referral.situation,
            need=None if hidden else referral.need,
        )


@router.get("/outside-services")
async def listed(
    tx: Session,
    area: Annotated[AreaCode, Query()],
    kind: Code | None = None,
    *,
    inactive: bool = False,
    _actor: Actor = requires(Action.OUTSIDE_SERVICE_READ),
) -> dict[str, Any]:
    """The services that work in an area, by name: its own, those of wider and narrower areas."""
    found = await outside.around(tx, require_known(area), kind=kind, inactive=inactive)
    return {"items": [OutsideServiceOut.of(one) for one in found]}


@router.post("/outside-services", status_code=201, response_model=OutsideServiceOut)
async def add(
    body: OutsideServiceIn,
    first: OncePerKey,
    actor: Actor = requires(Action.OUTSIDE_SERVICE_MANAGE),
) -> Response:
    """Add a service to the list of the caller's area."""
    if first.replay is not None:
        return first.replay
    service = body.service(new_id())
    kept = await keep_outside_service(service, is_new=True, tx=first.tx, actor=actor)
    return await first.answer(OutsideServiceOut.of(kept), status=201)


@router.put("/outside-services/{service_id}", response_model=OutsideServiceOut)
async def change(
    service_id: UUID,
    body: OutsideServiceIn,
    first: OncePerKey,
    actor: Actor = requires(Action.OUTSIDE_SERVICE_MANAGE),
) -> Response:
    """Change a service of the caller's area; one that is gone is set inactive."""
    if first.replay is not None:
        return first.replay
    service = body.service(service_id)
    kept = await keep_outside_service(service, is_new=False, tx=first.tx, actor=actor)
    return await first.answer(OutsideServiceOut.of(kept))


@router.get("/referrals/{referral_id}/letter")
async def letter(
    referral_id: UUID, tx: Session, actor: Actor = requires(Action.REFERRAL_READ)
) -> LetterOut:
    """What the letter to the outside service says; the read is audited."""
    return LetterOut.of(await write_letter(referral_id, tx=tx, actor=actor))
