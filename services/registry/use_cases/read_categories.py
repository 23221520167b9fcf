"""Which categories a record has and had."""

from uuid import UUID

from services.registry.storage import category_periods
from services.registry.storage.category_periods import Period
from services.registry.use_cases.access import readable
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.reference.categories import CATEGORIES


async def read_categories(beneficiary_id: UUID, *, tx: Tx, actor: Actor) -> list[Period]:
    """The periods the caller may know of, with the read in the record's trail.

    An ended one may be more sensitive than the record is today, and is then told only to those
    who could read it while it held. Raises `NotFound` out of scope.
    """
    record = await readable(beneficiary_id, tx=tx, actor=actor)
    found = await category_periods.of(tx, beneficiary_id)
    await audit.record(tx, actor, "beneficiary.categories_read", [beneficiary_id])
    told = [one for one in found if record.shows(actor, CATEGORIES[one.code].sensitivity)]
    return [one.without_words() for one in told] if record.is_hidden_from(actor) else told
