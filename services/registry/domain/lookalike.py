"""A registered beneficiary who may be the one being registered, with the reasons in words."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from services.registry.domain.likeness import CERTAIN, Likeness

SAME_NIK_SCORE: Final = 1.0
OUTSIDE_WEIGHT: Final = 9.5
"""How alike a record outside the worker's sight must be before it is told that there is one."""
OUTSIDE_SCORE: Final = round(OUTSIDE_WEIGHT / CERTAIN, 2)
"""What is told of all of those alike: its own score would tell which birth and number are right."""
_OUTSIDE: Final = "tercatat di luar jangkauan tugas Anda"


@dataclass(frozen=True, slots=True)
class Lookalike:
    """One candidate; of one outside the worker's sight only that it is there is said."""

    id: UUID
    score: float
    reasons: tuple[str, ...]
    told_as: UUID | None
    """What the worker is told instead of an id that must not be known; unset, nothing is."""

    def as_candidate(self) -> dict[str, Any]:
        """The candidate as the problem document shows it.

        The id alone would tell: of a person in special services it opens the masked record.
        """
        return {"id": str(self.told_as), "score": self.score, "reasons": list(self.reasons)}


def same_nik(beneficiary_id: UUID, *, place: str | None, same_name: bool) -> Lookalike:
    """A candidate with the very same NIK; `place` is None when the worker may not see it."""
    return _same("NIK sama persis", beneficiary_id, place=place, same_name=same_name)


def same_kk(beneficiary_id: UUID, *, place: str | None, same_name: bool) -> Lookalike:
    """The same for a family with the very same No. KK."""
    return _same("No. KK sama persis", beneficiary_id, place=place, same_name=same_name)


def _same(reason: str, one: UUID, *, place: str | None, same_name: bool) -> Lookalike:
    reasons = [reason, _OUTSIDE if place is None else f"tercatat di {place}"]
    if same_name:
        reasons.append("nama sama")
    return Lookalike(one, SAME_NIK_SCORE, tuple(reasons), None if place is None else one)


def similar(beneficiary_id: UUID, how: Likeness, *, place: str | None) -> Lookalike | None:
    """A candidate who looks alike; None when the worker may not see it and it is not alike enough.

    `place` is None when the worker may not see it: then no reason tells more than that.
    """
    if place is not None:
        reasons = (*how.reasons, f"tercatat di {place}")
        return Lookalike(beneficiary_id, how.score, reasons, beneficiary_id)
    if how.weight < OUTSIDE_WEIGHT:
        return None
    return Lookalike(beneficiary_id, OUTSIDE_SCORE, ("sangat mirip", _OUTSIDE), told_as=None)
