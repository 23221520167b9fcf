"""Settings of registry; each is an environment variable with the prefix REGISTRY_."""

import json
from typing import Annotated, Any

from pydantic import Base64Bytes, BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from shared.settings import ServiceSettings

Key = Annotated[Base64Bytes, Field(min_length=32, max_length=32)]
Version = Annotated[int, Field(ge=1, le=255)]


def _by_version(value: Any) -> Any:
    """A key alone is version 1; several are a JSON object."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.lstrip().startswith("{") else {1: value}


IndexKeys = Annotated[
    dict[Version, Key], Field(min_length=1, repr=False), NoDecode, BeforeValidator(_by_version)
]


class Settings(ServiceSettings):
    """What registry needs beside the common settings; a refused key is never printed."""

    model_config = SettingsConfigDict(
        env_prefix="REGISTRY_", extra="ignore", hide_input_in_errors=True
    )

    port: int = Field(default=8002, ge=1, le=65535)
    nik_keys: dict[Version, Key] = Field(min_length=1, repr=False)
    """Encryption keys by version; the highest one writes, all of them read."""
    nik_index_key: IndexKeys
    """Keys of the blind index: one alone, or several by version while they change."""
