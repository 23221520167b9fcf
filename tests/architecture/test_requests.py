"""Every request: committed before it is answered, and safe to send again."""

import typing
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.database import Tx
from shared.idempotency import Once, once
from shared.migrations import SERVICES
from shared.routes import dependencies_of, routes_of
from tests.architecture.apps import build

pytestmark = pytest.mark.usefixtures("environment")

SAFE: Final = {"GET", "HEAD"}
WITHOUT_KEY: Final[Mapping[tuple[str, str], str]] = {
    ("directory", "/workers/lookup"): "reads",
    ("directory", "/sessions"): "a sign-in; a second one is a second session",
    ("directory", "/sessions/current"): "ends what is ended",
    ("directory", "/sessions/token"): "gives a token",
    ("directory", "/oauth/token"): "gives a token",
    ("directory", "/me/password"): "the old password no longer fits a second time",
    ("registry", "/beneficiaries/lookup"): "reads",
    ("registry", "/beneficiaries/search"): "reads",
    ("registry", "/beneficiaries/lookalikes"): "reads",
    ("registry", "/beneficiaries/search-nik"): "reads",
    ("registry", "/internal/beneficiaries"): "reads",
    ("registry", "/beneficiaries/batch"): "each item has a key of its own",
    ("registry", "/reports"): "its source and its id there are its key",
    ("cases", "/referrals/plan"): "reads",
    ("cases", "/rules/dry-run"): "reads",
    ("cases", "/disasters/{disaster_id}/intakes"): "each item has a key of its own",
}


@pytest.mark.parametrize("service", SERVICES)
async def test_what_changes_something_takes_a_key_for_repeats(service: str) -> None:
    unsafe = [route for route in routes_of(build(service)) if set(route.methods or ()) - SAFE]
    assert unsafe
    without = {(service, route.path) for route in unsafe if not takes_key(route)}
    assert without == {place for place in WITHOUT_KEY if place[0] == service}


def takes_key(route: APIRoute) -> bool:
    """Whether a repeat of its key is known, through `once` or by the route itself."""
    named = any(one.name == "idempotency_key" for one in route.dependant.header_params)
    return named or once in dependencies_of(route)


@pytest.mark.parametrize("service", SERVICES)
async def test_p1_every_transaction_of_a_request_is_committed_before_the_answer(
    service: str,
) -> None:
    found = [
        (route.path, one)
        for route in routes_of(build(service))
        for one in transactions_in(route.dependant)
    ]
    assert len(found) > 3
    assert [path for path, one in found if one.scope != "function"] == []


def transactions_in(dependant: Dependant) -> Iterator[Dependant]:
    """Each dependency that hands out a transaction, or what rests on one."""
    for inner in dependant.dependencies:
        said = getattr(inner.call, "__annotations__", {}).get("return")
        if said in (AsyncIterator[Tx], typing.AsyncIterator[Tx], Tx, Once):
            yield inner
        yield from transactions_in(inner)
