"""Every route of every service says who may call it, and every page whom it is for."""

import re
import uuid

import httpx2
import pytest
from fastapi import APIRouter, FastAPI

from services.portal.pages import PAGES
from services.portal.routes import Unprotected
from services.portal.sessions import needs_sign_in
from shared.auth import TokenVerifier
from shared.database import Database
from shared.http import create_app, permission_of
from shared.migrations import SERVICES
from shared.routes import UndeclaredPermission, public, routes_of
from tests.architecture.apps import NOWHERE, build

PARAMETER = re.compile(r"\{[^}]+\}")
CONVERTER = re.compile(r":\w+(?=\})")


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("service", SERVICES)
async def test_every_route_declares_its_permission_and_asks_for_it(service: str) -> None:
    app = build(service)
    routes = {
        (method, route.path): route for route in routes_of(app) for method in route.methods or ()
    }
    assert set(routes) == operations(app), "a route that the start-up check does not see"
    guarded = [key for key, route in routes.items() if permission_of(route) is not None]
    assert guarded
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        for method, path in guarded:
            answer = await client.request(method, PARAMETER.sub(str(uuid.uuid4()), path))
            assert answer.status_code == 401, f"{method} {path}"


@pytest.mark.usefixtures("environment")
def test_every_page_says_whether_it_is_for_signed_in_visitors() -> None:
    app = build("portal")
    pages = {
        (method, CONVERTER.sub("", route.path)): route
        for route in routes_of(app)
        for method in route.methods or ()
    }
    assert set(pages) == operations(app), "a page that the start-up check does not see"
    assert any(needs_sign_in(route) for route in pages.values())


def operations(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of everything the app itself says it serves."""
    return {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }


@pytest.fixture
def undeclared() -> APIRouter:
    """A router with one route."""
    router = APIRouter()

    @router.get("/open")
    async def forgotten() -> None:
        """Says nothing about who may call it."""

    return router


def test_an_app_with_an_undeclared_route_does_not_start(undeclared: APIRouter) -> None:
    with pytest.raises(UndeclaredPermission, match="/open"):
        create_app(
            "cases",
            routers=[undeclared],
            database=Database(f"postgresql://nobody@{NOWHERE}/none"),
            secret="unused",
            verifier=TokenVerifier(f"http://{NOWHERE}", "cases"),
            checks={},
        )


@pytest.mark.usefixtures("environment")
def test_a_portal_with_an_undeclared_page_does_not_start(
    undeclared: APIRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.portal.main.PAGES", (*PAGES, undeclared))
    with pytest.raises(UndeclaredPermission, match="/open"):
        build("portal")


@pytest.mark.usefixtures("environment")
def test_a_portal_with_a_page_that_takes_forms_from_elsewhere_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    careless = APIRouter(dependencies=[public("for this test")])
    careless.add_api_route("/form", lambda: None, methods=["POST"])
    monkeypatch.setattr("services.portal.main.PAGES", (*PAGES, careless))
    with pytest.raises(Unprotected, match="/form"):
        build("portal")
