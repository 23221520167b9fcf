"""One installation and one browser for the whole run; windows and programs for each test."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, async_playwright

from tests.e2e.callers import Caller
from tests.e2e.installation import Installation
from tests.e2e.people import Inventor
from tests.e2e.windows import ARGUMENTS, CHROMIUM, SCREENSHOTS, Windows

LAST = "test_the_end.py"
FIGURES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at the traces of all other tests comes after them, in the order written."""
    last = [item for item in items if item.path.name == LAST]
    last.sort(key=lambda item: item.reportinfo()[1] or 0)
    items[:] = [item for item in items if item.path.name != LAST] + last


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if figures := config.stash[FIGURES]:
        terminalreporter.section("measured")
        for line in figures:
            terminalreporter.write_line(line)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> list[str]:
    """Lines to print at the end of the run."""
    lines: list[str] = request.config.stash[FIGURES]
    return lines


@pytest.fixture(scope="session")
def installation(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """`sinergi up`, ready."""
    made = Installation()
    try:
        seconds = made.start()
        request.config.stash[FIGURES].append(f"first start, demo data included: {seconds:.1f} s")
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def inventor() -> Inventor:
    return Inventor()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    SCREENSHOTS.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture
async def windows(browser: Browser, installation: Installation) -> AsyncIterator[Windows]:
    """Opens windows; a script error or a breach of the content policy fails the test."""
    await installation.renew_searches()
    opened = Windows(browser, installation)
    yield opened
    assert await opened.close() == []


@pytest.fixture
async def caller(installation: Installation) -> AsyncIterator[Callable[[str], Caller]]:
    """A program per worker: `caller("psm.sumberwuluh")`."""
    async with AsyncExitStack() as stack:
        made: dict[str, Caller] = {}

        def open_caller(username: str) -> Caller:
            if username not in made:
                made[username] = Caller(installation, username)
                stack.push_async_callback(made[username].close)
            return made[username]

        yield open_caller
