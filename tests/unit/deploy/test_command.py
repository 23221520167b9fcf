import subprocess
import sys

import pytest

from deploy.cli.app import COMMANDS, build_app
from deploy.processes import PROCESSES, PROJECT


def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", *arguments],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", **extra},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_loads(name: str) -> None:
    app = build_app([name])
    groups = [group.name for group in app.registered_groups]
    assert [command.name for command in app.registered_commands] + groups == [name]


def test_a_broken_setting_ends_with_one_sentence_and_exit_code_2() -> None:
    done = run("up", PORTAL_PORT="many")
    assert done.returncode == 2
    assert done.stderr == 'PORTAL_PORT is "many" and must be a port number from 1 to 65535.\n'
    assert done.stdout == ""


def test_the_supervisor_loads_no_service_library() -> None:
    """INVARIANT: it runs for months beside the services; their libraries stay out of it."""
    code = "import deploy.cli.up, sys; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=PROJECT, text=True).split()
    assert not {"sqlalchemy", "fastapi", "faststream", "pydantic", "redis"} & set(loaded)


def test_every_process_has_its_own_name_and_ports() -> None:
    assert len({process.name for process in PROCESSES}) == len(PROCESSES)
    ports = [port for process in PROCESSES for port in (process.port, process.worker_port)]
    assert len(set(ports)) == len(ports)
