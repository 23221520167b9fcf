"""Settings of cases; each is an environment variable with the prefix CASES_."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.cases.storage.attachment_store import AttachmentStore
from shared.sealed_store import StoreSettings, StoreUrl
from shared.settings import KeysByVersion, ServiceSettings, read


class Settings(ServiceSettings):
    """What cases needs beside the common settings; a refused key is never printed."""

    model_config = SettingsConfigDict(
        env_prefix="CASES_", extra="ignore", hide_input_in_errors=True
    )

    port: int = Field(default=8003, ge=1, le=65535)
    attachment_keys: KeysByVersion


class AttachmentSettings(StoreSettings):
    """Where uploaded files lie."""

    model_config = SettingsConfigDict(env_prefix="CASES_ATTACHMENTS_")

    url: StoreUrl = "file:///var/lib/sinergi/attachments"


def attachment_store(settings: Settings) -> AttachmentStore:
    """The store of uploaded files that the settings name."""
    return AttachmentStore(read(AttachmentSettings).store(), settings.attachment_keys)
