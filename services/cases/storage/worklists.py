"""The two long lists, each one statement: what waits for a worker, what a coordinator watches.

Each is the union of branches that are ordered and cut off by themselves, so that what is read
follows from the length of the page and not from the length of the list. Only the rows of the page
are read whole.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from services.cases.domain.referral_status import OPEN
from services.cases.storage.stretches import columns, pools, watched
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus, Urgency
from shared.database import Tx
from shared.policy import Action, may

Due = Literal["overdue", "today"]
HELD: Final = (
    ReferralStatus.ACCEPTED,
    ReferralStatus.IN_PROGRESS,
    ReferralStatus.ON_HOLD,
)
_INSTANT: Final = timedelta(microseconds=1)
_FIRST: Final = "-infinity"
_WITHOUT: Final = "infinity"
_NOBODY: Final = UUID(int=0)

_LINE: Final = """
    r.id::text as referral_id, r.case_id::text, r.case_number, r.beneficiary_id::text, r.status,
    r.version, r.pillar, r.area, r.place, r.category, r.situation, r.urgency, r.confidentiality,
    r.worker_id::text, r.holder_id::text, r.sender_id::text, r.reply_by, r.act_by, r.close_by,
    r.due_at, r.sent_at, r.seen_at, coalesce(r.due_at < now(), false) as overdue,
    r.escalation_level, r.flags
"""
"""A line as it is answered, but for what its reader may not see; ids in words, as an answer has
them."""


def _stretches(first: int) -> str:
    """The stretches as rows, from parameters that begin at `$first`.

    Each array stands in a subselect, so that the planner cannot see how long it is. If it could, a
    plan for these very values would look cheaper than the one it keeps, and planning anew each
    time was four fifths of a worklist.
    """
    kinds = ("text", "text", "text", "boolean", "uuid", "text")
    arrays = ", ".join(f"(select ${first + at}::{kind}[])" for at, kind in enumerate(kinds))
    return f"unnest({arrays}) as s (pillar, stem, area, any_organisation, organisation_id, up_to)"


_IN_STRETCH: Final = """
    r.pillar = s.pillar and r.area >= s.area and r.area < s.area || '/'
    and (s.any_organisation or r.organisation_id is null or r.organisation_id = s.organisation_id)
    and r.confidentiality <= s.up_to
"""
_TURN: Final = """
    and r.due_key <= $1::text::timestamptz
    and (r.due_key, r.id) > ($2::text::timestamptz, $3::uuid)
    order by r.due_key, r.id limit $4
"""
_IN_POOL: Final = "r.status = 'sent' and r.worker_id is null and r.service_id is null"
_WORKLIST_SQL: Final = f"""
    with waiting as (
        select due_key, id from {_stretches(5)}
        cross join lateral (
            select r.due_key, r.id from referrals r
            where {_IN_POOL} and r.district = s.stem and {_IN_STRETCH} {_TURN}
        ) pool_of_a_kecamatan
        union
        select due_key, id from {_stretches(11)}
        cross join unnest(array[false, true]) as side (calm)
        cross join lateral (
            select r.due_key, r.id from referrals r
            where {_IN_POOL} and r.regency = s.stem and r.calm = side.calm and {_IN_STRETCH} {_TURN}
        ) pool_of_a_kabupaten
        union
        select due_key, id
        from unnest((select $17::uuid[]), (select $18::text[])) as person (id_of, up_to)
        cross join lateral (
            select r.due_key, r.id from referrals r
            where r.status = 'sent' and r.worker_id is not null and r.worker_id = person.id_of
              and r.confidentiality <= person.up_to
              and ($22::text is null or r.pillar = $22) {_TURN}
        ) by_name
        union
        select due_key, id
        from unnest((select $19::uuid[]), (select $20::text[])) as person (id_of, up_to)
        cross join lateral (
            select r.due_key, r.id from referrals r
            where r.status in ('accepted', 'in_progress', 'on_hold')
              and r.holder_id = person.id_of and r.confidentiality <= person.up_to
              and ($21::text is null or r.status = $21) and ($22::text is null or r.pillar = $22)
              {_TURN}
        ) held
        union
        select due_key, id
        from unnest((select $23::uuid[]), (select $24::text[])) as person (id_of, up_to)
        cross join lateral (
            select r.due_key, r.id from referrals r
            where (r.status = 'returned' or (r.status = 'sent' and r.service_id is not null))
              and r.sender_id = person.id_of and r.confidentiality <= person.up_to
              and ($21::text is null or r.status = $21) and ($22::text is null or r.pillar = $22)
              {_TURN}
        ) back
    ), page as (select due_key, id from waiting order by due_key, id limit $4)
    select {_LINE} from page join referrals r on r.id = page.id order by page.due_key, page.id
