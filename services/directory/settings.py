"""Settings of directory; each is an environment variable with the prefix DIRECTORY_."""

import json
from pathlib import Path
from typing import Annotated, Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode, SettingsConfigDict

from shared.auth import ALGORITHM
from shared.settings import ServiceSettings


def _read_key(value: Any) -> OKPKey:
    if isinstance(value, OKPKey):
        return value
    try:
        text = Path(value[1:]).read_text(encoding="utf-8") if value.startswith("@") else value
        key = OKPKey.import_key(dict(json.loads(text)))
    except (OSError, ValueError, TypeError, KeyError, JoseError) as error:
        raise ValueError("not a JWK, and no @path of a file that holds one") from error
    if not key.is_private or key.curve_name != ALGORITHM:
        raise ValueError("not an Ed25519 private key")
    key.ensure_kid()
    return key


class Settings(ServiceSettings):
    """What directory needs beside the common settings."""

    model_config = SettingsConfigDict(
        env_prefix="DIRECTORY_",
        extra="ignore",
        arbitrary_types_allowed=True,
        # A refused key or secret must not be printed with the reason.
        hide_input_in_errors=True,
    )

    port: int = Field(default=8001, ge=1, le=65535)
    signing_key: Annotated[OKPKey, NoDecode, BeforeValidator(_read_key)]
    """Ed25519 private JWK as JSON, or @path of a file that holds one."""
    clients: dict[str, SecretStr]
    """Secrets of the services that may ask for a token, by client id."""
    argon2_time_cost: int = Field(default=2, ge=1)
    argon2_memory_kib: int = Field(default=40_960, ge=64)
    """40 MiB and two passes take about 50 ms on one core of a small server."""
    argon2_parallelism: int = Field(default=1, ge=1)
