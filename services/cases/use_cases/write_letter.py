"""What the letter of a referral to an outside service may say."""

from dataclasses import dataclass
from uuid import UUID

from services.cases.domain.flags import Bind, binds
from services.cases.domain.outside import OutsideService
from services.cases.domain.referral import Referral
from services.cases.domain.sight import Sight
from services.cases.storage import outside
from services.cases.use_cases.access import sight
from services.cases.use_cases.read_referral import read_referral
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Letter:
    """A referral and its outside service, and how much of the person may stand on paper."""

    referral: Referral
    service: OutsideService
    initials_only: bool
    """Whether the letter says initials alone, and no word about the category or the need."""


async def write_letter(referral_id: UUID, *, tx: Tx, actor: Actor) -> Letter:
    """The letter, for those who see all of the referral; the read is audited as a letter.

    Raises `NotFound` for everybody else, and where the receiver is no outside service.
    """
    referral = await read_referral(referral_id, tx=tx, actor=actor)
    if referral.service_id is None or await sight(tx, actor, referral) is not Sight.FULL:
        raise NotFound
    service = await outside.get(tx, referral.service_id)
    assert service is not None, "services are retired, never deleted"
    await audit.record(tx, actor, "referral.letter", [referral.id])
    hidden = referral.confidentiality is Confidentiality.C3 or binds(
        referral.flags, Bind.NO_NAME_IN_LISTS
    )
    return Letter(referral, service, hidden)