"""  # noqa: S608 - fixed text, values are parameters
_OPEN_STATUSES: Final = "('sent', 'accepted', 'in_progress', 'on_hold', 'returned')"
_WATCHED: Final = f"""
    r.status in {_OPEN_STATUSES}
    and ($7::text is null or r.status = $7) and ($17::text is null or r.urgency = $17)
    and r.due_key <= $1::text::timestamptz
    and (r.calm, r.due_key, r.id) > ($5::boolean, $2::text::timestamptz, $3::uuid)
"""
_OPEN_SQL: Final = f"""
    with watched as (
        select calm, due_key, id from {_stretches(8)}
        cross join unnest((select $6::boolean[])) as side (is_calm)
        cross join lateral (
            select r.calm, r.due_key, r.id from referrals r
            where {_WATCHED} and r.regency = s.stem and r.calm = side.is_calm and {_IN_STRETCH}
            order by r.due_key, r.id limit $4
        ) in_area
        union
        (
            select r.calm, r.due_key, r.id from referrals r
            where {_WATCHED} and r.names_more and $14::uuid = any(r.named)
              and r.calm = any($6) and ($15::text is null or r.pillar = $15)
              and ($16::text is null or (r.area >= $16 and r.area < $16 || '/'))
            order by r.calm, r.due_key, r.id limit $4
        )
    ), page as (select calm, due_key, id from watched order by calm, due_key, id limit $4)
    select {_LINE} from page join referrals r on r.id = page.id
    order by page.calm, page.due_key, page.id
"""  # noqa: S608 - fixed text, values are parameters


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the last page ended: the due time, the id, and whether its last row was calm."""

    due_at: datetime | None
    id: UUID
    calm: bool = False


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a coordinator narrowed the open referrals to."""

    area: str | None
    pillar: str | None
    status: ReferralStatus | None
    urgency: Urgency | None
    overdue: bool
    escalated: bool | None


async def worklist(
    tx: Tx,
    actor: Actor,
    *,
    status: ReferralStatus | None,
    pillar: str | None,
    due: Due | None,
    after: Cursor | None,
    limit: int,
) -> list[Any]:
    """What waits for the caller, due first: pools, own work, and what came back to the sender.

    Own work is also that of the absent colleagues the caller stands in for, and so is what came
    back to them; special services apart.
    """
    receives = may(actor, Action.REFERRAL_RECEIVE) and status in (None, ReferralStatus.SENT)
    small, wide = pools(actor, pillar=pillar) if receives else ([], [])
    people = (actor.id, *actor.stands_for)
    trusted = ["C3", *("C2" for _ in actor.stands_for)]
    named = people if receives else ()
    holds = people if status is None or status in HELD else ()
    return await tx.fetch(
        _WORKLIST_SQL,
        _latest(due, tx.now),
        *_start(after),
        limit,
        *columns(small),
        *columns(wide),
        list(named),
        trusted[: len(named)],
        list(holds),
        trusted[: len(holds)],
        status,
        pillar,
        list(people),
        trusted,
    )


async def open_referrals(
    tx: Tx, actor: Actor, to: Narrowed, *, after: Cursor | None, limit: int
) -> list[Any]:
    """The open referrals a coordinator answers for: escalated ones first, then due first.

    A missed deadline escalates, so what is overdue stands at the head of both halves.
    """
    if to.status is not None and to.status not in OPEN:
        return []
    sides = [False, True] if to.escalated is None else [not to.escalated]
    return await tx.fetch(
        _OPEN_SQL,
        _latest("overdue" if to.overdue else None, tx.now),
        *_start(after),
        limit,
        after.calm if after else False,
        sides,
        to.status,
        *columns(watched(actor, Action.WORK_ASSIGN, area=to.area, pillar=to.pillar)),
        actor.id,
        to.pillar,
        to.area,
        to.urgency,
    )


def _latest(due: Due | None, now: datetime) -> str:
    """The last moment whose deadlines still belong to the list."""
    match due:
        case None:
            return _WITHOUT
        case "overdue":
            return (now - _INSTANT).isoformat()
        case "today":
            return (now + timedelta(days=1) - _INSTANT).isoformat()


def _start(after: Cursor | None) -> tuple[str, UUID]:
    if after is None:
        return _FIRST, _NOBODY
    return after.due_at.isoformat() if after.due_at else _WITHOUT, after.id
