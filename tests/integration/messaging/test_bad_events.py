"""Bad entries in the stream become dead letters; their neighbours are unharmed."""

import os
import subprocess
import sys
import uuid
from typing import Any

import orjson
import pytest

from shared.messaging import dead_letters
from shared.messaging.inbox import Entry, Inbox
from tests.fixtures.processes import ROOT, until
from tests.integration.messaging.conftest import CLAIM_MS, STREAM, Backbone, running


def event(**changes: Any) -> dict[str, Any]:
    subject = str(uuid.uuid4())
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/sinergi/registry",
        "type": "id.sinergi.registry.beneficiary.registered.v1",
        "subject": subject,
        "subjectversion": 1,
        "time": "2026-11-23T10:00:00Z",
        "data": {
            "beneficiary_id": subject,
            "kind": "person",
            "area": "35.08.03.2005",
            "confidentiality": "C1",
            "categories": [],
        },
        **changes,
    }


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in event().items() if key != name}


UNREADABLE = {
    "a string where data belongs": orjson.dumps(event(data="{}")),
    "a list where data belongs": orjson.dumps(event(data=[1])),
    "binary data": b'{"data": "\xff\xfe"}',
    "malformed JSON": b'{"id": ',
    "no JSON at all": b"\x00\x01\x02",
    "an empty entry": b"",
    "a wrong type of a field": orjson.dumps(event(subjectversion="three")),
    "a missing id": orjson.dumps(without("id")),
    "a NUL character": orjson.dumps(event(subject="a\x00b")),
    "deep nesting": b"[" * 50_000,
    "an unknown major version": orjson.dumps(
        event(type="id.sinergi.registry.beneficiary.registered.v9")
    ),
    "more than 64 KiB": orjson.dumps(event(subject="x" * 70_000)),
    "ten megabytes": b"x" * 10_000_000,
    "another specversion": orjson.dumps(event(specversion="0.3")),
    "a time without offset": orjson.dumps(event(time="2026-11-23T10:00:00")),
    "data of the wrong shape": orjson.dumps(event(data={"beneficiary_id": "no"})),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_f25_an_unreadable_entry_is_a_dead_letter_and_its_neighbours_are_applied(
    backbone: Backbone, what: str
) -> None:
    good = [event(), event()]
    entries = [
        Entry("1-1", orjson.dumps(good[0])),
        Entry("1-2", UNREADABLE[what]),
        Entry("1-3", orjson.dumps(good[1])),
    ]
    settled = await Inbox("cases", backbone.consumer, backbone.reactions).apply(STREAM, entries)
    assert sorted(settled) == ["1-1", "1-2", "1-3"]
    assert {str(one) for one in await backbone.applied()} == {one["id"] for one in good}
    async with backbone.consumer.transaction() as tx:
        letters = await dead_letters.waiting(tx)
    assert [letter.entry_id for letter in letters] == ["1-2"]
    assert letters[0].raw == UNREADABLE[what]


async def test_f25_bad_entries_in_the_real_stream_do_not_stop_it(backbone: Backbone) -> None:
    good = []
    for bad in UNREADABLE.values():
        good.append(event())
        await backbone.redis.xadd(STREAM, {"e": orjson.dumps(good[-1])})
        await backbone.redis.xadd(STREAM, {"e": bad})
    await backbone.redis.xadd(STREAM, {"other": "field"})
    async with running(backbone.consumer_of()):

        async def applied() -> bool:
            return {str(one) for one in await backbone.applied()} == {one["id"] for one in good}

        await until(applied, 15)

        async def buried() -> bool:
            async with backbone.consumer.transaction() as tx:
                return await dead_letters.count_waiting(tx) == len(UNREADABLE) + 1

        await until(buried, 15)


async def test_an_event_of_an_unknown_type_is_ignored_and_settled(backbone: Backbone) -> None:
    entry = Entry("1-1", orjson.dumps(event(type="id.sinergi.registry.something.new.v1")))
    inbox = Inbox("cases", backbone.consumer, backbone.reactions)
    assert await inbox.apply(STREAM, [entry]) == ["1-1"]
    assert await backbone.applied() == []


async def test_an_event_that_always_fails_is_a_dead_letter_after_five_deliveries(
    backbone: Backbone,
) -> None:
    bad, good = event(), event()
    backbone.poison.add(uuid.UUID(bad["id"]))
    inbox = Inbox("cases", backbone.consumer, backbone.reactions)
    for delivery in range(1, 6):
        entries = [
            Entry("1-1", orjson.dumps(bad), delivery),
            Entry("1-2", orjson.dumps(good), delivery),
        ]
        settled = await inbox.apply(STREAM, entries)
        assert ("1-1" in settled) is (delivery == 5)
        assert "1-2" in settled
    assert [str(one) for one in await backbone.applied()] == [good["id"]]


@pytest.mark.parametrize(
    "raw",
    [orjson.dumps(event(data={"beneficiary_id": "no"})), orjson.dumps(event())],
    ids=["unreadable", "always fails"],
)
async def test_an_event_that_comes_again_by_another_way_is_one_dead_letter_and_stays_discarded(
    backbone: Backbone, raw: bytes
) -> None:
    backbone.poison.add(uuid.UUID(orjson.loads(raw)["id"]))
    inbox = Inbox("cases", backbone.consumer, backbone.reactions)

    async def letters() -> list[str]:
        async with backbone.consumer.transaction() as tx:
            return [letter.entry_id for letter in await dead_letters.waiting(tx)]

    for stream, entry_id in ((STREAM, "1-1"), (STREAM, "2-1"), ("log:registry", "log-7")):
        assert await inbox.apply(stream, [Entry(entry_id, raw, 5)]) == [entry_id]
        assert await letters() == ["1-1"]
    async with backbone.consumer.transaction() as tx:
        (letter,) = await dead_letters.waiting(tx)
        await dead_letters.mark_replayed(tx, letter.id)
    assert await inbox.apply(STREAM, [Entry("3-1", raw, 5)]) == ["3-1"]
    assert await letters() == []


async def test_a_dead_letter_can_be_replayed_once_its_cause_is_mended(backbone: Backbone) -> None:
    bad = event()
    backbone.poison.add(uuid.UUID(bad["id"]))
    inbox = Inbox("cases", backbone.consumer, backbone.reactions)
    await inbox.apply(STREAM, [Entry("1-1", orjson.dumps(bad), 5)])
    backbone.poison.clear()
    async with backbone.consumer.transaction() as tx:
        (letter,) = await dead_letters.waiting(tx)
    await inbox.apply_one(letter.raw)
    async with backbone.consumer.transaction() as tx:
        await dead_letters.mark_replayed(tx, letter.id)
        assert await dead_letters.waiting(tx) == []
    assert [str(one) for one in await backbone.applied()] == [bad["id"]]


CRASHER = """
import asyncio, os, sys
from shared.contracts.registry import BeneficiaryRegistered
from shared.database import Database
from shared.messaging.consumer import Consumer

async def effect(event, tx):
    if str(event.id) == sys.argv[1]:
        os._exit(9)
    await tx.fetch("insert into public.effects values ($1, $2)", event.id, event.subjectversion)

async def main():
    await Consumer(
        "cases", slot="0", redis_url=os.environ["REDIS_URL"], prefix="test",
        database=Database(os.environ["CASES_WORKER_DATABASE_URL"], pool_size=4),
        reactions={BeneficiaryRegistered: effect}, claim_after_ms=int(sys.argv[2]),
    ).run()

asyncio.run(main())
"""


def crasher(backbone: Backbone, poison: str) -> subprocess.Popen[bytes]:
    """A consumer that dies when it comes to the poison."""
    return subprocess.Popen(
        [sys.executable, "-c", CRASHER, poison, str(CLAIM_MS)],
        cwd=ROOT,
        env={**os.environ, **backbone.stack.environment},
        stdout=subprocess.DEVNULL,
    )


async def test_f26_a_poison_that_kills_the_process_is_isolated_after_five_deliveries(
    backbone: Backbone,
) -> None:
    events = [event() for _ in range(6)]
    poison = events[3]["id"]
    for one in events:
        await backbone.redis.xadd(STREAM, {"e": orjson.dumps(one)})
    process = crasher(backbone, poison)
    deaths = 0

    async def isolated() -> bool:
        nonlocal process, deaths
        if process.poll() is not None:
            deaths += 1
            process = crasher(backbone, poison)
        async with backbone.consumer.transaction() as tx:
            return await dead_letters.count_waiting(tx) == 1

    try:
        await until(isolated, 60)

        async def neighbours_applied() -> bool:
            return {str(one) for one in await backbone.applied()} == {
                one["id"] for one in events if one["id"] != poison
            }

        await until(neighbours_applied, 30)
    finally:
        process.kill()
        process.wait()
    assert deaths == 5
    async with backbone.consumer.transaction() as tx:
        (letter,) = await dead_letters.waiting(tx)
    assert str(letter.event_id) == poison
