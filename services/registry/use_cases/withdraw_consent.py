"""Withdraw a consent: from now on three days are left to stop."""

from uuid import UUID

from services.registry.domain.consent import STOPS_AFTER
from services.registry.domain.requests import RequestKind
from services.registry.storage import grounds, merges, protection, requests
from services.registry.storage.requests import NewRequest
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.policy import Action


class NothingToWithdraw(Conflict):
    """These grounds are no consent, or were withdrawn before."""

    code = "nothing-to-withdraw"
    title = "Persetujuan ini tidak ada atau sudah ditarik"
    title_en = "There is no such consent, or it was withdrawn before"


async def withdraw_consent(
    beneficiary_id: UUID, basis_id: UUID, *, words: str | None, tx: Tx, actor: Actor
) -> UUID:
    """The id of the request that the officer is given; the clock ends the grounds in any case.

    Withdrawn with it is every other consent to the same purpose, also those of merged records.

    Raises `NotFound` out of scope, and `NothingToWithdraw`.
    """
    area = await protection.area_if_open_to(tx, actor, Action.PROTECTION_RECORD, beneficiary_id)
    if area is None:
        raise NotFound
    ids = await merges.whole(tx, [beneficiary_id])
    # A consent ends wherever a record of the person lies.
    async with tx.beyond_scope():
        stops_at = await grounds.withdraw(tx, actor, ids=ids, basis_id=basis_id, within=STOPS_AFTER)
    if stops_at is None:
        raise NothingToWithdraw
    request = NewRequest(
        id=new_id(),
        kind=RequestKind.WITHDRAWAL,
        area=area,
        due_at=stops_at,
        beneficiary_id=beneficiary_id,
        legal_basis_id=basis_id,
        words=words,
    )
    await requests.add(tx, actor, request)
    await audit.record(tx, actor, "protection.consent_withdrawn", [beneficiary_id])
    return request.id
