"""Settings of the portal; each is an environment variable with the prefix PORTAL_."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the portal needs beside the common settings; it has no database."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", env_file=None, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    client_secret: str
    map_folder: Path = Path("/var/lib/sinergi/map")
    """Boundaries that `sinergi map import` brought; where there are none, those that ship."""
    secure_cookie: bool = True
    """False only where the portal is reached over plain HTTP, as on one machine or a closed LAN."""
