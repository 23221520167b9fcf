"""The legs of a case: what each is to it, who could receive it, and where it goes."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class LegRole(StrEnum):
    """What a referral is to its case."""

    PRIMARY = "primary"
    SUPPORTING = "supporting"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A worker's duty that could receive the need."""

    worker_id: UUID
    pillar: str
    area: str
    organisation_id: UUID | None
    absent: bool
    open_load: int = 0
    stand_in_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One receiver of the plan: a pool, or a person by name."""

    role: LegRole
    pillar: str
    area: str
    worker_id: UUID | None
    people: tuple[Candidate, ...]
    reasons: tuple[str, ...]

    @property
    def reachable(self) -> tuple[UUID, ...]:
        """Those who would be told now: who is there, and the stand-ins of those who are not.

        When nobody is there, all are told all the same.
        """
        present = [one.worker_id for one in self.people if not one.absent]
        present += [one.stand_in_id for one in self.people if one.absent and one.stand_in_id]
        return tuple(dict.fromkeys(present or [one.worker_id for one in self.people]))
