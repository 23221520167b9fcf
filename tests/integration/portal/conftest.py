"""The portal as a browser meets it, with scripted neighbours behind it."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from fastapi import FastAPI

from services.portal import main
from services.portal.assets import Assets
from services.portal.rendering import templates
from services.portal.settings import Settings
from shared.settings import CommonSettings
from tests.integration.portal.answers.known import SESSION
from tests.integration.portal.neighbours import Neighbours, running_neighbours

ORIGIN = "http://portal.test"


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Templates are compiled for the first portal and serve all: half of what a test would do."""
    assets = Assets()
    compiled = templates(assets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "Assets", lambda: assets)
        patch.setattr(main, "templates", lambda _assets: compiled)
        yield


@pytest.fixture(scope="session")
def _served() -> Iterator[Neighbours]:
    with running_neighbours() as neighbours:
        yield neighbours


@pytest.fixture
def neighbours(_served: Neighbours) -> Neighbours:
    """The services on a quiet day."""
    _served.reset()
    return _served


def common_settings(neighbours: Neighbours) -> CommonSettings:
    """Settings that point at the neighbours."""
    return CommonSettings(
        directory_url=f"{neighbours.url}/directory",
        registry_url=f"{neighbours.url}/registry",
        cases_url=f"{neighbours.url}/cases",
        notifications_url=f"{neighbours.url}/notifications",
    )


@pytest.fixture
async def portal(neighbours: Neighbours) -> AsyncIterator[FastAPI]:
    """The portal's app, without HTTPS in front of it."""
    app = main.build(Settings(client_secret="x", secure_cookie=False), common_settings(neighbours))
    yield app
    await app.state.clients.close()


@pytest.fixture
async def stranger(portal: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser nobody has signed in with."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(portal), base_url=ORIGIN, headers={"Origin": ORIGIN}
    ) as browser:
        yield browser


@pytest.fixture
async def browser(stranger: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """A browser of a signed-in worker."""
    stranger.cookies.set("sinergi", SESSION, domain="portal.test")
    return stranger
