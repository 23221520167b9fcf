"""Settings of cases; each is an environment variable with the prefix CASES_."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What cases needs beside the common settings."""

    model_config = SettingsConfigDict(env_prefix="CASES_", extra="ignore")

    port: int = Field(default=8003, ge=1, le=65535)
