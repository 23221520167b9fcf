"""Who did what to a referral, and when: the lines of its history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from services.cases.domain.referral_status import Relation, Verb
from shared.contracts.codes import Outcome, ReferralStatus


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, in which duty, how they stand to the referral, and when.

    The clock acts with no name and no duty. `occurred_at` differs from `now` for acts done offline.
    """

    worker_id: UUID | None
    pillar: str | None
    area: str | None
    relations: frozenset[Relation]
    now: datetime
    occurred_at: datetime | None = None

    @classmethod
    def clock(cls, now: datetime) -> Self:
        """A deadline passed."""
        return cls(None, None, None, frozenset({Relation.CLOCK}), now)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a referral's history."""

    version: int
    verb: Verb
    status: ReferralStatus
    at: datetime
    occurred_at: datetime
    actor_id: UUID | None
    acting_pillar: str | None
    acting_area: str | None
    note: str | None = None
    reason: str | None = None
    """A code where the verb asks for one; words stand in `note`."""
    outcome: Outcome | None = None
    service: str | None = None
    subject_id: UUID | None = None
    """The worker it was assigned to, or the referral that took its place."""
