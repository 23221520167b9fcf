"""Find the record with a NIK."""

from services.registry.domain.nik import require_nik
from services.registry.storage import niks, summaries
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.summaries import Summary
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action


async def search_nik(nik: str, *, tx: Tx, actor: Actor, vault: NikVault) -> Summary | None:
    """The record, or None when there is none the caller may read; both are counted and audited.

    A masked one is not found either: that it is found would say whose it is.

    Returns None instead of raising, so that the count of a vain search is committed: guessing
    must cost as much as knowing. Raises `TooMany` past the caller's share of the minute.
    """
    require_nik(nik)
    await niks.count_search(tx, actor)
    ids = await niks.holders(tx, vault, nik)
    held = await summaries.of(
        tx, actor, ids, Action.BENEFICIARY_SEARCH_NIK, Action.BENEFICIARY_READ
    )
    found = [held[one] for one in ids if one in held and not held[one].masked]
    if not found:
        # Nobody's record was read; the trail of the worker shows that a search was made.
        await audit.record(tx, actor, "beneficiary.nik_searched", [actor.id], detail="none")
        return None
    await audit.record(tx, actor, "beneficiary.nik_searched", [summary.id for summary in found])
    return found[0]
