"""Settings of registry; each is an environment variable with the prefix REGISTRY_."""

from typing import Annotated

from pydantic import Base64Bytes, Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

Key = Annotated[Base64Bytes, Field(min_length=32, max_length=32)]
Version = Annotated[int, Field(ge=1, le=255)]


class Settings(ServiceSettings):
    """What registry needs beside the common settings; a refused key is never printed."""

    model_config = SettingsConfigDict(
        env_prefix="REGISTRY_", extra="ignore", hide_input_in_errors=True
    )

    port: int = Field(default=8002, ge=1, le=65535)
    nik_keys: dict[Version, Key] = Field(min_length=1, repr=False)
    """Encryption keys by version; the highest one writes, all of them read."""
    nik_index_key: Key = Field(repr=False)
