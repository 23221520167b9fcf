import json
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey
from pydantic import ValidationError

from services.directory.settings import Settings

PRIVATE = OKPKey.generate_key("Ed25519", auto_kid=True)
AS_JSON = json.dumps(PRIVATE.as_dict(private=True))


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DIRECTORY_DATABASE_URL", "postgresql://unused")
    monkeypatch.setenv("DIRECTORY_WORKER_DATABASE_URL", "postgresql://unused")
    monkeypatch.setenv("DIRECTORY_CLIENT_SECRET", "unused")
    monkeypatch.setenv("DIRECTORY_CLIENTS", '{"portal": "rahasia-portal"}')
    monkeypatch.setenv("DIRECTORY_SIGNING_KEY", AS_JSON)
    return monkeypatch


def test_the_signing_key_is_read_from_json_or_from_a_file(
    settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Settings().signing_key.kid == PRIVATE.kid
    file = tmp_path / "key.json"
    file.write_text(AS_JSON, encoding="utf-8")
    settings.setenv("DIRECTORY_SIGNING_KEY", f"@{file}")
    assert Settings().signing_key.kid == PRIVATE.kid


@pytest.mark.parametrize(
    "value",
    [
        "@/nowhere/key.json",
        "not json",
        json.dumps(PRIVATE.as_dict(private=False)),
        json.dumps(OKPKey.generate_key("X25519").as_dict(private=True)),
    ],
    ids=["no file", "no json", "public key", "other curve"],
)
def test_a_wrong_key_is_refused_without_being_shown(
    settings: pytest.MonkeyPatch, value: str
) -> None:
    settings.setenv("DIRECTORY_SIGNING_KEY", value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "signing_key" in str(refused.value)
    assert value not in str(refused.value)


@pytest.mark.usefixtures("settings")
def test_printed_settings_show_no_secret() -> None:
    printed = repr(Settings())
    assert "rahasia-portal" not in printed
    assert str(PRIVATE.as_dict(private=True)["d"]) not in printed
