"""Settings every process shares; each service adds its own with its name as prefix."""

import re
import sys
from typing import Annotated, Literal, TypeVar

from pydantic import Base64Bytes, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from shared.ending import BROKEN_SETTING

Key = Annotated[Base64Bytes, Field(min_length=32, max_length=32)]
KeysByVersion = Annotated[
    dict[Annotated[int, Field(ge=1, le=255)], Key], Field(min_length=1, repr=False)
]
"""The highest one writes, all of them read."""


Own = TypeVar("Own", bound=BaseSettings)


def read(kind: type[Own]) -> Own:
    """The settings in the environment; says in one sentence which one is broken and ends with 2.

    Never what it holds: some are keys and passwords.
    """
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name, missing = str(first["loc"][0]), first["type"] == "missing"
        words = str(first["msg"])
        why = "is missing" if missing else f"is broken: {words[:1].lower()}{words[1:]}"
    except SettingsError as error:
        named = re.search(r'field "(\w+)"', str(error))
        name, why = named[1] if named else "", "cannot be read"
    prefix = kind.model_config.get("env_prefix", "")
    sys.stderr.write(f"The setting {prefix}{name.upper()} {why}.\n")
    raise SystemExit(BROKEN_SETTING)


class CommonSettings(BaseSettings):
    """Where the transport and the other services are."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore")

    redis_url: str = "redis://127.0.0.1:6379/0"
    redis_prefix: str = Field(default="sinergi", pattern=r"^[a-z0-9_-]+$")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    environment: Literal["embedded", "production", "test"] = "embedded"
    directory_url: str = "http://127.0.0.1:8001"
    registry_url: str = "http://127.0.0.1:8002"
    cases_url: str = "http://127.0.0.1:8003"
    notifications_url: str = "http://127.0.0.1:8004"


class ServiceSettings(BaseSettings):
    """What every service with a database needs; subclasses set the prefix and the port."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    database_url: str
    worker_database_url: str
    client_secret: str
    pool_size: int = Field(default=10, ge=1, le=100)
    slot: str = Field(default="0", pattern=r"^[A-Za-z0-9_.-]+$")
    """Stable number of this replica; names its consumer in Redis."""
    worker_port: int = Field(default=0, ge=0, le=65535)
    """Where a worker apart from its API serves probes; 0 means 100 above the API's port."""
    claim_after_ms: int = Field(default=10_000, ge=500)
    reconcile_seconds: float = Field(default=300.0, gt=0)
    relay_check_loss: bool = True
    relay_lock: bool = True
