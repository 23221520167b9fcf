"""Cases: worklists, referrals, what may be done with them, and the words for it all."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO, Final
from uuid import UUID

import httpx2
from pydantic import AliasChoices, AliasPath, Field

from services.portal.clients.answers import Answer, Listed, read, read_list, read_listed
from services.portal.clients.reference import Reference
from services.portal.clients.service import Service, bearer
from shared.errors import Unavailable

_REFERENCE_SECONDS: Final = 60.0


class Work(Answer):
    """A row of a worklist, or of what somebody sent."""

    id: UUID = Field(validation_alias=AliasChoices("referral_id", "id"))
    case_id: UUID | None = Field(
        default=None, validation_alias=AliasChoices("case_id", AliasPath("case", "id"))
    )
    case_number: str = Field(
        default="", validation_alias=AliasChoices("case_number", AliasPath("case", "number"))
    )
    status: str
    pillar: str
    area: str
    place: str | None = None
    category: str | None = None
    situation: str | None = None
    urgency: str = "normal"
    confidentiality: str = "C1"
    worker_id: UUID | None = None
    holder_id: UUID | None = None
    sender_id: UUID | None = None
    beneficiary_id: UUID | None = None
    reply_by: datetime | None = None
    act_by: datetime | None = None
    close_by: datetime | None = None
    due_at: datetime | None = None
    overdue: bool = False
    escalation_level: int = 0
    seen_at: datetime | None = None


class ActingAs(Answer):
    """The duty in which somebody acted."""

    pillar: str
    area: str


class StepFile(Answer):
    """A picture or document that goes with a note."""

    id: UUID
    media_type: str
    bytes: int = 0
    thumbnail: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether a page can show it."""
        return self.media_type.startswith("image/")


class Step(Answer):
    """One line of a referral's history; the clock and a protected sender act without a name."""

    verb: str
    status: str
    at: datetime
    occurred_at: datetime | None = None
    actor_id: UUID | None = None
    acting_as: ActingAs | None = None
    note: str | None = None
    reason: str | None = None
    outcome: str | None = None
    service: str | None = None
    subject_id: UUID | None = None
    """The worker it was given to, or the referral that took its place."""
    attachments: tuple[StepFile, ...] = ()


class OutsideService(Answer):
    """Who helps beside the pillars and has no account here."""

    id: UUID
    kind: str
    area: str
    name: str
    phone: str | None = None
    address: str | None = None
    active: bool = True


