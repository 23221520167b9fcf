"""Pictures and documents that go with a note."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.errors import RuleViolated, TooLarge

MAX_BYTES: Final = 10 * 1024 * 1024
"""What one file may weigh when it arrives."""
MAX_PER_NOTE: Final = 5
ATTACH_WITHIN: Final = timedelta(hours=24)
"""After this an uploaded file can no longer be attached to a note."""
SWEEP_AFTER: Final = timedelta(hours=25)
"""Later than the above, so that no note ever meets a file that is being swept."""
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
PDF: Final = "application/pdf"
TYPE_OF_EXTENSION: Final[Mapping[str, str]] = {
    ".jpg": JPEG,
    ".jpeg": JPEG,
    ".png": PNG,
    ".pdf": PDF,
}
EXTENSION_OF: Final[Mapping[str, str]] = {JPEG: "jpg", PNG: "png", PDF: "pdf"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file as it is kept: `size` and `sha256` are of the cleaned content."""

    id: UUID
    referral_id: UUID
    uploader_id: UUID
    media_type: str
    size: int
    """Bytes."""
    sha256: bytes
    has_thumbnail: bool
    at: datetime
    step_version: int | None = None
    """The step whose note it goes with; None until then."""

    @property
    def file_name(self) -> str:
        """What a browser saves it as: the sender's own name for it may name a person."""
        return f"lampiran-{str(self.id)[-8:]}.{EXTENSION_OF[self.media_type]}"


class FileRefused(RuleViolated):
    """The content is not what it must be: a readable picture or PDF of the kind its name says."""

    code = "file-refused"
    title = "Berkas tidak dapat diterima"
    title_en = "The file cannot be accepted"


class FileTooLarge(TooLarge):
    """The file weighs more than is accepted."""

    code = "file-too-large"
    title = "Berkas lebih besar dari 10 MB"
    title_en = "The file is larger than 10 MB"


class UnknownAttachment(RuleViolated):
    """No such file of the caller's waits to be attached to this referral."""

    code = "unknown-attachment"
    title = "Lampiran tidak ditemukan, unggah lagi"
    title_en = "No such attachment, please upload it again"
