import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from deploy.cli.compose_env import compose_values
from deploy.embedded.secrets import generate_secrets
from deploy.processes import PROCESSES, PROJECT, Process
from tests.architecture.test_settings import declared
from tests.unit.deploy.settings_names import (
    EVERY_NAME,
    LEFT_OUT,
    OWN_STORE,
    names_of,
    tuned_of,
)

COMPOSE_FILE = PROJECT / "docker-compose.yml"
COMPOSE_FOLDER = PROJECT / "deploy" / "compose"
SCHEMA = Path(__file__).parent / "schema" / "compose-spec.json"
SERVERS = {"postgres", "valkey", "keycloak", "prometheus", "grafana"}
ONE_SHOT = {"prepare", "demo"}
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())
PARTS = [(process, role) for process in PROCESSES for role in process.roles]


def name_of(process: Process, role: str) -> str:
    return process.name if process.roles == ("api",) else f"{process.name}-{role}"


def ids(part: tuple[Process, str]) -> str:
    return name_of(*part)


def test_the_compose_file_follows_the_compose_specification() -> None:
    schema = json.loads(SCHEMA.read_text())
    validator_for(schema)(schema).validate(COMPOSE)


def test_the_compose_file_has_every_process_and_no_other() -> None:
    assert set(COMPOSE["services"]) == {ids(part) for part in PARTS} | SERVERS | ONE_SHOT


@pytest.mark.parametrize("part", PARTS, ids=ids)
def test_a_process_gets_all_its_settings_and_no_other_secret(part: tuple[Process, str]) -> None:
    process, role = part
    service = COMPOSE["services"][name_of(process, role)]
    own_store = {name for name in OWN_STORE if name.startswith(f"{process.name.upper()}_")}
    wanted = names_of(process.name) | tuned_of(process.name) | own_store
    assert set(service["environment"]) == wanted
    port = service["environment"][process.port_setting]
    assert port == str(process.port)


@pytest.mark.parametrize("part", PARTS, ids=ids)
def test_a_process_is_started_watched_and_restarted(part: tuple[Process, str]) -> None:
    process, role = part
    service = COMPOSE["services"][name_of(process, role)]
    module = f"{process.module}.{'main' if role == 'api' else role}"
    assert service["command"] == ["python", "-m", module]
    port = process.worker_port if role == "worker" else process.port
    assert service["healthcheck"]["test"][-1] == str(port)
    assert service["restart"] == "always"
    assert service["read_only"] is True


def test_every_setting_of_the_conventions_stands_in_the_compose_file() -> None:
    given = {name for service in COMPOSE["services"].values() for name in _environment(service)}
    assert EVERY_NAME | {"POSTGRES_URL"} <= given
    assert declared() - given == LEFT_OUT


@pytest.mark.parametrize("part", PARTS, ids=ids)
def test_nothing_starts_before_the_database_is_prepared(part: tuple[Process, str]) -> None:
    reached, waiting = set[str](), {ids(part)}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= set(COMPOSE["services"][name].get("depends_on", ())) - reached
    assert {"prepare", "postgres"} <= reached


@pytest.mark.parametrize("part", PARTS, ids=ids)
def test_a_process_waits_until_what_it_needs_is_well(part: tuple[Process, str]) -> None:
    process, role = part
    apis = {name_of(one, "api") for one in PROCESSES if one.name != "portal"}
    if process.name == "portal":
        needs = apis
    elif role == "worker":
        needs = {"prepare", "postgres", "valkey"}
    else:
        needs = {"prepare", "postgres", "directory-api"} - {ids(part)}
    waits = COMPOSE["services"][ids(part)]["depends_on"]
    assert {name: how["condition"] for name, how in waits.items()} == {
        name: "service_completed_successfully" if name in ONE_SHOT else "service_healthy"
        for name in needs
    }
    assert all("healthcheck" in COMPOSE["services"][name] for name in needs - ONE_SHOT)


