"""Cases as rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from services.cases.domain.case import Case, CaseStep, CaseVerb
from shared.contracts.codes import CasePhase, Confidentiality, Outcome
from shared.database import Tx
from shared.messaging import event_log
from shared.messaging.event_log import Fact

COLUMNS: Final = {
    "id": "uuid",
    "number": "text",
    "beneficiary_id": "uuid",
    "area": "text",
    "opened_by": "uuid",
    "opened_at": "timestamptz",
    "phase": "text",
    "is_open": "boolean",
    "closed_at": "timestamptz",
    "close_reason": "text",
    "version": "integer",
}
STEP_COLUMNS: Final = {
    "case_id": "uuid",
    "version": "integer",
    "verb": "text",
    "phase": "text",
    "at": "timestamptz",
    "occurred_at": "timestamptz",
    "actor_id": "uuid",
    "acting_pillar": "text",
    "acting_area": "text",
    "note": "text",
    "reason": "text",
}
CHANGING: Final = ("phase", "is_open", "closed_at", "close_reason", "version")


OPENED_SIZE: Final = len(COLUMNS) + len(STEP_COLUMNS)
"""How many parameters `opened_ctes` has."""


def numbered(columns: Mapping[str, str], first: int, suffix: str = "") -> str:
    """`$first::type, ...`: one parameter a column."""
    return ", ".join(f"${first + at}::{kind}{suffix}" for at, kind in enumerate(columns.values()))


def written_ctes(first: int) -> str:
    """CTEs that write cases, their steps and all events; their parameters begin at `$first`."""
    steps_at = first + len(COLUMNS)
    events_at = steps_at + len(STEP_COLUMNS)
    changes = ", ".join(f"{name} = excluded.{name}" for name in CHANGING)
    return f"""
    case_rows as (
        insert into cases ({", ".join(COLUMNS)})
        select * from unnest({numbered(COLUMNS, first, "[]")})
        on conflict (id) do update set {changes}
    ),
    case_step_rows as (
        insert into case_steps ({", ".join(STEP_COLUMNS)})
        select * from unnest({numbered(STEP_COLUMNS, steps_at, "[]")})
    ),
    {event_log.append_ctes(events_at)}
    """  # noqa: S608 - our own column names, values are parameters


def opened_ctes(first: int) -> str:
    """CTEs that write one case just opened and its step; their parameters begin at `$first`.

    Beside `written_ctes` because lists of one, and a conflict that cannot be, made up a third of
    what sending a referral cost.
    """
    return f"""
    case_rows as (
        insert into cases ({", ".join(COLUMNS)}) values ({numbered(COLUMNS, first)})
    ),
    case_step_rows as (
        insert into case_steps ({", ".join(STEP_COLUMNS)})
        values ({numbered(STEP_COLUMNS, first + len(COLUMNS))})
    )
    """  # noqa: S608 - our own column names, values are parameters


_SAVE_SQL: Final = f"with {written_ctes(1)} select * from woken"  # noqa: S608 - fixed text


async def get(tx: Tx, case_id: UUID) -> Case | None:
    """The case as it stands; None when no such row is in scope."""
    row = await tx.fetchrow("select * from cases where id = $1", case_id)
    return case_of(row) if row else None


async def id_of(tx: Tx, number: str) -> UUID | None:
    """The case people know by this number; None when no such row is in scope."""
    found: UUID | None = await tx.fetchval("select id from cases where number = $1", number)
    return found


async def get_for_update(tx: Tx, case_id: UUID) -> Case | None:
    """The case, locked until the transaction ends."""
    row = await tx.fetchrow("select * from cases where id = $1 for update", case_id)
    return case_of(row) if row else None


async def most_confidential(tx: Tx, case_id: UUID) -> Confidentiality:
    """The level of its most confidential referral, in anybody's scope."""
    return Confidentiality(await tx.fetchval("select most_confidential($1)", case_id))


async def save(tx: Tx, case: Case) -> None:
    """Write a locked case that changed, with its steps and events."""
    await tx.fetch(_SAVE_SQL, *columns_of([case]), *event_log.columns_of(tx, facts_of(case)))


async def history(tx: Tx, case_id: UUID) -> list[CaseStep]:
    """The steps of a case in order."""
    rows = await tx.fetch("select * from case_steps where case_id = $1 order by version", case_id)
    return [
        CaseStep(
            version=row["version"],
            verb=CaseVerb(row["verb"]),
            phase=CasePhase(row["phase"]),
            at=row["at"],
            occurred_at=row["occurred_at"],
            actor_id=row["actor_id"],
            acting_pillar=row["acting_pillar"],
            acting_area=row["acting_area"],
            note=row["note"],
            reason=Outcome(row["reason"]) if row["reason"] else None,
        )
        for row in rows
    ]


def case_of(row: Any) -> Case:
    """A case from its row."""
    return Case(
        id=row["id"],
        number=row["number"],
        beneficiary_id=row["beneficiary_id"],
        area=row["area"],
        opened_by=row["opened_by"],
        opened_at=row["opened_at"],
        phase=CasePhase(row["phase"]),
        is_open=row["is_open"],
        closed_at=row["closed_at"],
        close_reason=Outcome(row["close_reason"]) if row["close_reason"] else None,
        version=row["version"],
    )


def columns_of(cases: Sequence[Case]) -> list[list[Any]]:
    """The values of `COLUMNS` and `STEP_COLUMNS`, each a list over the cases or their steps."""
    rows = [[getattr(case, name) for case in cases] for name in COLUMNS]
    steps = [(case, step) for case in cases for step in case.steps]
    names = list(STEP_COLUMNS)[1:]
    return [
        *rows,
        [case.id for case, _ in steps],
        *([getattr(step, name) for _, step in steps] for name in names),
    ]


def values_opened(case: Case) -> list[Any]:
    """The values of `opened_ctes`."""
    return [value for (value,) in columns_of([case])]


def facts_of(case: Case) -> list[Fact]:
    """What the case states since it was loaded."""
    first = case.version - len(case.facts) + 1
    return [Fact(case.id, first + index, data) for index, data in enumerate(case.facts)]
