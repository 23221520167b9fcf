"""Passwords and keys of one installation: made once, kept readable by their owner alone."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from deploy.embedded.problem import Problem

DATABASE_SERVICES = ("directory", "registry", "cases", "notifications")
CLIENTS = (*DATABASE_SERVICES, "portal")

_WORDS = (  # noqa: SIM905 - thirty words read better than thirty quoted ones
    "angin awan batu bulan bumi daun embun hutan jagung kabut kebun kelapa kopi laut lembah "
    "melati merpati ombak padi pasir pinus pulau rimba rotan sawah sungai teduh telaga tenun ufuk"
).split()
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secrets:
    """Everything that must not be guessed, of one installation."""

    database_passwords: Mapping[str, str]
    client_secrets: Mapping[str, str]
    directory_signing_key: Mapping[str, Any]
    nik_keys: Mapping[str, str]
    nik_index_key: str
    attachment_keys: Mapping[str, str]
    redis_password: str
    demo_password: str


def load_secrets(folder: Path, *, is_old: bool = False) -> Secrets:
    """Return the secrets kept in the folder; make them unless there is an old database.

    `is_old` says that there is one elsewhere, which needs the keys that this folder should hold.
    """
    path = folder / "secrets.json"
    if path.exists():
        return _read(path)
    if is_old or (folder / "postgres").exists():
        raise Problem(
            f"{path} is missing although the database is not new: put the file back from your "
            "backup, because without its keys the NIK in the database cannot be read."
        )
    made = generate_secrets()
    write_private(path, json.dumps(asdict(made), indent=2))
    return made


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read(path: Path) -> Secrets:
    try:
        return Secrets(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise Problem(
            f"{path} cannot be read as the secrets of this installation: "
            "put the file back from your backup."
        ) from error


def generate_secrets() -> Secrets:
    """Return fresh secrets for one installation."""
    logins = [login for service in DATABASE_SERVICES for login in (service, f"{service}_worker")]
    signing_key = OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True, auto_kid=True)
    return Secrets(
        database_passwords={login: secrets.token_urlsafe(24) for login in logins},
        client_secrets={client: secrets.token_urlsafe(32) for client in CLIENTS},
        directory_signing_key=signing_key.as_dict(private=True),
        nik_keys={"1": _random_key()},
        nik_index_key=_random_key(),
        attachment_keys={"1": _random_key()},
        redis_password=secrets.token_urlsafe(24),
        demo_password=_readable_password(),
    )


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")


def _readable_password() -> str:
    words = [secrets.choice(_WORDS) for _ in range(3)]
    return "-".join([*words, str(secrets.randbelow(900) + 100)])
