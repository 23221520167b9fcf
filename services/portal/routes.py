"""How a page gets its address, and what every page asks before it does anything."""

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute

from services.portal.security import SAFE_METHODS, require_same_origin
from shared.routes import dependencies_of


class Unprotected(RuntimeError):
    """A route would do what a page of somebody else sends."""


async def same_origin(request: Request) -> None:
    """Refuse an unsafe request that no page of this portal made."""
    require_same_origin(request.method, request.headers)


def page_router(prefix: str = "") -> APIRouter:
    """A router for pages."""
    # Said by each router and not by the app, see `give_routes`.
    return APIRouter(prefix=prefix, dependencies=[Depends(same_origin)])


def require_protection(route: APIRoute) -> None:
    """Raise `Unprotected` if an unsafe request to this route need not come from our pages."""
    unsafe = (route.methods or set()) - SAFE_METHODS
    if unsafe and same_origin not in dependencies_of(route):
        raise Unprotected(f"{unsafe} {route.path}")
