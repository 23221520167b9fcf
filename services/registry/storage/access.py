"""Which beneficiaries a caller may touch, and whose name stays hidden in lists."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.storage.tables import access_grants, beneficiaries
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.policy import Action, Resource, decide
from shared.predicates import Columns, predicate

REMEMBERED: Final = 256
"""Of how many callers the rule is kept as built; building it takes longer than asking by it."""


# The ids stand in a subselect: if the planner saw how many they are, it would plan anew each time.
BY_IDS: Final = "unnest((select $1::uuid[])) as asked (id) join beneficiaries b using (id)"
"""Records by their ids, for a statement to select from as `b`."""


@lru_cache(maxsize=REMEMBERED)
def allowed(actor: Actor, *actions: Action) -> sa.ColumnElement[bool]:
    """The rows of `beneficiaries` on which the caller may do all of this.

    Of a restricted record only those who handle requests about data, and those who hold a referral
    of it that is under way; of an anonymised one nobody.
    """
    return sa.and_(
        *(within(actor, action) for action in actions),
        beneficiaries.c.anonymised_at.is_(None),
        sa.or_(
            beneficiaries.c.restricted_at.is_(None),
            within(actor, Action.PROTECTION_HANDLE),
            sa.any_(beneficiaries.c.granted_to) == actor.id,
        ),
    )


@lru_cache(maxsize=REMEMBERED)
def within(actor: Actor, action: Action) -> sa.ColumnElement[bool]:
    """The rows the caller's duties reach for this, whatever became of the record since."""
    return predicate(actor, action, _COLUMNS)


def may_touch(actor: Actor, row: Any, *actions: Action) -> bool:
    """Whether `allowed` lets this row through.

    For rows found by their ids: to build that condition for a caller who was not here before
    takes longer than all the rest of such a request.
    """
    resource = Resource(
        area=row.area,
        owners=(row.registered_by,),
        named=tuple(row.granted_to),
        confidentiality=Confidentiality(row.confidentiality),
    )
    return (
        row.anonymised_at is None
        and all(decide(actor, action, resource) for action in actions)
        and (
            row.restricted_at is None
            or actor.id in row.granted_to
            or decide(actor, Action.PROTECTION_HANDLE, resource)
        )
    )


def shown_by_name(actor: Actor) -> sa.ColumnElement[bool]:
    """The rows whose name a list shows the caller; the same rule as `hides_name`."""
    return sa.or_(
        beneficiaries.c.confidentiality != Confidentiality.C3.value,
        beneficiaries.c.registered_by == actor.id,
        _granted_to(actor.id),
    )


def hides_name(
    actor: Actor, *, confidentiality: str, registered_by: UUID, granted_to: Sequence[UUID]
) -> bool:
    """Whether lists show `layanan khusus` people to this caller without their name."""
    return (
        confidentiality == Confidentiality.C3
        and registered_by != actor.id
        and actor.id not in granted_to
    )


def is_masked(actor: Actor, row: Any) -> bool:
    """Whether this row of a beneficiary, or the record itself, is shown without its name."""
    return hides_name(
        actor,
        confidentiality=row.confidentiality,
        registered_by=row.registered_by,
        granted_to=row.granted_to,
    )


def _granted_to(worker_id: UUID) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        access_grants.c.beneficiary_id == beneficiaries.c.id,
        access_grants.c.worker_id == worker_id,
    )


_COLUMNS = Columns(
    area=beneficiaries.c.area,
    owners=(beneficiaries.c.registered_by,),
    named=_granted_to,
    confidentiality=beneficiaries.c.confidentiality,
)
