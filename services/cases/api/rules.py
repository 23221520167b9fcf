"""Routing rules: those of an area, their versions, changing one, trying a change before."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response

from services.cases.api.rule_shapes import (
    AnyOrCode,
    DryRunIn,
    DryRunOut,
    RuleId,
    RuleIn,
    RuleOut,
    RulesOut,
    listed,
)
from services.cases.domain.routing import ANY, Rule, narrowest
from services.cases.domain.rule_change import UnknownRule
from services.cases.storage import rules
from services.cases.use_cases import change_rule, dry_run_rules
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.database import Tx
from shared.http import Session, requires
from shared.idempotency import OncePerKey
from shared.policy import Action
from shared.reference.areas import require_known

router = APIRouter(prefix="/rules", tags=["rules"])

AreaIn = Annotated[str | None, Query(max_length=13)]


@router.get("")
async def every(
    tx: Session,
    area: AreaIn = None,
    category: AnyOrCode | None = None,
    situation: AnyOrCode | None = None,
    *,
    retired: bool = False,
    versions: bool = False,
    actor: Actor = requires(Action.RULE_READ),
) -> RulesOut:
    """The rules in force in the caller's area, or in the one asked for, by priority.

    With a category or situation those that could take such a need; retired ones when asked for.
    """
    where = _area(actor, area)
    found = await rules.versions(tx, where)
    in_area = narrowest([one.rule for one in found if one.valid_to is None], where)
    wanted = tuple(
        rule
        for rule in in_area
        if (retired or not rule.retired) and _could_take(rule, category, situation)
    )
    return RulesOut(area=where, items=listed(found, wanted, with_versions=versions))


@router.get("/{rule_id}")
async def one(
    rule_id: Annotated[RuleId, Path()],
    tx: Session,
    area: AreaIn = None,
    actor: Actor = requires(Action.RULE_READ),
) -> RuleOut:
    """One rule as it holds in the caller's area, or in the one asked for, with its versions."""
    return await _shown(tx, rule_id, _area(actor, area))


@router.put("/{rule_id}", response_model=RuleOut)
async def change(
    rule_id: Annotated[RuleId, Path()],
    body: RuleIn,
    first: OncePerKey,
    if_match: Annotated[int | None, Header(ge=1)] = None,
    actor: Actor = requires(Action.RULE_CHANGE),
) -> Response:
    """Let a rule hold differently in the caller's area from now on, and nowhere else."""
    if first.replay is not None:
        return first.replay
    new = await change_rule(
        rule_id, body.change(), area=body.area, if_version=if_match, tx=first.tx, actor=actor
    )
    return await first.answer(await _shown(first.tx, rule_id, new.area))


@router.post("/dry-run")
async def dry_run(
    body: DryRunIn, tx: Session, actor: Actor = requires(Action.RULE_CHANGE)
) -> DryRunOut:
    """What changed rules would have done with a past period's referrals; changes nothing."""
    return DryRunOut.of(await dry_run_rules(body.command(), tx=tx, actor=actor))


async def _shown(tx: Tx, rule_id: str, area: str) -> RuleOut:
    found = await rules.versions(tx, area, rule_id)
    if not found:
        raise UnknownRule
    in_area = narrowest([one.rule for one in found if one.valid_to is None], area)
    return listed(found, in_area, with_versions=True)[0]


def _area(actor: Actor, asked: str | None) -> str:
    """The area asked for, or else the one the caller changes rules for, or their widest."""
    if asked is not None:
        return require_known(asked)
    best = min(actor.duties, key=lambda duty: (duty.role is not Role.DINSOS, len(duty.area)))
    return best.area


def _could_take(rule: Rule, category: str | None, situation: str | None) -> bool:
    """Whether a need of this category and situation may come under the rule; None for any."""
    of_category = category is None or rule.category in {ANY, category}
    return of_category and (situation is None or rule.situation in {ANY, situation})
