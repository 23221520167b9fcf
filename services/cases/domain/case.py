"""The case: one beneficiary, one need, one or more referrals."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.contracts import cases as said
from shared.contracts.codes import Outcome


@dataclass(slots=True)
class Case:
    """A case with what it states since it was loaded."""

    id: UUID
    number: str
    beneficiary_id: UUID
    area: str
    opened_by: UUID
    opened_at: datetime
    is_open: bool = True
    closed_at: datetime | None = None
    close_reason: Outcome | None = None
    version: int = 0
    facts: list[said.CaseState] = field(default_factory=list)

    def open(self) -> None:
        """Take up the need."""
        self._state(said.CaseOpened)

    def close(self, reason: Outcome, *, now: datetime) -> None:
        """End the case with the outcome of its last leg; only when each leg has ended."""
        self.is_open = False
        self.closed_at = now
        self.close_reason = reason
        self._state(said.CaseClosed)

    def _state(self, event: type[said.CaseState]) -> None:
        self.version += 1
        self.facts.append(
            event(
                case_id=self.id,
                number=self.number,
                beneficiary_id=self.beneficiary_id,
                area=self.area,
                is_open=self.is_open,
            )
        )


def number_for(regency: str, year: int, sequence: int) -> str:
    """The number people quote: `RJ-35.08-2026-000123`; it says nothing about the person."""
    return f"RJ-{regency}-{year}-{sequence:06d}"
