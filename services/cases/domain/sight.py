"""How much of a referral, and of its case, somebody who may open it gets to see."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from enum import StrEnum

from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import FINAL, Relation
from shared.contracts.codes import Confidentiality


class Sight(StrEnum):
    """All of it, or only where it stands."""

    FULL = "full"
    STATUS = "status"


def sight_of(
    referral: Referral, relations: AbstractSet[Relation], *, glass_broken: bool = False
) -> Sight:
    """What the policy's yes lets this caller see.

    C1 and C2: everything while it is under way; of C2, once somebody holds it, no other receiver
    reads on. When it has ended the receivers' access ends with it: sender, coordinator and Dinsos,
    who answer for it, still read. C3: the named persons alone, and only while it is under way;
    whoever reported it, or was named but does not hold it, sees where it stands. Broken glass
    opens only what is under way.
    """
    secret = referral.confidentiality is Confidentiality.C3
    if not secret and relations & {Relation.SENDER, Relation.COORDINATOR}:
        return Sight.FULL
    if referral.status in FINAL:
        return Sight.STATUS
    if glass_broken:
        return Sight.FULL
    receives = Relation.RECEIVER in relations
    waits_for_them = receives and referral.holder_id is None
    if secret:
        close = waits_for_them or relations & {Relation.HOLDER, Relation.COORDINATOR}
        return Sight.FULL if close else Sight.STATUS
    passed_over = receives and not waits_for_them and Relation.HOLDER not in relations
    if referral.confidentiality is Confidentiality.C2 and passed_over:
        return Sight.STATUS
    return Sight.FULL


def reads_case(most: Confidentiality, full: Iterable[Referral]) -> bool:
    """Whether who sees all of those `full` reads the words of their case as well.

    They may tell of any leg, so one as confidential as the `most` confidential must be among them.
    """
    return any(leg.confidentiality is most for leg in full)
