"""An app does not come up with a route that says nothing about who may call it."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI

from shared.auth import Actor, TokenVerifier
from shared.database import Database
from shared.http import create_app, permission_of, requires
from shared.policy import Action
from shared.routes import UndeclaredPermission, public, routes_of

NOWHERE = "127.0.0.1:9"


def start(*routers: APIRouter) -> FastAPI:
    return create_app(
        "cases",
        routers=routers,
        database=Database(f"postgresql://nobody@{NOWHERE}/none"),
        secret="a secret of the test",
        verifier=TokenVerifier(f"http://{NOWHERE}", "cases"),
        checks={},
    )


def declared(app: FastAPI) -> dict[str, Action | None]:
    return {route.path: permission_of(route) for route in routes_of(app)}


def test_a_route_without_a_permission_stops_the_start_and_is_named() -> None:
    router = APIRouter()

    @router.get("/open")
    @router.post("/open")
    async def forgotten() -> None:
        """Says nothing."""

    with pytest.raises(UndeclaredPermission, match="/open"):
        start(router)


def test_a_dependency_that_only_looks_like_a_permission_is_none() -> None:
    async def anybody() -> None:
        """Asks nothing."""

    router = APIRouter(dependencies=[Depends(anybody)])

    @router.get("/open")
    async def forgotten() -> None:
        """Says nothing."""

    with pytest.raises(UndeclaredPermission):
        start(router)


def test_a_permission_counts_wherever_it_is_declared() -> None:
    own, inside, outside = APIRouter(), APIRouter(), APIRouter(dependencies=[public("a test")])

    @own.get("/own")
    async def of_the_route(_actor: Annotated[Actor, requires(Action.ME_READ)]) -> None:
        """Asks itself."""

    async def through(_actor: Annotated[Actor, requires(Action.AUDIT_READ)]) -> str:
        return ""

    @inside.get("/inside")
    async def of_a_dependency(_value: Annotated[Any, Depends(through)]) -> None:
        """Asks through a dependency."""

    @outside.get("/outside")
    async def of_the_router() -> None:
        """Declared public by its router."""

    found = declared(start(own, inside, outside))
    assert found["/own"] is Action.ME_READ
    assert found["/inside"] is Action.AUDIT_READ
    assert found["/outside"] is None


def test_only_probes_and_the_contract_are_public_by_themselves() -> None:
    assert declared(start()) == {
        "/asyncapi.json": None, "/health/live": None, "/health/ready": None, "/metrics": None,
    }  # fmt: skip
