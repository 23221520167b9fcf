"""The case: one beneficiary, one need, one or more referrals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.cases.domain.errors import CaseStepNotAllowed, LegsOpen, ReasonMissing
from services.cases.domain.steps import By
from shared.contracts import cases as said
from shared.contracts.codes import CasePhase, Outcome


class CaseVerb(StrEnum):
    """What somebody can do with a case."""

    OPEN = "open"
    PHASE = "phase"
    CLOSE = "close"
    REOPEN = "reopen"


P = CasePhase
FORWARD: Final[Mapping[CasePhase, CasePhase | None]] = {
    P.INTAKE: P.ASSESSMENT,
    P.ASSESSMENT: P.PLAN,
    P.PLAN: P.INTERVENTION,
    P.INTERVENTION: P.MONITORING,
    P.MONITORING: None,
}
PHASE_LABELS: Final[Mapping[CasePhase, tuple[str, str]]] = {
    P.INTAKE: ("Penerimaan", "Intake"),
    P.ASSESSMENT: ("Asesmen", "Assessment"),
    P.PLAN: ("Rencana", "Plan"),
    P.INTERVENTION: ("Intervensi", "Intervention"),
    P.MONITORING: ("Pemantauan", "Monitoring"),
}
_ORDER: Final = tuple(CasePhase)


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One line of a case's history."""

    version: int
    verb: CaseVerb
    phase: CasePhase
    at: datetime
    occurred_at: datetime
    actor_id: UUID | None
    acting_pillar: str | None
    acting_area: str | None
    note: str | None = None
    reason: Outcome | None = None


def phases_open(phase: CasePhase, *, emergency: bool) -> list[CasePhase]:
    """Where the work may go from here: one step on, or back to any earlier phase.

    An emergency may go from intake straight to intervention: help first, assessment after.
    """
    forward = FORWARD[phase]
    found = [forward] if forward else []
    if phase is P.INTAKE and emergency:
        found.append(P.INTERVENTION)
    return found + list(_ORDER[: _ORDER.index(phase)])


@dataclass(slots=True)
class Case:
    """A case with what it states since it was loaded."""

    id: UUID
    number: str
    beneficiary_id: UUID
    area: str
    opened_by: UUID
    opened_at: datetime
    phase: CasePhase = CasePhase.INTAKE
    is_open: bool = True
    closed_at: datetime | None = None
    close_reason: Outcome | None = None
    version: int = 0
    steps: list[CaseStep] = field(default_factory=list)
    facts: list[said.CaseState] = field(default_factory=list)

    def open(self, by: By) -> None:
        """Take up the need."""
        self._step(CaseVerb.OPEN, said.CaseOpened, by)

    def move_to(self, phase: CasePhase, by: By, *, note: str | None, emergency: bool) -> None:
        """Go on to a phase; going back asks for a note."""
        if not self.is_open or phase not in phases_open(self.phase, emergency=emergency):
            raise CaseStepNotAllowed(phase_now=self.phase, is_open=self.is_open)
        if _ORDER.index(phase) < _ORDER.index(self.phase) and not note:
            raise ReasonMissing("Jelaskan mengapa kembali ke tahap sebelumnya.", "/note")
        self.phase = phase
        self._step(CaseVerb.PHASE, said.CasePhaseChanged, by, note)

    def close(
        self, reason: Outcome, by: By, *, note: str | None = None, open_legs: int = 0
    ) -> None:
        """End the case; only when each of its legs has ended, else `LegsOpen`."""
        if not self.is_open:
            raise CaseStepNotAllowed(phase_now=self.phase, is_open=False)
        if open_legs:
            raise LegsOpen(open_legs)
        self.is_open = False
        self.closed_at = by.now
        self.close_reason = reason
        self._step(CaseVerb.CLOSE, said.CaseClosed, by, note, reason)

    def reopen(self, by: By, *, note: str) -> None:
        """Take a closed case up again, with a reason."""
        if self.is_open:
            raise CaseStepNotAllowed(phase_now=self.phase, is_open=True)
        self.is_open = True
        self.closed_at = None
        self.close_reason = None
        self._step(CaseVerb.REOPEN, said.CaseReopened, by, note)

    def _step(
        self,
        verb: CaseVerb,
        event: type[said.CaseState],
        by: By,
        note: str | None = None,
        reason: Outcome | None = None,
    ) -> None:
        self.version += 1
        self.steps.append(
            CaseStep(
                version=self.version,
                verb=verb,
                phase=self.phase,
                at=by.now,
                occurred_at=by.occurred_at or by.now,
                actor_id=by.worker_id,
                acting_pillar=by.pillar,
                acting_area=by.area,
                note=note,
                reason=reason,
            )
        )
        self.facts.append(
            event(
                case_id=self.id,
                number=self.number,
                beneficiary_id=self.beneficiary_id,
                area=self.area,
                is_open=self.is_open,
                phase=self.phase,
            )
        )


def number_for(regency: str, year: int, sequence: int) -> str:
    """The number people quote: `RJ-35.08-2026-000123`; it says nothing about the person."""
    return f"RJ-{regency}-{year}-{sequence:06d}"
