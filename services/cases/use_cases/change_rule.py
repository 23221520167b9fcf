"""Change a routing rule for the caller's area, from now on."""

from dataclasses import replace
from typing import Final
from uuid import UUID, uuid5

from services.cases.domain.routing import Rule, narrowest
from services.cases.domain.rule_change import RuleChange, UnknownRule, changed
from services.cases.storage import rules
from services.cases.use_cases.rule_office import office_area
from shared import audit
from shared.auth import Actor
from shared.contracts.cases import RuleChanged
from shared.database import Tx
from shared.errors import VersionConflict
from shared.messaging.event_log import Fact, append

_RULES: Final = UUID("5b0e2b52-3f0a-5d0c-9d6e-6a8f1c1b7e11")
"""The name space of rules: events and the audit log know their subjects by UUID."""


async def change_rule(
    rule_id: str,
    change: RuleChange,
    *,
    area: str | None,
    if_version: int | None,
    tx: Tx,
    actor: Actor,
) -> Rule:
    """The new version, which holds in the area alone; the one before it stays readable.

    Raises `UnknownRule`, `VersionConflict` when another version holds there by now, and what
    `office_area` and `changed` raise.
    """
    where = office_area(actor, area)
    await rules.lock(tx, rule_id)
    versions = await rules.versions(tx, where, rule_id)
    present = narrowest([one.rule for one in versions if one.valid_to is None], where)
    if not present:
        raise UnknownRule
    (rule,) = present
    if if_version is not None and if_version != rule.version:
        raise VersionConflict(version_now=rule.version)
    # Higher than any that ever held here, so that no two versions of one area look alike.
    version = max(one.rule.version for one in versions) + 1
    new = replace(changed(rule, change, where), version=version)
    await rules.add(tx, new, actor.id)
    subject = uuid5(_RULES, f"{new.id} {where}")
    await audit.record(tx, actor, "rule.changed", [subject], f"{new.id} {where} {version}")
    await append(tx, [Fact(subject, version, _stated(new, actor))])
    return new


def _stated(rule: Rule, actor: Actor) -> RuleChanged:
    return RuleChanged(
        rule_id=rule.id,
        area=rule.area,
        rule_version=rule.version,
        pillar=rule.primary,
        urgency=rule.urgency,
        confidentiality=rule.confidentiality,
        reply_minutes=rule.reply_minutes,
        act_hours=rule.act_hours,
        close_days=rule.close_days,
        retired=rule.retired,
        actor_id=actor.id,
    )
