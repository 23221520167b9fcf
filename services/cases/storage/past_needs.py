"""Needs of a past period, as they were reported; without a word about the person."""

from datetime import datetime
from typing import Final

import orjson

from services.cases.domain.dry_run import PastNeed
from shared.contracts.codes import Confidentiality, Urgency
from shared.database import Tx

# A referral that took another's place was not routed by the rules, nor was a supporting one.
_SENT_SQL: Final = """
    select id, case_number, confidentiality, category, situation, place,
           attributes::text as attributes, reported_urgency
    from referrals
    where place >= $1 and place < $1 || '/' and sent_at >= $2 and sent_at < $3
      and role = 'primary' and rerouted_from is null
    order by sent_at desc limit $4
"""


async def sent_between(
    tx: Tx, area: str, start: datetime, end: datetime, *, limit: int
) -> list[PastNeed]:
    """The needs that arose in the area and were sent from `start` to before `end`, newest first."""
    return [
        PastNeed(
            referral_id=row["id"],
            case_number=row["case_number"],
            secret=row["confidentiality"] == Confidentiality.C3.value,
            category=row["category"],
            situation=row["situation"],
            place=row["place"],
            attributes=orjson.loads(row["attributes"]),
            reported_urgency=Urgency(row["reported_urgency"]) if row["reported_urgency"] else None,
        )
        for row in await tx.fetch(_SENT_SQL, area, start, end, limit)
    ]
