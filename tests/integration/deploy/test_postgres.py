import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.embedded.child import processes_in, wait_for
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.problem import Problem
from deploy.processes import PROJECT
from tests.fixtures.stack import BINARIES, free_port

ORPHAN = """
import os, sys
from pathlib import Path
from deploy.embedded.postgres import EmbeddedPostgres
folder, binaries, port, die = sys.argv[1:]
server = EmbeddedPostgres(
    Path(folder), int(port), binaries=Path(binaries), die_with_parent=die == "die"
)
server.start()
server.wait_ready()
os.kill(os.getpid(), 9)
"""


async def run(server: EmbeddedPostgres, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(server.url())
    try:
        found: list[asyncpg.Record] = await connection.fetch(statement)
        return found
    finally:
        await connection.close()


async def show(server: EmbeddedPostgres, setting: str) -> str:
    return str((await run(server, f"show {setting}"))[0][0])


async def rows(server: EmbeddedPostgres) -> list[int]:
    return [row["number"] for row in await run(server, "select number from kept order by number")]


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
async def test_a_commit_is_on_the_disk(postgres: EmbeddedPostgres, setting: str) -> None:
    """INVARIANT: an answered write survives a power cut; the packaged default would lose it."""
    assert await show(postgres, setting) == "on"
    with pytest.raises(asyncpg.CantChangeRuntimeParamError):
        await run(postgres, "set fsync = off")


async def test_durability_cannot_be_switched_off_by_a_stored_setting(
    postgres: EmbeddedPostgres,
) -> None:
    await run(postgres, "alter system set fsync = off")
    postgres.restart_immediate()
    assert await show(postgres, "fsync") == "on"


async def test_only_this_machine_with_a_password_gets_in(postgres: EmbeddedPostgres) -> None:
    assert await show(postgres, "listen_addresses") == "127.0.0.1"
    assert await show(postgres, "unix_socket_directories") == ""
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url(password="postgres"))
    password = postgres.folder / "superuser-password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600


async def test_text_sorts_the_same_on_every_machine(postgres: EmbeddedPostgres) -> None:
    [found] = await run(
        postgres,
        "select datlocprovider::text, datlocale, pg_encoding_to_char(encoding)"
        " from pg_database where datname = 'template1'",
    )
    assert tuple(found) == ("b", "C.UTF-8", "UTF8")


async def test_a_kill_keeps_what_was_committed(postgres: EmbeddedPostgres) -> None:
    await run(postgres, "create table kept (number int)")
    await run(postgres, "insert into kept values (1), (2)")
    postgres.kill()
    assert processes_in(postgres.data, "postgres") == []
    postgres.start()
    postgres.wait_ready()
    assert await rows(postgres) == [1, 2]


async def test_an_immediate_restart_ends_connections_and_keeps_rows(
    postgres: EmbeddedPostgres,
) -> None:
    await run(postgres, "create table kept as select 3 as number")
    held = await asyncpg.connect(postgres.url())
    postgres.restart_immediate()
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
        await held.fetchval("select 1")
    held.terminate()
    assert await rows(postgres) == [3]


async def test_a_stale_mark_of_another_process_does_not_block_the_start(
    postgres: EmbeddedPostgres,
) -> None:
    """INVARIANT: after a crash the number in postmaster.pid may belong to any process."""
    mark = postgres.data / "postmaster.pid"
    lines = mark.read_text().splitlines()
    postgres.kill()
    mark.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
    postgres.start()
    postgres.wait_ready()
    assert await show(postgres, "fsync") == "on"


async def test_the_next_start_continues_with_the_same_data_and_password(
    folder: Path, postgres: EmbeddedPostgres
) -> None:
    await run(postgres, "create table kept as select 4 as number")
    postgres.stop()
    again = EmbeddedPostgres(folder / "postgres", free_port(), binaries=BINARIES)
    again.start()
    try:
        again.wait_ready()
        assert await rows(again) == [4]
    finally:
        again.kill()


async def test_a_server_left_running_by_a_crash_is_taken_over(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres", free_port(), binaries=BINARIES)
    left = start_and_crash(server, "stay")
    assert left
    server.start()
    try:
        server.wait_ready()
        assert await show(server, "fsync") == "on"
        assert not set(left) & set(processes_in(server.data, "postgres"))
    finally:
        server.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of the death")
def test_a_server_does_not_outlive_the_process_that_started_it(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres", free_port(), binaries=BINARIES)
    start_and_crash(server, "die")
    assert wait_for(lambda: not processes_in(server.data, "postgres"), 10)


def test_a_taken_port_is_one_sentence(folder: Path, postgres: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(folder / "other", postgres.port, binaries=BINARIES)
    with pytest.raises(
        Problem, match=rf"^Port {postgres.port} for PostgreSQL is already taken .*POSTGRES_PORT"
    ):
        other.start()


def test_data_of_another_version_is_left_alone(folder: Path, postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    (postgres.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(Problem, match="was made by PostgreSQL 17"):
        postgres.start()
    assert (postgres.data / "pg_wal").is_dir()


async def test_the_log_holds_no_data_of_a_failed_statement(postgres: EmbeddedPostgres) -> None:
    """INVARIANT: an error must not carry a NIK into the log, as statement or as detail."""
    await run(postgres, "create table people (nik text unique)")
    insert = "insert into people values ('3508031234567890')"
    await run(postgres, insert)
    with pytest.raises(asyncpg.UniqueViolationError):
        await run(postgres, insert)
    log = postgres.log.read_text()
    assert "duplicate key value" in log
    assert "3508031234567890" not in log


async def test_a_database_is_created_once(postgres: EmbeddedPostgres) -> None:
    postgres.ensure_database("sinergi")
    postgres.ensure_database("sinergi")
    found = await run(postgres, "select 1 from pg_database where datname = 'sinergi'")
    assert len(found) == 1


def test_a_server_that_cannot_start_shows_the_end_of_its_log(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    (postgres.data / "global" / "pg_control").unlink()
    postgres.start()
    with pytest.raises(Problem, match=r"did not start; its log .*postgres\.log ends with: "):
        postgres.wait_ready()


def start_and_crash(server: EmbeddedPostgres, mode: str) -> list[psutil.Process]:
    """Start the server from a process that is then killed; return what was left running."""
    code = [sys.executable, "-c", ORPHAN, server.folder, BINARIES, server.port, mode]
    done = subprocess.run(
        [str(part) for part in code], cwd=PROJECT, env=os.environ, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    return processes_in(server.data, "postgres")
