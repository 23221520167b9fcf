"""The routing rules in force, kept in memory until their version changes."""

from typing import Final

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


def _rule(row: dict[str, object]) -> Rule:
    values = dict(row)
    return Rule(
        id=str(values["id"]),
        priority=int(str(values["priority"])),
        category=str(values["category"]),
        situation=str(values["situation"]),
        condition=str(values["condition"]),
        primary=str(values["primary_pillar"]),
        supporting=tuple(values["supporting_pillars"]),  # type: ignore[arg-type] # a text[] column
        external_services=tuple(values["external_services"]),  # type: ignore[arg-type] # same
        urgency=Urgency(values["urgency"]),
        confidentiality=Confidentiality(values["confidentiality"]),
        reply_minutes=int(str(values["reply_minutes"])),
        act_hours=int(str(values["act_hours"])),
        close_days=int(str(values["close_days"])),
        flags=tuple(values["flags"]),  # type: ignore[arg-type] # same
        rationale=str(values["rationale"]),
    )
