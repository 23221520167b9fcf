"""After all the others: nobody's name lies where none may be, and Ctrl-C ends everything."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import asyncpg
import psutil
import redis

from deploy.demo.people import people, workers
from deploy.embedded.ports import is_free
from shared.migrations import SERVICES
from tests.e2e import steps
from tests.e2e.callers import Caller, registration
from tests.e2e.installation import Installation
from tests.e2e.people import Inventor
from tests.e2e.windows import Windows

AUDITED = dict.fromkeys(("directory", "registry", "cases"), ("audit_log", "dead_letters"))
"""Tables that outlive whatever they tell of, so they must not tell who it was."""
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


async def test_nobody_is_named_in_logs_events_transport_addresses_trails_or_refusals(
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
    refused = await _ask_about_data(psm, caller("ppdp.lumajang"), inventor)

    secrets = Secrets(inventor)
    found: list[str] = []
    for body in refused:
        found += secrets.told("a refusal", json.dumps(body))
    assert len(installation.addresses) > 100
    for address in installation.addresses:
        found += secrets.told("an address", unquote(address))
    async with _owner(installation) as owner:
        stored = await owner.fetchval("select string_agg(name, ' ') from registry.beneficiaries")
        assert f"names: {person.name}" in secrets.told("names", stored)
        for service in SERVICES:
            events = await owner.fetchval(
                f"select string_agg(convert_from(data, 'UTF8'), ' ') from {service}.event_log"  # noqa: S608 - our own names
            )
            found += secrets.told(f"events of {service}", events or "")
            for table in AUDITED.get(service, ()):
                kept = await owner.fetchval(
                    f"select string_agg(t::text, ' ') from {service}.{table} t"  # noqa: S608 - our own names
                )
                found += secrets.told(f"{service}.{table}", kept or "")
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


async def _ask_about_data(psm: Caller, officer: Caller, inventor: Inventor) -> list[Any]:
    """Use every way in for words about a person, and let each be refused once; the refusals."""
    person, guardian = inventor.person(), inventor.person()
    made = await psm.register(person)
    here = f"/beneficiaries/{made}"
    agreed = {"basis": "consent", "guardian": guardian.name}
    basis = (await psm.post("registry", f"{here}/legal-bases", agreed, status=201))["id"]
    words = {"kind": "erasure", "words": f"{person.name} dan {guardian.name} minta dihapus."}
    asked = (await psm.post("registry", f"{here}/requests", words, status=201))["id"]
    refused = [
        await psm.post("registry", f"{here}/legal-bases", body, status=422)
        for body in (
            {**agreed, "guardian_is_suspect": True},
            {"basis": "vital_interest", "guardian": guardian.name},
            {"basis": person.name, "purpose": person.nik},
        )
    ]
    refused += [
        await psm.post("registry", f"{here}/requests", {"kind": person.name}, status=422),
        await psm.post("registry", f"{here}/legal-bases/{basis}/withdraw", {"a": person.nik},
                       status=422),
        await psm.post("registry", "/beneficiaries", registration(person), status=409),
        await officer.get("registry", f"{here}/file", status=422, handed_to=person.name),
        await officer.post("registry", "/requests/breaches",
                           {"area": person.name, "words": person.nik}, status=422),
    ]  # fmt: skip
    await officer.get("registry", f"{here}/file", handed_to="person")
    answer = {"answer": f"{person.name} sudah diberi tahu."}
    await officer.post("registry", f"/requests/{asked}/handle", answer)
    return refused


def test_ctrl_c_ends_everything(installation: Installation) -> None:
    started = installation.processes()
    assert len(started) > len(SERVICES)
    assert installation.interrupt() == 0
    assert installation.said().rstrip().endswith("Sinergi is stopped.")
    assert "restarts in" not in installation.said().rpartition("Stopping;")[2]
    _, alive = psutil.wait_procs(started, timeout=5)
    assert [process for process in alive if _is_alive(process)] == []
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
