"""The policy as SQL: the rows on which it would say yes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.auth import AREA_END, Actor, Duty
from shared.contracts.codes import Confidentiality
from shared.policy import GRANTS, SERVICE_ACTIONS, Action, Grant, Match


@dataclass(frozen=True, slots=True)
class Columns:
    """The same facts as columns; `named` makes the clause for a caller on the thing's list."""

    area: sa.ColumnElement[Any] | None = None
    sender_area: sa.ColumnElement[Any] | None = None
    pillar: sa.ColumnElement[Any] | None = None
    organisation_id: sa.ColumnElement[Any] | None = None
    owners: tuple[sa.ColumnElement[Any], ...] = ()
    named: Callable[[UUID], sa.ColumnElement[bool]] | None = None
    confidentiality: sa.ColumnElement[Any] | None = None


def predicate(actor: Actor, action: Action, columns: Columns) -> sa.ColumnElement[bool]:
    """The rows on which `decide` would say yes."""
    if actor.kind == "service":
        return sa.true() if action in SERVICE_ACTIONS else sa.false()
    # Each said once: two duties in one area, say, say the same wherever it is the area that counts.
    said = {
        _said(grant, duty): (grant, duty)
        for grant in GRANTS[action]
        for duty in actor.duties
        if grant.is_of(duty)
    }
    clauses = [_granted(grant, actor, duty, columns) for grant, duty in said.values()]
    return sa.or_(sa.false(), *clauses)


def _said(grant: Grant, duty: Duty) -> tuple[object, ...]:
    """What of a grant and a duty the condition depends on."""
    by_area = grant.where & {Match.AREA, Match.SENDER_AREA}
    return (
        grant.where,
        grant.up_to,
        duty.area if by_area else None,
        duty.pillar if Match.PILLAR in grant.where else None,
        duty.organisation_id if Match.ORGANISATION in grant.where else None,
    )


def _granted(grant: Grant, actor: Actor, duty: Duty, columns: Columns) -> sa.ColumnElement[bool]:
    parts = [_clause(match, actor, duty, columns) for match in sorted(grant.where)]
    if grant.up_to is not Confidentiality.C3 and columns.confidentiality is not None:
        parts.append(columns.confidentiality <= grant.up_to.value)
    return sa.and_(sa.true(), *parts)


def _clause(match: Match, actor: Actor, duty: Duty, columns: Columns) -> sa.ColumnElement[bool]:
    match match:
        case Match.AREA:
            return _within(columns.area, duty)
        case Match.SENDER_AREA:
            return _within(columns.sender_area, duty)
        case Match.PILLAR:
            return sa.false() if columns.pillar is None else columns.pillar == duty.pillar
        case Match.ORGANISATION:
            column = columns.organisation_id
            if column is None:
                return sa.true()
            return sa.or_(column.is_(None), column == duty.organisation_id)
        case Match.OWN:
            return sa.or_(sa.false(), *(column == actor.id for column in columns.owners))
        case Match.NAMED:
            return sa.false() if columns.named is None else columns.named(actor.id)
        case Match.STAND_IN:
            absent = actor.stands_for
            return sa.or_(
                sa.false(), *(column == one for column in columns.owners for one in absent)
            )


def _within(column: sa.ColumnElement[Any] | None, duty: Duty) -> sa.ColumnElement[bool]:
    if column is None:
        return sa.false()
    return sa.and_(column >= duty.area, column < duty.area + AREA_END)
