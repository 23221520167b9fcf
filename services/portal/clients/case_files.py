"""Case files at cases: a case with its legs, its phase, and emergencies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.portal.clients.answers import Answer, read
from services.portal.clients.cases import Work
from services.portal.clients.service import Service
from services.portal.problems import ClientProblem

_NOT_FOUND: Final = 404


class CaseStep(Answer):
    """One line of a case's history."""

    verb: str
    phase: str
    at: datetime
    actor_id: UUID | None = None
    note: str | None = None
    reason: str | None = None


class PlannedLeg(Answer):
    """A leg that is sent when another has ended."""

    pillar: str
    area: str


class CaseFile(Answer):
    """A case as far as the visitor may see it."""

    id: UUID
    number: str
    beneficiary_id: UUID
    area: str
    phase: str
    phases_open: tuple[str, ...] = ()
    is_open: bool
    opened_at: datetime
    closed_at: datetime | None = None
    close_reason: str | None = None
    legs: tuple[Work, ...] = ()
    planned: tuple[PlannedLeg, ...] = ()
    history: tuple[CaseStep, ...] = ()

    def people(self) -> set[UUID]:
        """Every worker the case names."""
        named = {step.actor_id for step in self.history}
        named |= {one for leg in self.legs for one in (leg.holder_id, leg.sender_id)}
        return {one for one in named if one is not None}


class CaseRef(Answer):
    """A case by its id and number."""

    id: UUID
    number: str


class Opened(Answer):
    """What the visitor may read in an emergency, and until when."""

    referral_ids: tuple[UUID, ...]
    until: datetime


class CaseFiles:
    """Typed calls to the case files of cases."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def one(self, token: str, case_id: UUID) -> CaseFile:
        """A case with its legs."""
        return read(CaseFile, await self.service.get(f"/cases/{case_id}", token))

    async def numbered(self, token: str, number: str) -> UUID | None:
        """The case of this number; None when there is none in the visitor's scope."""
        try:
            answer = await self.service.get(f"/cases/by-number/{number}", token)
        except ClientProblem as problem:
            if problem.status == _NOT_FOUND:
                return None
            raise
        return read(CaseRef, answer).id

    async def act(
        self, token: str, case_id: UUID, verb: str, body: Mapping[str, Any], *, key: str
    ) -> None:
        """Close it, reopen it, or move it to another phase."""
        await self.service.post(f"/cases/{case_id}/{verb}", token, body, key=key)

    async def break_glass(self, token: str, number: str, reason: str, *, key: str) -> Opened:
        """Read the open referrals of a case for a while; the data protection officer is told."""
        body = {"case_number": number, "reason": reason}
        return read(Opened, await self.service.post("/glass", token, body, key=key))