class Referral(Work):
    """One referral in full, as far as the caller may see."""

    version: int = 0
    rerouted_from: UUID | None = None
    service: OutsideService | None = None
    hold_until: datetime | None = None
    need: str | None = None
    legal_basis: str | None = None
    reasons: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    history: tuple[Step, ...] = ()
    allowed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What whoever has just sent it on should know."""

    def people(self) -> set[UUID]:
        """Every worker this referral names."""
        named = {self.worker_id, self.holder_id, self.sender_id}
        named |= {one for step in self.history for one in (step.actor_id, step.subject_id)}
        return {one for one in named if one is not None}


class Reachable(Answer):
    """Somebody who would be told."""

    worker_id: UUID
    absent: bool = False


class Leg(Answer):
    """One receiver of a plan, and why."""

    role: str
    pillar: str
    area: str
    people: tuple[Reachable, ...] = ()
    urgency: str | None = None
    confidentiality: str | None = None
    reply_by: datetime | None = None
    act_by: datetime | None = None
    close_by: datetime | None = None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Letter(Answer):
    """What the letter to an outside service says; the withheld is None."""

    case_number: str
    service: OutsideService
    beneficiary_id: UUID
    sender_id: UUID
    sender_pillar: str
    sender_area: str
    place: str
    urgency: str
    initials_only: bool = True
    category: str | None = None
    situation: str | None = None
    need: str | None = None


class Plan(Answer):
    """What sending would do."""

    reasons: tuple[str, ...] = ()
    legs: tuple[Leg, ...]
    external_services: tuple[str, ...] = ()
    services: tuple[OutsideService, ...] = ()
    service: OutsideService | None = None
    advice: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    lowers_urgency: bool = False
    asks_about_guardian: bool = False


class Sent(Answer):
    """What was just sent, the primary leg first, and what to know of those it goes to."""

    referrals: tuple[Work, ...] = Field(min_length=1)
    warnings: tuple[str, ...] = ()


class _Uploaded(Answer):
    id: UUID


class Cases:
    """Typed calls to cases."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._reference: Reference | None = None
        self._reference_until = 0.0

    async def reference(self, token: str) -> Reference:
        """The lists of codes; the same for everyone, so one answer serves for a minute.

        While cases is away an older answer serves on: what a worker typed is shown with it.
        """
        if self._reference is None or time.monotonic() > self._reference_until:
            try:
                answer = await self.service.get("/reference", token)
            except Unavailable:
                if self._reference is None:
                    raise
            else:
                self._reference = read(Reference, answer)
                self._reference_until = time.monotonic() + _REFERENCE_SECONDS
        return self._reference

    async def worklist(
        self,
        token: str,
        *,
        status: str | None,
        pillar: str | None,
        due: str | None,
        cursor: str | None,
        limit: int,
    ) -> Listed[Work]:
        """What waits for the caller, due first, after a cursor."""
        answer = await self.service.get(
            "/worklist",
            token,
            status=status,
            pillar=pillar,
            due=due,
            cursor=cursor,
            limit=limit,
        )
        return read_listed(Work, answer)

    async def sent(
        self, token: str, *, status: str | None, cursor: str | None, limit: int
    ) -> Listed[Work]:
        """What the caller sent, newest first, after a cursor."""
        answer = await self.service.get(
            "/referrals", token, sent="true", status=status, cursor=cursor, limit=limit
        )
        return read_listed(Work, answer)

    async def referral(self, token: str, referral_id: UUID) -> Referral:
        """One referral with what the caller may do now."""
        return read(Referral, await self.service.get(f"/referrals/{referral_id}", token))

    async def plan(self, token: str, body: Mapping[str, Any]) -> Plan:
        """What sending this would do; changes nothing."""
        return read(Plan, await self.service.post("/referrals/plan", token, body))

    async def send(self, token: str, body: Mapping[str, Any], *, key: str) -> Sent:
        """Send."""
        return read(Sent, await self.service.post("/referrals", token, body, key=key))

    async def act(
        self, token: str, referral_id: UUID, verb: str, body: Mapping[str, Any], *, key: str
    ) -> Referral:
        """Do a verb; the referral as it is then."""
        path = f"/referrals/{referral_id}/{verb}"
        return read(Referral, await self.service.post(path, token, body, key=key))

    async def upload(
        self, token: str, referral_id: UUID, file: tuple[str, BinaryIO], *, key: str
    ) -> UUID:
        """Upload a file for a note; its id."""
        path = f"/referrals/{referral_id}/attachments"
        return read(_Uploaded, await self.service.upload(path, token, file, key=key)).id

    async def attachment(
        self, token: str, attachment_id: UUID, *, small: bool = False
    ) -> httpx2.Response:
        """A file of a note, or its small picture, with the headers it must be served with."""
        path = f"/attachments/{attachment_id}" + ("/thumbnail" if small else "")
        return await self.service.file(path, token)

    async def outside_services(
        self, token: str, area: str, *, inactive: bool = False
    ) -> list[OutsideService]:
        """The outside services that work in an area, by name."""
        answer = await self.service.get(
            "/outside-services", token, area=area, inactive=str(inactive).lower()
        )
        return read_list(OutsideService, answer)

    async def keep_outside_service(
        self, token: str, body: Mapping[str, Any], *, service_id: UUID | None, key: str
    ) -> None:
        """Add an outside service, or change the one with this id."""
        method, path = ("PUT", f"/outside-services/{service_id}") if service_id else (
            "POST", "/outside-services",
        )  # fmt: skip
        headers = bearer(token) | {"Idempotency-Key": key}
        await self.service.send(method, path, headers, dict(body))

    async def letter(self, token: str, referral_id: UUID) -> Letter:
        """What the letter of a referral to an outside service says."""
        return read(Letter, await self.service.get(f"/referrals/{referral_id}/letter", token))
