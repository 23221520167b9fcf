"""The routing rules in force, kept in memory until their version changes."""

from typing import Any, Final

from services.cases.domain.routing import Rule
from shared.contracts.codes import Confidentiality, Urgency
from shared.database import Tx

_CURRENT_SQL: Final = """
    select * from routing_rules
    where valid_from <= now() and (valid_to is null or valid_to > now()) order by priority, id
"""


class RuleBook:
    """Answers the rules in force; `stamp` is what the database says changes with them."""

    def __init__(self) -> None:
        self._stamp: str | None = None
        self._rules: tuple[Rule, ...] = ()

    async def current(self, tx: Tx, stamp: str) -> tuple[Rule, ...]:
        """The rules by priority; read again only when the stamp is new."""
        if stamp != self._stamp:
            self._rules = tuple(_rule(row) for row in await tx.fetch(_CURRENT_SQL))
            self._stamp = stamp
        return self._rules


def _rule(row: Any) -> Rule:
    return Rule(
        id=row["id"],
        priority=row["priority"],
        category=row["category"],
        situation=row["situation"],
        condition=row["condition"],
        primary=row["primary_pillar"],
        supporting=tuple(row["supporting_pillars"]),
        external_services=tuple(row["external_services"]),
        urgency=Urgency(row["urgency"]),
        confidentiality=Confidentiality(row["confidentiality"]),
        reply_minutes=row["reply_minutes"],
        act_hours=row["act_hours"],
        close_days=row["close_days"],
        flags=tuple(row["flags"]),
        rationale=row["rationale"],
    )
