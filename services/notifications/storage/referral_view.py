"""The newest known state of each referral; an older event never moves it back."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.notifications.domain.tells import Hands, hands_after
from shared.contracts.cases import ReferralState
from shared.database import Tx

# Stream rows get their numbers in this transaction, and readers go on from the last number they
# saw. Numbers are drawn at insert and rows appear at commit, so without the lock a reader could
# see 8 before 7 and never come back for 7. Held from here to the commit, the lock makes the
# order of numbers the order of commits. It is taken before any row is locked: two processes
# that take it after would wait for each other.
_STEP_SQL: Final = """
    with stream_order as materialized (
        select pg_advisory_xact_lock(hashtextextended('stream:' || current_schema(), 0))
    ), before as (
        select holder_id, pool from referral_view where referral_id = $1 and version < $2
    ), stored as (
        insert into referral_view as view (referral_id, version, status, holder_id, pool)
        select $1, $2, $3, $4, $5::uuid[] from stream_order
        on conflict (referral_id) do update
        set version = excluded.version, status = excluded.status,
            holder_id = excluded.holder_id, pool = excluded.pool
        where excluded.version > view.version
        returning 1
    )
    select exists (select from stored) as is_news,
           before.pool is not null as was_known, before.holder_id, before.pool,
           array(select worker_id from known_workers
                 where not active
                   and worker_id = any($6::uuid[] || before.holder_id || before.pool)) as gone
    from (select 1) one left join before on true
"""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of a referral met here.

    `is_news` is false for an event older than what is known; `before` is None when the state
    before this step is unknown; `gone` are those concerned who hold no duty any more.
    """

    is_news: bool
    before: Hands | None
    gone: frozenset[UUID]


async def advance(tx: Tx, state: ReferralState, version: int) -> Step:
    """Note a referral's state unless a newer one is known, and say what was known before."""
    after = hands_after(state)
    (row,) = await tx.fetch(
        _STEP_SQL,
        state.referral_id,
        version,
        state.status,
        after.holder_id,
        after.pool,
        [state.sender_id, *state.pool, *([state.holder_id] if state.holder_id else [])],
    )
    before = Hands(row["holder_id"], row["pool"]) if row["was_known"] else None
    return Step(row["is_news"], before, frozenset(row["gone"]))
