"""Routing rules at cases: reading, trying and changing them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.portal.clients.answers import Answer, read, read_list
from services.portal.clients.service import Service, bearer
from services.portal.problems import ClientProblem, FieldError


class Course(Answer):
    """Where a rule sends a need, and until when."""

    pillar: str
    urgency: str
    confidentiality: str
    reply_minutes: int
    act_hours: int
    close_days: int
    working: bool = False
    supporting: tuple[str, ...] = ()
    external_services: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class RuleVersion(Course):
    """One version of a rule; `area` is where it holds, None for everywhere."""

    id: str
    version: int
    area: str | None = None
    category: str
    situation: str
    condition: str = ""
    rationale: str = ""
    retired: bool = False
    author_id: UUID | None = None
    valid_from: datetime
    valid_to: datetime | None = None


class Rule(RuleVersion):
    """A rule as it holds now, with every version before it, newest first."""

    versions: tuple[RuleVersion, ...] = ()


class Difference(Answer):
    """A referral that would have taken another course; of a special service nothing finds it."""

    referral_id: UUID | None = None
    case_number: str | None = None
    category: str | None = None
    situation: str | None = None
    before: Course
    after: Course


class PillarCount(Answer):
    """How many referrals a pillar gets, before and after."""

    pillar: str
    before: int
    after: int


class DryRun(Answer):
    """What a change would have done to a past period."""

    examined: int
    is_whole: bool = True
    differing: int
    elsewhere: int = 0
    pillars: tuple[PillarCount, ...] = ()
    items: tuple[Difference, ...] = ()


class Rules:
    """Typed calls to the rules of cases."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def every(
        self, token: str, *, area: str, category: str | None, situation: str | None
    ) -> list[RuleVersion]:
        """The rules of an area by priority, retired ones too."""
        answer = await self.service.get(
            "/rules", token, area=area, category=category, situation=situation, retired="true"
        )
        return read_list(RuleVersion, answer)

    async def one(self, token: str, rule_id: str, *, area: str) -> Rule:
        """One rule as it holds in an area, with its versions."""
        return read(Rule, await self.service.get(f"/rules/{rule_id}", token, area=area))

    async def try_out(
        self, token: str, rule_id: str, change: Mapping[str, Any], *, area: str, since: date,
        until: date,
    ) -> DryRun:  # fmt: skip
        """What the change would have done from one day to another; changes nothing."""
        body = {
            "rules": [{"id": rule_id, **change}],
            "from": since.isoformat(),
            "to": until.isoformat(),
            "area": area,
        }
        try:
            answer = await self.service.post("/rules/dry-run", token, body)
        except ClientProblem as problem:
            raise _of_one_rule(problem) from problem
        return read(DryRun, answer)

    async def change(
        self, token: str, rule_id: str, change: Mapping[str, Any], *, area: str, version: int,
        key: str,
    ) -> Rule:  # fmt: skip
        """Publish the change, unless the rule is no longer the one that was looked at."""
        headers = {**bearer(token), "Idempotency-Key": key, "If-Match": str(version)}
        body = {**change, "area": area}
        return read(Rule, await self.service.send("PUT", f"/rules/{rule_id}", headers, body))


def _of_one_rule(problem: ClientProblem) -> ClientProblem:
    """The same refusal, with its fields named as in the form of the one rule that was tried."""
    return ClientProblem(
        status=problem.status,
        code=problem.code,
        title=problem.title,
        detail=problem.detail,
        errors=[
            FieldError(one.field.removeprefix("rules."), one.message) for one in problem.errors
        ],
        extra=problem.extra,
    )
