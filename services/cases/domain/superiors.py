"""Who stands above the receivers of a referral, for escalations and emergencies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.cases.domain.legs import Candidate
from services.cases.domain.ranking import distance
from services.cases.domain.referral import Above, Referral
from shared.contracts.codes import ReferralStatus, Role


@dataclass(frozen=True, slots=True)
class Superior:
    """A duty that stands above receivers: coordinator, Dinsos or data protection officer."""

    role: Role
    person: Candidate


def above(referral: Referral, superiors: Iterable[Superior]) -> Above:
    """The coordinators of its pillar and the Dinsos officers of its area, nearest first.

    Only the nearest level that has anybody is told, so that a province does not hear of what its
    kabupaten can settle. Whoever let it wait stands above nobody: what Dinsos of a kabupaten
    receives goes up to the province.
    """
    around = [one for one in superiors if _covers(one.person.area, referral.area)]
    coordinators = [
        one.person
        for one in around
        if one.role is Role.COORDINATOR
        and one.person.pillar == referral.pillar
        and (
            referral.organisation_id is None
            or one.person.organisation_id == referral.organisation_id
        )
    ]
    dinsos = [one.person for one in around if one.role is Role.DINSOS]
    waited_for = _waited_for(referral)
    return Above(
        _next_above(coordinators, waited_for, referral.area),
        _next_above(dinsos, waited_for, referral.area),
    )


def above_each(referrals: Iterable[Referral], superiors: Sequence[Superior]) -> list[Above]:
    """Who stands above each, in the same order; looked for once for all of a pillar and area."""
    found: dict[tuple[str, str, UUID | None, frozenset[UUID]], Above] = {}
    people = {one.person.worker_id for one in superiors}
    answers = []
    for one in referrals:
        place = one.pillar, one.area, one.organisation_id, _waited_for(one) & people
        if place not in found:
            found[place] = above(one, superiors)
        answers.append(found[place])
    return answers


def officers(area: str, superiors: Iterable[Superior], breaker: UUID) -> Sequence[UUID]:
    """Who is told that the glass was broken: the data protection officers of the area, all levels.

    Where nobody holds that role, the Dinsos officers of the nearest level answer for it as the
    controller of the data; never the one who broke it alone.
    """
    around = [
        one
        for one in superiors
        if _covers(one.person.area, area) and one.person.worker_id != breaker
    ]
    found = [one.person.worker_id for one in around if one.role is Role.DATA_PROTECTION]
    if not found:
        found = _nearest([one.person for one in around if one.role is Role.DINSOS], area)
    return list(dict.fromkeys(found))


def _waited_for(referral: Referral) -> frozenset[UUID]:
    """Whose move it is: of those who were to take it, of the holder, or of the sender again."""
    if referral.status is ReferralStatus.RETURNED:
        return frozenset((referral.sender_id,))
    named = (referral.worker_id, referral.holder_id)
    return frozenset((*referral.pool, *(one for one in named if one)))


def _next_above(
    people: Sequence[Candidate], waited_for: frozenset[UUID], area: str
) -> Sequence[UUID]:
    """The nearest of them whose move it is not.

    Where it is the move of them all, as Dinsos of every level is in the pool of its kabupaten,
    those above the nearest; and these again where nobody is above.
    """
    others = [one for one in people if one.worker_id not in waited_for]
    least = min((distance(one.area, area) for one in people), default=0)
    beyond = [one for one in people if distance(one.area, area) > least]
    return _nearest(others or beyond or people, area)


def _nearest(people: Sequence[Candidate], area: str) -> list[UUID]:
    """Those of the nearest level who are there, with the stand-ins of those who are not."""
    if not people:
        return []
    least = min(distance(one.area, area) for one in people)
    near = [one for one in people if distance(one.area, area) == least]
    there = [one.worker_id for one in near if not one.absent]
    there += [one.stand_in_id for one in near if one.absent and one.stand_in_id]
    return list(dict.fromkeys(there or [one.worker_id for one in near]))


def _covers(wide: str, narrow: str) -> bool:
    return narrow == wide or narrow.startswith(wide + ".")
