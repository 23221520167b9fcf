"""All processes, the people who use them, and a note of every effect."""

import contextlib
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.chaos.browsers import Browser
from tests.chaos.city import City
from tests.chaos.follower import Follower
from tests.chaos.people import People, bring_in, somebody
from tests.chaos.verdict import Quiet
from tests.fixtures.processes import until
from tests.fixtures.stack import Stack
from tests.fixtures.trail import Trail


@pytest.fixture
async def trail(clean: Stack) -> AsyncIterator[Trail]:
    laid = Trail(clean.owner_url)
    await laid.begin()
    yield laid
    await laid.end()


@pytest.fixture
async def city(clean: Stack) -> AsyncIterator[City]:
    async with Redis.from_url(clean.redis_url) as redis:
        await redis.flushall()
    built = City(clean)
    async with built.running():
        yield built


@pytest.fixture
async def people(clean: Stack, city: City) -> People:
    """Workers and beneficiaries, once cases and notifications have heard of them all."""
    made = somebody()
    await bring_in(made, clean.environment)
    await until(Quiet(clean).is_here, 20)
    return made


@pytest.fixture
async def browsers(clean: Stack, people: People) -> AsyncIterator[list[Browser]]:
    """A sender's and a receiver's, signed in and reading."""
    opened = [
        Browser(clean, people.senders[1], "/terkirim"),
        Browser(clean, people.receivers[1], "/tugas"),
    ]
    async with contextlib.AsyncExitStack() as windows:
        for browser in opened:
            windows.push_async_callback(browser.close)
            await browser.sign_in()
            await windows.enter_async_context(browser.reading())
        yield opened


@pytest.fixture
async def followers(
    clean: Stack, people: People, browsers: list[Browser]
) -> AsyncIterator[list[Follower]]:
    """Live streams: two of notifications itself, and through the portal one of each browser."""
    opened = [
        *(Follower.of(clean, worker) for worker in (people.senders[0], people.receivers[0])),
        *(browser.follower() for browser in browsers),
    ]

    async def all_began() -> bool:
        return all(follower.began_at is not None for follower in opened)

    async with contextlib.AsyncExitStack() as streams:
        for follower in opened:
            await streams.enter_async_context(follower.following())
        await until(all_began)
        yield opened
