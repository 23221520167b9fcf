"""Settings of cases; each is an environment variable with the prefix CASES_."""

from typing import Annotated

from pydantic import Base64Bytes, Field
from pydantic_settings import SettingsConfigDict

from services.cases.storage.attachment_store import AttachmentStore
from shared.sealed_store import store_at
from shared.settings import ServiceSettings

Key = Annotated[Base64Bytes, Field(min_length=32, max_length=32)]
Version = Annotated[int, Field(ge=1, le=255)]


class Settings(ServiceSettings):
    """What cases needs beside the common settings; a refused key is never printed."""

    model_config = SettingsConfigDict(
        env_prefix="CASES_", extra="ignore", hide_input_in_errors=True
    )

    port: int = Field(default=8003, ge=1, le=65535)
    attachment_keys: dict[Version, Key] = Field(min_length=1, repr=False)
    """Encryption keys by version; the highest one writes, all of them read."""
    attachments_url: str = Field(
        default="file:///var/lib/sinergi/attachments", pattern=r"^(file|s3|memory)://"
    )
    """Where uploaded files lie: a folder, or `s3://bucket/prefix`."""
    attachments_endpoint: str = ""
    """Address of an S3-compatible store that is not Amazon's."""
    attachments_region: str = ""
    attachments_key_id: str = ""
    attachments_secret: str = Field(default="", repr=False)


def attachment_store(settings: Settings) -> AttachmentStore:
    """The store of uploaded files that the settings name."""
    store = store_at(
        settings.attachments_url,
        endpoint=settings.attachments_endpoint,
        region=settings.attachments_region,
        key_id=settings.attachments_key_id,
        secret=settings.attachments_secret,
    )
    return AttachmentStore(store, settings.attachment_keys)
