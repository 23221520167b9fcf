"""Find the record with a NIK."""

from services.registry.domain.nik import require_nik
from services.registry.storage import niks, summaries
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.summaries import Summary
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action
from shared.trips import Opening


def asked_for(nik: str, *, actor: Actor, vault: NikVault) -> list[Opening]:
    """The search itself, counted, to be asked with the beginning of the transaction."""
    require_nik(nik)
    return niks.asked_for(vault, actor, nik)


async def search_nik(*, tx: Tx, actor: Actor) -> Summary | None:
    """What `asked_for` found, or None when there is none the caller may read; it is audited.

    A masked one is not found either: that it is found would say whose it is.

    Returns None instead of raising, so that the count of a vain search is committed: guessing
    must cost as much as knowing. Raises `TooMany` past the caller's share of the minute.
    """
    ids = niks.holders(tx.opened)
    # Asked for nobody as well: an answer that came sooner would say that nobody has it.
    held = await summaries.of_these(
        tx, actor, ids, Action.BENEFICIARY_SEARCH_NIK, Action.BENEFICIARY_READ
    )
    found = [held[one] for one in ids if one in held and not held[one].masked]
    if not found:
        # Nobody's record was read; the trail of the worker shows that a search was made.
        await audit.record(tx, actor, "beneficiary.nik_searched", [actor.id], detail="none")
        return None
    await audit.record(tx, actor, "beneficiary.nik_searched", [summary.id for summary in found])
    return found[0]
