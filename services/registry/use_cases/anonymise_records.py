"""Anonymise records whose time is over, or whose erasure was granted; nothing brings them back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.registry.domain.beneficiary import open_categories
from services.registry.domain.birth import local_day
from services.registry.storage import anonymising, merges
from shared import audit
from shared.auth import service_actor
from shared.contracts.codes import BeneficiaryKind, Confidentiality
from shared.contracts.registry import BeneficiaryAnonymised
from shared.database import Tx
from shared.messaging import event_log
from shared.messaging.event_log import Fact

BATCH: Final = 100
AFTER_REFERRAL: Final = timedelta(days=30)
"""When a record is looked at again whose time is over while a referral of it is open."""
CLOCK: Final = service_actor("registry")


async def anonymise_asked(*, tx: Tx) -> int:
    """Anonymise one batch of records whose erasure was granted; how many."""
    await merges.hold(tx)
    looked = await anonymising.asked_for(tx, BATCH)
    await _forget([one.id for one in looked], "asked_for", tx=tx)
    return len(looked)


async def anonymise_due(*, tx: Tx) -> int:
    """Look at one batch of records that are due for it, and anonymise those; how many were seen."""
    today = local_day(tx.now)
    await merges.hold(tx)
    looked = await anonymising.due(tx, today, BATCH)
    over = [one for one in looked if one.retain_until <= today and not one.is_open]
    later = [
        (one.id, max(one.retain_until, today + AFTER_REFERRAL) if one.is_open else one.retain_until)
        for one in looked
        if one not in over
    ]
    if later:
        await anonymising.review_later(tx, later)
    await _forget([one.id for one in over], "retention", tx=tx)
    return len(looked)


async def _forget(ids: Sequence[UUID], why: str, *, tx: Tx) -> None:
    if not ids:
        return
    left = await anonymising.forget(tx, ids)
    await audit.record(tx, CLOCK, "beneficiary.anonymised", [one.id for one in left], detail=why)
    await event_log.append(
        tx,
        [
            Fact(
                one.id,
                one.version,
                BeneficiaryAnonymised(
                    beneficiary_id=one.id,
                    kind=BeneficiaryKind(one.kind),
                    area=one.area,
                    confidentiality=Confidentiality(one.confidentiality),
                    categories=open_categories(one.categories),
                ),
            )
            for one in left
        ],
    )
