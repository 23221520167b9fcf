"""The categories of a record over HTTP: give, verify, end, and their history."""

import datetime as dt
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from services.registry.api.answers import WarningOut, WarningsOut
from services.registry.api.bodies import CategoryCode, Day
from services.registry.api.dependencies import Changer, Reader, Vault
from services.registry.domain.birth import local_day
from services.registry.domain.category_period import EndReason
from services.registry.storage.category_periods import Period
from services.registry.use_cases.end_category import end_category
from services.registry.use_cases.give_category import give_category
from services.registry.use_cases.read_categories import read_categories
from services.registry.use_cases.verify_category import verify_category
from shared.http import Input, Session
from shared.idempotency import OncePerKey

router = APIRouter(prefix="/beneficiaries/{beneficiary_id}/categories", tags=["categories"])

Evidence = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class GivenIn(Input):
    """A category that holds from now on, or since a day."""

    code: CategoryCode
    evidence: Evidence | None = None
    since: Day | None = None


class VerifiedIn(Input):
    """What the one who vouches for it has seen, where that is more than was known."""

    evidence: Evidence | None = None


class EndedIn(Input):
    """Why it does not hold any more, and its last day if that is not today."""

    reason: EndReason
    until: Day | None = None


class PeriodOut(BaseModel):
    """One time a category held."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    since: dt.date
    given_at: dt.datetime
    given_by: UUID
    evidence: str | None
    verified_at: dt.datetime | None
    verified_by: UUID | None
    until: dt.date | None
    ended_at: dt.datetime | None
    ended_by: UUID | None
    end_reason: EndReason | None

    @classmethod
    def of(cls, period: Period) -> Self:
        """The period with its days, where none was said those of its records."""
        ended = local_day(period.ended_at) if period.ended_at else None
        said = {name: getattr(period, name) for name in Period.__slots__}
        days = {
            "since": period.since or local_day(period.given_at),
            "until": period.until or ended,
        }
        return cls.model_validate(said | days)


class HistoryOut(BaseModel):
    """What holds now first, then the latest."""

    items: list[PeriodOut]


@router.get("")
async def history(beneficiary_id: UUID, tx: Session, actor: Reader) -> HistoryOut:
    """The categories a record has and had, as far as the caller may know of them."""
    periods = await read_categories(beneficiary_id, tx=tx, actor=actor)
    return HistoryOut(items=[PeriodOut.of(one) for one in periods])


@router.post("", status_code=201, response_model=WarningsOut)
async def give(
    beneficiary_id: UUID, body: GivenIn, actor: Changer, once: OncePerKey, vault: Vault
) -> Response:
    """Give a category; a more sensitive one may close the record to who gave it."""
    if once.replay:
        return once.replay
    findings = await give_category(
        beneficiary_id,
        body.code,
        evidence=body.evidence,
        since=body.since,
        tx=once.tx,
        actor=actor,
        vault=vault,
    )
    return await once.answer(WarningsOut(warnings=WarningOut.of(findings)), status=201)


@router.post("/{code}/verify", response_model=WarningsOut)
async def verify(
    *,
    beneficiary_id: UUID,
    code: str,
    body: VerifiedIn,
    actor: Changer,
    once: OncePerKey,
    vault: Vault,
) -> Response:
    """Vouch for a category that holds."""
    if once.replay:
        return once.replay
    await verify_category(beneficiary_id, code, body.evidence, tx=once.tx, actor=actor, vault=vault)
    return await once.answer(WarningsOut(warnings=[]))


@router.post("/{code}/end", response_model=WarningsOut)
async def end(
    *,
    beneficiary_id: UUID,
    code: str,
    body: EndedIn,
    actor: Changer,
    once: OncePerKey,
    vault: Vault,
) -> Response:
    """End a category that holds."""
    if once.replay:
        return once.replay
    await end_category(
        beneficiary_id,
        code,
        reason=body.reason,
        until=body.until,
        tx=once.tx,
        actor=actor,
        vault=vault,
    )
    return await once.answer(WarningsOut(warnings=[]))
