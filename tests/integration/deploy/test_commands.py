import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import redis

from deploy.cli.checks import machine_findings, postgres_findings, redis_findings
from deploy.embedded.child import wait_for
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.settings import read_settings
from deploy.embedded.valkey import EmbeddedValkey
from deploy.processes import PROCESSES, PROJECT
from tests.fixtures.stack import Stack, free_port


def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    ports = {process.port_setting: str(free_port()) for process in PROCESSES}
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", *arguments],
        cwd=PROJECT,
        env=dict(os.environ) | ports | extra,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def test_doctor_finds_nothing_wrong_with_a_prepared_database(stack: Stack) -> None:
    findings = await postgres_findings(stack.owner_url)
    assert [finding for finding in findings if finding.remedy] == []
    assert "PostgreSQL has fsync on." in [finding.fact for finding in findings]


async def test_doctor_says_what_to_do_about_an_unprepared_database(
    postgres: EmbeddedPostgres,
) -> None:
    wrong = [finding for finding in await postgres_findings(postgres.url()) if finding.remedy]
    assert wrong
    assert all("is not prepared" in finding.fact for finding in wrong)
    assert all("deploy.prepare" in finding.remedy for finding in wrong)


async def test_doctor_never_repeats_a_password_when_postgresql_does_not_answer() -> None:
    url = f"postgresql://owner:hush@127.0.0.1:{free_port()}/sinergi"
    [finding] = await postgres_findings(url)
    assert finding.fact == "PostgreSQL does not answer (ConnectionRefusedError)."
    assert "hush" not in finding.remedy


def test_doctor_sees_that_redis_may_drop_entries(valkey: EmbeddedValkey) -> None:
    healthy = redis_findings(valkey.url)
    assert not any(finding.remedy for finding in healthy)
    assert healthy[0].fact.startswith("Valkey 9.")
    with redis.Redis.from_url(valkey.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    [wrong] = [finding for finding in redis_findings(valkey.url) if finding.remedy]
    assert wrong.fact == "Redis may drop entries (maxmemory-policy allkeys-lru)."


def test_doctor_sees_a_taken_port_and_a_folder_that_cannot_be(
    folder: Path, valkey: EmbeddedValkey
) -> None:
    (folder / "file").touch()
    data = str(folder / "file" / "data")
    settings = read_settings({"REDIS_PORT": str(valkey.port), "SINERGI_DATA": data})
    wrong = [finding for finding in machine_findings(settings, is_running=False) if finding.remedy]
    facts = "\n".join(finding.fact for finding in wrong)
    assert f"Port {valkey.port} (REDIS_PORT) is taken" in facts
    assert f"The data folder {data} cannot be written." in facts


def test_doctor_ends_with_1_if_anything_is_wrong_and_with_0_if_not(folder: Path) -> None:
    servers = {"POSTGRES_PORT": str(free_port()), "REDIS_PORT": str(free_port())}
    data = {"SINERGI_DATA": str(folder / "data")}
    healthy = run("doctor", **servers, **data)
    assert healthy.returncode == 0, healthy.stdout
    broken = run("doctor", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0", **servers, **data)
    assert broken.returncode == 1
    assert "Redis does not answer" in broken.stdout


def test_status_says_which_services_do_not_answer(folder: Path) -> None:
    done = run("status", SINERGI_DATA=str(folder))
    assert done.returncode == 1
    for process in PROCESSES:
        assert process.name in done.stdout
    assert done.stdout.count("does not answer") == len(PROCESSES)


def test_events_are_shown_in_the_order_they_were_sent(folder: Path, valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        for number, service in enumerate(("registry", "cases", "registry")):
            event = {
                "time": f"2026-01-02T03:04:0{number}Z",
                "type": f"id.example.{service}.changed.v1",
                "subject": f"thing/{number}",
                "subjectversion": number + 1,
            }
            client.xadd(f"test:ev:{service}", {"e": json.dumps(event)}, id=f"{number + 1}-0")
        client.xadd("test:ev:cases", {"e": "no json"}, id="9-0")
    settings = {
        "REDIS_URL": valkey.url,
        "REDIS_PREFIX": "test",
        "SINERGI_DATA": str(folder),
    }
    assert run("events", "tail", **settings).stdout.splitlines() == [
        "2026-01-02T03:04:00Z  id.example.registry.changed.v1  thing/0  v1",
        "2026-01-02T03:04:01Z  id.example.cases.changed.v1  thing/1  v2",
        "2026-01-02T03:04:02Z  id.example.registry.changed.v1  thing/2  v3",
        "(an entry that is no event)",
    ]
    last = run("events", "tail", "registry", "--count", "1", **settings).stdout
    assert last == "2026-01-02T03:04:02Z  id.example.registry.changed.v1  thing/2  v3\n"


def test_followed_events_appear_as_they_are_sent(folder: Path, valkey: EmbeddedValkey) -> None:
    settings = {"REDIS_URL": valkey.url, "REDIS_PREFIX": "test", "SINERGI_DATA": str(folder)}
    follower = subprocess.Popen(
        [sys.executable, "-m", "deploy.cli", "events", "tail", "--follow"],
        cwd=PROJECT,
        env=dict(os.environ) | settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    with redis.Redis.from_url(valkey.url) as client, follower:
        for number in range(3):
            # Sent after the reader waits, so that nothing of it is "past" for the reader.
            assert wait_for(lambda: client.info("clients")["blocked_clients"] == 1, 10)
            event = {"time": "now", "type": "t", "subject": "s", "subjectversion": number}
            client.xadd("test:ev:cases", {"e": json.dumps(event)})
            assert follower.stdout is not None
            assert follower.stdout.readline() == f"now  t  s  v{number}\n"
        follower.send_signal(signal.SIGINT)
    assert follower.returncode in {0, 130}


def test_events_of_an_unknown_service_are_refused_in_one_sentence(folder: Path) -> None:
    done = run("events", "tail", "weather", SINERGI_DATA=str(folder))
    assert done.returncode == 2
    assert done.stderr.startswith('"weather" publishes no events; choose one of directory, ')


def test_events_without_redis_are_a_sentence(folder: Path) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    done = run("events", "tail", REDIS_URL=url, SINERGI_DATA=str(folder))
    assert done.returncode == 2
    assert done.stderr.startswith("Redis does not answer")
    assert "Traceback" not in done.stderr
