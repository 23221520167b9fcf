"""What every route declares, and how to read it: who may call it, or why anyone may."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute


class Public:
    """Marks a route that anyone may call; the reason stands where it is declared."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    async def __call__(self) -> None:
        """Anyone may."""


def public(reason: str) -> Any:
    """Declare that a route needs no permission, and why: `dependencies=[public("...")]`."""
    return Depends(Public(reason))


class UndeclaredPermission(RuntimeError):
    """A route says neither who may call it nor why anyone may."""


def give_routes(app: FastAPI, *routers: APIRouter) -> None:
    """Let an app that has no dependencies of its own answer on the routes of these routers.

    `include_router` would build every route a second time, at the first request, and look for
    the right one twice at each.
    """
    app.state.routers = routers
    for router in routers:
        app.router.routes.extend(router.routes)


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Every route of the routers an app keeps in its state."""
    routers: Sequence[APIRouter] = app.state.routers
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


def dependencies_of(route: APIRoute) -> list[Any]:
    """Everything a route asks before it answers, and what that asks in turn."""
    return _calls(route.dependant)


def _calls(dependant: Dependant) -> list[Any]:
    found: list[Any] = []
    for inner in dependant.dependencies:
        found.append(inner.call)
        found += _calls(inner)
    return found
