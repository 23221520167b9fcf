"""After all the others: nobody's name lies where none may be, and Ctrl-C ends everything."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import redis

from deploy.demo.people import people, workers
from deploy.embedded.ports import is_free
from shared.migrations import SERVICES
from tests.e2e import steps
from tests.e2e.callers import Caller
from tests.e2e.installation import Installation
from tests.e2e.people import Inventor
from tests.e2e.windows import Windows

SIXTEEN_DIGITS = re.compile(r"(?<![0-9a-f-])\d{16}(?![0-9a-f-])")


class Secrets:
    """Everything that names a person of this run."""

    def __init__(self, inventor: Inventor) -> None:
        seeded = [one.name for one in people()] + [one.name for one in workers()]
        demo = {name.removesuffix(" (demo)") for name in seeded}
        made = {words for one in inventor.made for words in (one.name, one.nik, *one.name.split())}
        words = sorted(demo | made | {"(demo)", steps.NEED}, key=len, reverse=True)
        self._named = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")

    def told(self, where: str, text: str) -> list[str]:
        """What the text tells of people."""
        found = {*self._named.findall(text), *SIXTEEN_DIGITS.findall(text)}
        return [f"{where}: {one}" for one in sorted(found)]


async def test_nobody_is_named_in_logs_events_or_the_transport(
    installation: Installation,
    windows: Windows,
    caller: Callable[[str], Caller],
    inventor: Inventor,
) -> None:
    person = inventor.person()
    psm = caller("psm.sumberwuluh")
    window = await windows.open("psm.sumberwuluh")
    await steps.refer(window, person)
    for wanted in (person.name, person.nik):
        await window.go("/warga")
        await window.page.get_by_label("Nama atau NIK").fill(wanted)
        await window.press("Cari")
        assert await window.page.locator("#hasil strong").all_inner_texts() == [person.name]
    await psm.get("registry", "/beneficiaries", name=person.name)
    await psm.get("registry", "/beneficiaries", name=person.nik, status=422, area=person.name)

    secrets = Secrets(inventor)
    found: list[str] = []
    async with _owner(installation) as owner:
        stored = await owner.fetchval("select string_agg(name, ' ') from registry.beneficiaries")
        assert f"names: {person.name}" in secrets.told("names", stored)
        for service in SERVICES:
            events = await owner.fetchval(
                f"select string_agg(convert_from(data, 'UTF8'), ' ') from {service}.event_log"  # noqa: S608 - our own names
            )
            found += secrets.told(f"events of {service}", events or "")
    logs = list(_logs(installation))
    assert len(logs) > len(SERVICES)
    for log in logs:
        text = log.read_text(encoding="utf-8", errors="replace")
        found += secrets.told(log.name, text)
        found += [f"{log.name}: {line}" for line in text.splitlines() if _has_query(line)]
    transported = list(_transported(installation))
    assert len(transported) > len(SERVICES)
    for key, text in transported:
        found += secrets.told(f"Redis {key}", f"{key} {text}")
    assert found == []


def test_ctrl_c_ends_everything(installation: Installation) -> None:
    started = installation.processes()
    assert len(started) > len(SERVICES)
    assert installation.interrupt() == 0
    assert installation.said().rstrip().endswith("Sinergi is stopped.")
    assert "restarts in" not in installation.said().rpartition("Stopping;")[2]
    assert [process for process in started if _is_alive(process)] == []
    assert [port for port in installation.ports.values() if not is_free(port)] == []
    assert not (installation.data / "environment.json").exists()


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _owner(installation: Installation) -> Any:
    return asyncpg.create_pool(installation.environment["POSTGRES_URL"], min_size=1, max_size=1)


def _logs(installation: Installation) -> Iterator[Path]:
    yield installation.output
    yield from (installation.data / "logs").iterdir()
    yield installation.data / "valkey" / "valkey.log"
    yield installation.data / "postgres" / "postgres.log"


def _has_query(line: str) -> bool:
    """Whether an access line holds more of an address than its pattern."""
    try:
        said = json.loads(line)
    except ValueError:
        return False
    return isinstance(said, dict) and "?" in str(said.get("route", ""))


def _transported(installation: Installation) -> Iterator[tuple[str, str]]:
    """Every key of Redis with all it holds."""
    url = installation.environment["REDIS_URL"]
    with redis.Redis.from_url(url, decode_responses=True) as client:
        read: dict[str, Callable[[str], Any]] = {
            "string": client.get,
            "hash": client.hgetall,
            "stream": client.xrange,
            "set": client.smembers,
            "list": lambda key: client.lrange(key, 0, -1),
            "zset": lambda key: client.zrange(key, 0, -1),
        }
        for key in client.scan_iter():
            yield key, str(read[str(client.type(key))](key))
