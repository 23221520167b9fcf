"""Every route of the portal x who asks x from which site.

No page without a session, and no effect without proof that a page of ours asked for it.
"""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from services.portal.security import SAFE_METHODS
from shared.routes import routes_of
from tests.integration.portal.answers.known import REFERRAL, SESSION
from tests.integration.portal.conftest import ORIGIN
from tests.integration.portal.neighbours import Neighbours

# What answers without a session, and how a browser without one fares there.
OPEN = {
    ("GET", "/masuk"): 200,
    ("POST", "/masuk"): 422,
    ("POST", "/keluar"): 303,
    ("GET", "/static/{file:path}"): 404,
    ("HEAD", "/static/{file:path}"): 404,
    ("GET", "/health/live"): 200,
    ("GET", "/health/ready"): 200,
    ("GET", "/metrics"): 200,
}
# Asked for by a script alone, which a sign-in page would not help.
STREAM = ("GET", "/stream")
PARAMETER = re.compile(r"\{[^}]+\}")
OURS = {"Origin": ORIGIN}
STRANGERS = {
    "nothing said": {},
    "another site": {"Origin": "http://evil.test"},
    "another scheme's twin": {"Origin": ORIGIN + ".evil.test"},
    "another port": {"Origin": ORIGIN + ":8443"},
    "hidden": {"Origin": "null"},
    "only a referrer": {"Referer": f"{ORIGIN}/daftar"},
    "cross-site": {**OURS, "Sec-Fetch-Site": "cross-site"},
    "same-site": {**OURS, "Sec-Fetch-Site": "same-site"},
    "typed by hand": {**OURS, "Sec-Fetch-Site": "none"},
    "made up": {**OURS, "Sec-Fetch-Site": "ours"},
    "as htmx asks": {"Origin": "http://evil.test", "HX-Request": "true"},
}
PROOFS = {
    "origin": OURS,
    "fetch metadata": {"Sec-Fetch-Site": "same-origin"},
    "both": {**OURS, "Sec-Fetch-Site": "same-origin"},
}


def endpoints(app: FastAPI) -> set[tuple[str, str]]:
    return {(method, route.path) for route in routes_of(app) for method in route.methods or ()}


def closed(app: FastAPI) -> list[tuple[str, str]]:
    return sorted(endpoints(app) - set(OPEN))


def unsafe(app: FastAPI) -> list[tuple[str, str]]:
    return sorted(one for one in endpoints(app) if one[0] not in SAFE_METHODS)


def address(path: str) -> str:
    return PARAMETER.sub(REFERRAL, path)


@pytest.fixture
async def visitor(portal: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that says nothing of itself but what a test lets it say."""
    transport = httpx2.ASGITransport(portal)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
        yield browser


def test_what_is_open_is_there_and_there_is_more(portal: FastAPI) -> None:
    assert set(OPEN) <= endpoints(portal)
    assert len(closed(portal)) > 20
    assert len(unsafe(portal)) > 5


@pytest.mark.parametrize("cookie", ["none", "of a session that ended"])
async def test_without_a_session_every_page_asks_to_sign_in(
    portal: FastAPI, visitor: httpx2.AsyncClient, neighbours: Neighbours, cookie: str
) -> None:
    asked = set()
    if cookie != "none":
        neighbours.refuse("POST /directory/sessions/token", "session-ended", 401)
        visitor.cookies.set("sinergi", SESSION, domain="portal.test")
        asked = {"/directory/oauth/token", "/directory/sessions/token"}
    for method, path in closed(portal):
        answer = await visitor.request(method, address(path), headers=OURS)
        if (method, path) == STREAM:
            assert answer.status_code == 401
        elif method in SAFE_METHODS:
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].split("?")[0] == "/masuk", (method, path)
        else:
            assert answer.status_code == 401, (method, path)
            assert 'action="/masuk"' in answer.text, (method, path)
    assert {call.path for call in neighbours.calls} <= asked


async def test_without_a_session_a_part_of_a_page_is_refused_in_place(
    portal: FastAPI, visitor: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    for method, path in closed(portal):
        headers = {**OURS, "HX-Request": "true"}
        answer = await visitor.request(method, address(path), headers=headers)
        assert (answer.status_code, answer.text) == (401, ""), (method, path)
    assert not neighbours.calls


async def test_what_is_open_answers_anybody(visitor: httpx2.AsyncClient) -> None:
    for (method, path), number in OPEN.items():
        answer = await visitor.request(method, address(path), headers=OURS)
        assert answer.status_code == number, (method, path)


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("session", ["signed in", "not signed in"])
async def test_an_unsafe_request_that_no_page_of_ours_made_is_refused(
    *,
    portal: FastAPI,
    visitor: httpx2.AsyncClient,
    neighbours: Neighbours,
    who: str,
    session: str,
) -> None:
    if session == "signed in":
        visitor.cookies.set("sinergi", SESSION, domain="portal.test")
    for method, path in unsafe(portal):
        answer = await visitor.request(method, address(path), headers=STRANGERS[who])
        assert answer.status_code == 403, (method, path)
        assert "set-cookie" not in answer.headers, (method, path)
    assert not neighbours.calls


@pytest.mark.parametrize("proof", PROOFS)
async def test_an_unsafe_request_of_a_page_of_ours_is_heard(
    portal: FastAPI, visitor: httpx2.AsyncClient, proof: str
) -> None:
    for method, path in unsafe(portal):
        visitor.cookies.set("sinergi", SESSION, domain="portal.test")
        answer = await visitor.request(method, address(path), headers=PROOFS[proof])
        assert answer.status_code != 403, (method, path)
