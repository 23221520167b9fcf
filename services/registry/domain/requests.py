"""What a person may ask of their data, and by when it must be done (UU 27/2022 art. 30-46)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.errors import Conflict, RuleViolated

TERM: Final = timedelta(hours=3 * 24)
"""From the moment it was asked, by the clock: nights, weekends and holidays count."""
REMIND_BEFORE: Final = timedelta(hours=24)


class RequestKind(StrEnum):
    """Access, correction, withdrawal and breach have 3 x 24 hours by law; the others by us."""

    ACCESS = "access"
    """Art. 32."""
    CORRECTION = "correction"
    """Art. 30."""
    WITHDRAWAL = "withdrawal"
    """Art. 40; made by withdrawing a consent, never by itself."""
    RESTRICTION = "restriction"
    ERASURE = "erasure"
    BREACH = "breach"
    """Art. 46: not asked by anybody; people and the agency must be told."""


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class Refusal(StrEnum):
    """Why a request was not granted."""

    SAFETY = "safety"
    """It would endanger the person or somebody else (art. 33)."""
    LEGAL_DUTY = "legal_duty"
    """Another law demands that the data is kept."""
    NOT_THE_PERSON = "not_the_person"
    """Who asked is neither the person nor entitled to ask for them."""


REFUSALS: Final[Mapping[RequestKind, frozenset[Refusal]]] = {
    RequestKind.ACCESS: frozenset({Refusal.SAFETY, Refusal.NOT_THE_PERSON}),
    RequestKind.CORRECTION: frozenset({Refusal.SAFETY, Refusal.NOT_THE_PERSON}),
    RequestKind.WITHDRAWAL: frozenset(),
    RequestKind.RESTRICTION: frozenset({Refusal.LEGAL_DUTY, Refusal.NOT_THE_PERSON}),
    RequestKind.ERASURE: frozenset(Refusal),
    RequestKind.BREACH: frozenset(),
}
"""On what grounds each may be refused; a withdrawal and a breach never."""
ASKED_OF_A_RECORD: Final = (
    RequestKind.ACCESS,
    RequestKind.CORRECTION,
    RequestKind.RESTRICTION,
    RequestKind.ERASURE,
)


class RequestHandled(Conflict):
    """Somebody has answered this request already."""

    code = "request-handled"
    title = "Permintaan ini sudah ditangani"
    title_en = "This request was handled already"


@dataclass(frozen=True, slots=True)
class Decision:
    """How a request was answered; without a refusal it was granted."""

    refusal: Refusal | None = None
    answer: str | None = None

    @property
    def state(self) -> RequestState:
        """Where it leaves the request."""
        return RequestState.DONE if self.refusal is None else RequestState.REFUSED

    def require_fitting(self, kind: RequestKind) -> None:
        """Raise `RuleViolated` for a refusal that the law does not allow of this kind."""
        if self.refusal is not None and self.refusal not in REFUSALS[kind]:
            raise RuleViolated("Permintaan ini tidak boleh ditolak dengan alasan itu.", "/refusal")


def due_at(received_at: datetime) -> datetime:
    """By when it must be done."""
    return received_at + TERM