def test_the_database_is_prepared_and_filled_once_it_is_well() -> None:
    well = {"condition": "service_healthy"}
    assert COMPOSE["services"]["prepare"]["depends_on"] == {"postgres": well}
    assert COMPOSE["services"]["demo"]["depends_on"] == {
        "prepare": {"condition": "service_completed_successfully"},
        "postgres": well,
        "valkey": well,
    }


def test_only_the_demo_and_the_tools_wait_for_a_profile() -> None:
    profiles = {
        name: service["profiles"]
        for name, service in COMPOSE["services"].items()
        if "profiles" in service
    }
    assert profiles == {
        "demo": ["demo"],
        "keycloak": ["keycloak"],
        # Grafana shows what Prometheus keeps.
        "prometheus": ["prometheus", "grafana"],
        "grafana": ["grafana"],
    }


def test_the_owner_of_the_database_is_known_to_one_shot_processes_alone() -> None:
    owners = {
        name
        for name, service in COMPOSE["services"].items()
        if "POSTGRES_URL" in _environment(service)
    }
    assert owners == ONE_SHOT


def test_every_secret_must_be_given_and_the_example_gives_none() -> None:
    """INVARIANT: nobody runs Sinergi with a password that stands in a public file."""
    example = _example()
    assert set(example) == set(_asked()) - _optional()
    assert set(example.values()) == {""}


def test_what_has_a_default_is_named_in_the_example() -> None:
    named = set(re.findall(r"^# ([A-Z0-9_]+)=", _text("example.env"), re.MULTILINE))
    assert named == _optional()


def test_the_printed_environment_fills_the_example() -> None:
    values = compose_values(generate_secrets())
    assert set(values) == set(_example())
    assert all(values.values())
    assert not any("'" in value for value in values.values())


def test_only_the_portal_and_the_tools_are_published_and_only_on_this_machine() -> None:
    published = {
        name: service["ports"]
        for name, service in COMPOSE["services"].items()
        if "ports" in service
    }
    assert set(published) == {"portal", "keycloak", "prometheus", "grafana"}
    assert all("127.0.0.1:" in port for ports in published.values() for port in ports)


def test_every_image_is_pinned() -> None:
    images = [COMPOSE["services"][name]["image"] for name in SERVERS]
    assert all(re.search(r":v?\d", image) for image in images)


def test_prometheus_asks_every_process() -> None:
    [job] = yaml.safe_load(_text("prometheus.yml"))["scrape_configs"]
    assert set(job["static_configs"][0]["targets"]) == {
        f"{name_of(process, role)}:{process.worker_port if role == 'worker' else process.port}"
        for process, role in PARTS
    }


def test_the_dashboard_shows_only_metrics_that_exist() -> None:
    folders = (PROJECT / "shared", PROJECT / "services")
    code = "".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))
    board = json.loads(_text("grafana/dashboards/sinergi.json"))
    shown = {
        name
        for panel in board["panels"]
        for target in panel["targets"]
        for name in re.findall(r"sinergi_[a-z_]+", target["expr"])
    }
    assert shown
    for name in shown:
        assert f'"{re.sub("_(total|bucket)$", "", name)}"' in code


def test_the_image_installs_only_locked_libraries_and_runs_without_rights() -> None:
    lines = (PROJECT / "deploy" / "Dockerfile").read_text().splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line for line in installs)
    assert [line for line in lines if line.startswith("USER ")] == ["USER sinergi"]


def _text(name: str) -> str:
    return (COMPOSE_FOLDER / name).read_text()


def _example() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", _text("example.env"), re.MULTILINE))


def _asked() -> dict[str, str]:
    """Return every variable of the compose file with what follows its name."""
    text = COMPOSE_FILE.read_text()
    found = re.findall(r"\$\{([A-Z0-9_]+)((?::[-?])?)([^}]*)\}", text)
    by_environment = COMPOSE["secrets"]["grafana-admin-password"]["environment"]
    return {name: mark + default for name, mark, default in found} | {by_environment: ""}


def _optional() -> set[str]:
    defaults = {
        name for name, default in _asked().items() if default.startswith(":-") and default != ":-"
    }
    return defaults | OWN_STORE


def _environment(service: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = service.get("environment", {})
    return found
