import base64
import json
import secrets

import pytest
from pydantic import ValidationError

from services.registry.settings import Settings

KEY = base64.b64encode(secrets.token_bytes(32)).decode()
SHORT = base64.b64encode(b"only twenty-one bytes").decode()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in {
        "REGISTRY_DATABASE_URL": "postgresql://a@b/c",
        "REGISTRY_WORKER_DATABASE_URL": "postgresql://a@b/c",
        "REGISTRY_CLIENT_SECRET": "x",
        "REGISTRY_NIK_KEYS": json.dumps({"1": KEY, "2": KEY}),
        "REGISTRY_NIK_INDEX_KEY": KEY,
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_keys_are_read_by_version_and_never_shown(environment: pytest.MonkeyPatch) -> None:
    settings = Settings()
    assert sorted(settings.nik_keys) == [1, 2]
    assert settings.nik_keys[1] == base64.b64decode(KEY)
    assert settings.nik_index_key == {1: base64.b64decode(KEY)}
    assert "nik" not in repr(settings)


def test_index_keys_change_side_by_side(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REGISTRY_NIK_INDEX_KEY", json.dumps({"1": KEY, "2": KEY}))
    assert sorted(Settings().nik_index_key) == [1, 2]


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("REGISTRY_NIK_KEYS", json.dumps({"1": SHORT}), SHORT),
        ("REGISTRY_NIK_KEYS", json.dumps({"256": KEY}), KEY),
        ("REGISTRY_NIK_KEYS", "{}", KEY),
        ("REGISTRY_NIK_INDEX_KEY", SHORT, SHORT),
        ("REGISTRY_NIK_INDEX_KEY", json.dumps({"1": KEY, "2": SHORT}), SHORT),
    ],
    ids=("short", "version too high", "none", "short index key", "one short index key"),
)
def test_a_wrong_key_is_refused_at_start_without_being_printed(
    environment: pytest.MonkeyPatch, name: str, value: str, secret: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert secret not in str(refused.value)
    assert base64.b64decode(secret).decode("latin-1") not in str(refused.value)
