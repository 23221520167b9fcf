"""Who could receive a referral that is under way: its pool changes with the directory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, Self
from uuid import UUID

from services.cases.domain.legs import Candidate, Leg, LegRole
from services.cases.domain.ranking import ranked
from services.cases.domain.referral import Referral
from shared.reference.areas import parents


class Duties:
    """The duties of many places, so that looking around one does not look at all."""

    def __init__(self, duties: Iterable[Candidate]) -> None:
        self._at: dict[tuple[str, str], list[Candidate]] = {}
        for one in duties:
            self._at.setdefault((one.pillar, one.area), []).append(one)

    def around(self, area: str, *pillars: str) -> list[Candidate]:
        """Those of these pillars whose duty is for the area or one that holds it."""
        return [
            one
            for pillar in pillars
            for wide in parents(area)
            for one in self._at.get((pillar, wide), ())
        ]


class Asked(NamedTuple):
    """All that decides who could receive a referral: where it is the same, so are they."""

    role: LegRole
    pillar: str
    area: str
    organisation_id: UUID | None
    worker_id: UUID | None
    named_only: bool

    @classmethod
    def by(cls, referral: Referral) -> Self:
        """What this referral asks for."""
        return cls(
            referral.role,
            referral.pillar,
            referral.area,
            referral.organisation_id,
            referral.worker_id,
            referral.named_only,
        )


def receivers_now(asked: Asked, duties: Sequence[Candidate]) -> Leg:
    """The leg that such a referral is, with those of these duties who could receive it."""
    fitting = [
        # A stand-in acts for a colleague, but is not the person named.
        replace(one, stand_in_id=None) if asked.named_only else one
        for one in duties
        if one.pillar == asked.pillar and asked.organisation_id in (None, one.organisation_id)
    ]
    people = ranked(fitting, asked.pillar, asked.area)
    if asked.worker_id is not None:
        people = [one for one in people if one.worker_id == asked.worker_id]
    return Leg(
        role=asked.role,
        pillar=asked.pillar,
        area=asked.area,
        worker_id=asked.worker_id,
        people=tuple(people),
        reasons=(),
    )
