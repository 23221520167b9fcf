import base64
import json
import re
import stat
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from deploy.embedded.problem import Problem
from deploy.embedded.secrets import load_secrets


def test_secrets_are_made_once_and_kept_for_their_owner_alone(tmp_path: Path) -> None:
    first = load_secrets(tmp_path)
    assert load_secrets(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
    one, two = (load_secrets(folder) for folder in folders)
    assert one.directory_signing_key["d"] != two.directory_signing_key["d"]
    assert one.nik_index_key != two.nik_index_key
    assert not set(one.database_passwords.values()) & set(two.database_passwords.values())
    assert not set(one.client_secrets.values()) & set(two.client_secrets.values())


def test_keys_have_the_form_the_services_ask_for(tmp_path: Path) -> None:
    kept = load_secrets(tmp_path)
    assert OKPKey.import_key(dict(kept.directory_signing_key)).is_private
    assert kept.directory_signing_key["crv"] == "Ed25519"
    for key in (*kept.nik_keys.values(), kept.nik_index_key):
        assert len(base64.b64decode(key)) == 32


def test_the_demo_password_can_be_read_aloud(tmp_path: Path) -> None:
    assert re.fullmatch(r"[a-z]+-[a-z]+-[a-z]+-\d{3}", load_secrets(tmp_path).demo_password)


def test_keys_are_never_made_anew_for_a_database_that_is_there(tmp_path: Path) -> None:
    """INVARIANT: new keys beside old data would make every NIK unreadable without a word."""
    load_secrets(tmp_path)
    (tmp_path / "secrets.json").unlink()
    (tmp_path / "postgres").mkdir()
    with pytest.raises(Problem, match="put the file back from your backup"):
        load_secrets(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"nik_keys": {}})])
def test_a_damaged_file_is_a_sentence_and_stays_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets.json").write_text(text)
    with pytest.raises(Problem, match="cannot be read as the secrets"):
        load_secrets(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == text
