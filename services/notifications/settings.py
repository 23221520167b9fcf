"""Settings of notifications; each is an environment variable with the prefix NOTIFICATIONS_."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What notifications needs beside the common settings."""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_", extra="ignore")

    port: int = Field(default=8004, ge=1, le=65535)
    stream_heartbeat_seconds: float = Field(default=20.0, gt=0)
    """A stream with nothing to say sends a comment this often, so that proxies keep it open."""
    stream_seconds: float = Field(default=900.0, gt=0)
    """A stream ends after this long, and the client comes back with a token that is still good."""
