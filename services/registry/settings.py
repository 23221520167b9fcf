"""Settings of registry; each is an environment variable with the prefix REGISTRY_."""

import json
from typing import Annotated, Any

from pydantic import Base64Bytes, BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from shared.sealed_store import SealedStore, store_at
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
    imports_url: str = Field(
        default="file:///var/lib/sinergi/imports", pattern=r"^(file|s3|memory)://"
    )
    """Where uploaded lists lie until they are taken in: a folder, or `s3://bucket/prefix`."""
    imports_endpoint: str = ""
    """Address of an S3-compatible store that is not Amazon's."""
    imports_region: str = ""
    imports_key_id: str = ""
    imports_secret: str = Field(default="", repr=False)


def import_store(settings: Settings) -> SealedStore:
    """The store of uploaded lists that the settings name, under the keys of the NIK."""
    store = store_at(
        settings.imports_url,
        endpoint=settings.imports_endpoint,
        region=settings.imports_region,
        key_id=settings.imports_key_id,
        secret=settings.imports_secret,
    )
    return SealedStore(store, settings.nik_keys)
