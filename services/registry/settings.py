"""Settings of registry; each is an environment variable with the prefix REGISTRY_."""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from shared.sealed_store import SealedStore, StoreSettings, StoreUrl
from shared.settings import KeysByVersion, ServiceSettings, read


def _by_version(value: Any) -> Any:
    """A key alone is version 1; several are a JSON object."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.lstrip().startswith("{") else {1: value}


IndexKeys = Annotated[KeysByVersion, NoDecode, BeforeValidator(_by_version)]


class Settings(ServiceSettings):
    """What registry needs beside the common settings; a refused key is never printed."""

    model_config = SettingsConfigDict(
        env_prefix="REGISTRY_", extra="ignore", hide_input_in_errors=True
    )

    port: int = Field(default=8002, ge=1, le=65535)
    nik_keys: KeysByVersion
    nik_index_key: IndexKeys
    """Keys of the blind index: one alone, or several by version while they change."""


class ImportSettings(StoreSettings):
    """Where uploaded lists lie until they are taken in."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_IMPORTS_")

    url: StoreUrl = "file:///var/lib/sinergi/imports"


def import_store(settings: Settings) -> SealedStore:
    """The store of uploaded lists that the settings name, under the keys of the NIK."""
    return SealedStore(read(ImportSettings).store(), settings.nik_keys)
