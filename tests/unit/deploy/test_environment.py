import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from deploy.embedded.environment import build_environment
from deploy.embedded.secrets import load_secrets
from deploy.embedded.settings import read_settings
from deploy.processes import PROCESSES, Process
from tests.unit.deploy.settings_names import EVERY_NAME

OWNER = "postgresql://owner:secret@db.example:5433/welfare?sslmode=require"


def built(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    return build_environment(
        read_settings(given),
        load_secrets(folder),
        postgres_url=OWNER,
        redis_url="redis://127.0.0.1:8016/0",
        given=given,
    )


def test_every_setting_of_every_process_is_there_and_not_empty(tmp_path: Path) -> None:
    environment = built(tmp_path, {})
    assert set(environment) == EVERY_NAME | {"POSTGRES_URL", "DEMO_PASSWORD"}
    assert all(environment.values())


def test_services_log_in_as_themselves_where_the_owner_does(tmp_path: Path) -> None:
    password = load_secrets(tmp_path).database_passwords["cases_worker"]
    assert built(tmp_path, {})["CASES_WORKER_DATABASE_URL"] == (
        f"postgresql://sinergi_cases_worker:{password}@db.example:5433/welfare?sslmode=require"
    )


def test_what_the_operator_sets_wins(tmp_path: Path) -> None:
    given = {"LOG_LEVEL": "DEBUG", "CASES_PORT": "9003", "CASES_CLIENT_SECRET": "mine"}
    environment = built(tmp_path, given)
    assert environment["LOG_LEVEL"] == "DEBUG"
    assert environment["CASES_URL"] == "http://127.0.0.1:9003"
    assert json.loads(environment["DIRECTORY_CLIENTS"])["cases"] == "mine"


def test_every_client_is_known_to_directory_by_its_own_secret(tmp_path: Path) -> None:
    environment = built(tmp_path, {})
    clients = json.loads(environment["DIRECTORY_CLIENTS"])
    assert {"registry", "cases", "notifications", "portal"} <= set(clients)
    assert all(environment[f"{name.upper()}_CLIENT_SECRET"] == clients[name] for name in clients)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_every_service_accepts_the_environment(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in built(tmp_path, {}).items():
        monkeypatch.setenv(name, value)
    settings = import_module(f"{process.module}.settings").Settings()
    assert settings.port == process.port
