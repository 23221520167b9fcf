"""When a category held: since when, on what evidence, who verified it, until when and why."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Self
from uuid import UUID

from shared.auth import Actor
from shared.database import Tx

_DESCRIBE_SQL: Final = """
    update category_periods set evidence = $3, since = $4
    where beneficiary_id = $1 and code = $2 and ended_at is null
"""
_VERIFY_SQL: Final = """
    update category_periods
    set verified_by = $3, verified_at = $4, evidence = coalesce($5, evidence)
    where beneficiary_id = $1 and code = $2 and ended_at is null
"""
_END_SQL: Final = """
    update category_periods set ended_by = $3, end_reason = $4, until = $5
    where beneficiary_id = $1 and code = $2 and ended_at = $6
"""
_SINCE_SQL: Final = """
    select since from category_periods
    where beneficiary_id = $1 and code = $2 and ended_at is null
"""
_OF_SQL: Final = """
    select code, given_at, given_by, since, evidence, verified_by, verified_at,
           ended_at, ended_by, until, end_reason
    from category_periods where beneficiary_id = $1
    order by ended_at desc nulls first, given_at desc, code
"""


@dataclass(frozen=True, slots=True)
class Period:
    """One time a category held; a missing day is the one on which it was recorded."""

    code: str
    given_at: datetime
    given_by: UUID
    since: date | None
    evidence: str | None
    verified_by: UUID | None
    verified_at: datetime | None
    ended_at: datetime | None
    ended_by: UUID | None
    until: date | None
    end_reason: str | None

    def without_words(self) -> Self:
        """The same without the evidence, which may say who it is."""
        return replace(self, evidence=None)


async def describe(
    tx: Tx, beneficiary_id: UUID, code: str, *, evidence: str | None, since: date | None
) -> None:
    """Say on what evidence, and since when, a category just given holds."""
    await tx.fetch(_DESCRIBE_SQL, beneficiary_id, code, evidence, since)


async def verify(
    tx: Tx, actor: Actor, beneficiary_id: UUID, code: str, evidence: str | None
) -> None:
    """The caller vouches for a category that holds now, on better evidence if there is any."""
    await tx.fetch(_VERIFY_SQL, beneficiary_id, code, actor.id, tx.now, evidence)


async def since(tx: Tx, beneficiary_id: UUID, code: str) -> date | None:
    """The day since which a category holds that holds now, if it was said."""
    found: date | None = await tx.fetchval(_SINCE_SQL, beneficiary_id, code)
    return found


async def explain_end(
    tx: Tx, actor: Actor, beneficiary_id: UUID, code: str, *, reason: str, until: date
) -> None:
    """Say why, and on which day, a category ended that this transaction ends."""
    await tx.fetch(_END_SQL, beneficiary_id, code, actor.id, reason, until, tx.now)


async def of(tx: Tx, beneficiary_id: UUID) -> list[Period]:
    """All of a record's, those that hold first and then the latest."""
    rows: list[Any] = await tx.fetch(_OF_SQL, beneficiary_id)
    return [Period(*row) for row in rows]
