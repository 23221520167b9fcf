"""Taking a record into hand, as far as the caller's duties allow."""

from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.errors import AlreadyMerged
from services.registry.storage import beneficiaries, told_merges
from services.registry.storage.access import is_masked
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.standing import Standing, standing
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.errors import Forbidden, NotFound
from shared.policy import Action, Resource, require
from shared.reference.categories import CATEGORIES


async def changeable(beneficiary_id: UUID, *, tx: Tx, actor: Actor, vault: NikVault) -> Beneficiary:
    """The record, locked until the transaction ends.

    Raises `NotFound` out of scope, `Forbidden` when the caller may read but not change it, and
    `AlreadyMerged` when it goes on as another record, which is named unless it is hidden who it is.
    """
    beneficiary = await beneficiaries.get_for_change(tx, vault, actor, beneficiary_id)
    if beneficiary is None:
        raise NotFound
    require(actor, Action.BENEFICIARY_CHANGE, resource_of(beneficiary))
    if beneficiary.merged_into is not None:
        told = await told_merges.remaining(tx, actor, [beneficiary_id])
        raise AlreadyMerged(told.get(beneficiary_id))
    return beneficiary


def resource_of(beneficiary: Beneficiary) -> Resource:
    """What the policy needs to know of a record."""
    return Resource(
        area=beneficiary.said.area,
        owners=(beneficiary.registered_by,),
        named=beneficiary.granted_to,
        confidentiality=beneficiary.confidentiality,
    )


def require_seen(beneficiary: Beneficiary, code: str, actor: Actor) -> None:
    """Raises `Forbidden` for a category that the record does not show to the caller, held or not.

    Otherwise the answer to a change would tell what the record hides.
    """
    category = CATEGORIES.get(code)
    is_open = category is not None and category.sensitivity is Confidentiality.C1
    if not is_open and is_masked(actor, beneficiary):
        raise Forbidden


async def readable(beneficiary_id: UUID, *, tx: Tx, actor: Actor) -> Standing:
    """What the record is to the caller; raises `NotFound` out of scope."""
    found = await standing(tx, actor, beneficiary_id)
    if found is None:
        raise NotFound
    return found
