"""What a page can fail with, and the words for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final


class NotSignedIn(Exception):
    """Nobody is signed in, or the session has ended; `title` says which, in words."""

    def __init__(self, title: str = "Silakan masuk terlebih dahulu") -> None:
        super().__init__(title)
        self.title = title


class CrossSite(Exception):
    """An unsafe request that no page of this portal made."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused field: its path (`birth.age`) and why, in words."""

    field: str
    message: str


class ClientProblem(Exception):
    """A service refused: its problem document, ready to be shown."""

    def __init__(
        self,
        *,
        status: int,
        code: str,
        title: str,
        detail: str | None = None,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = dict(extra or {})


KEY_REUSED: Final = "idempotency-key-reused"

_WORDS_OF_TYPE: Final[Mapping[str, str]] = {
    "missing": "Wajib diisi.",
    "string_too_short": "Wajib diisi.",
    "string_too_long": "Terlalu panjang.",
    "string_pattern_mismatch": "Bentuk isian belum sesuai.",
    "int_parsing": "Isi dengan angka.",
    "int_type": "Isi dengan angka.",
    "greater_than_equal": "Angka terlalu kecil.",
    "less_than_equal": "Angka terlalu besar.",
    "date_from_datetime_parsing": "Tanggal belum sesuai.",
    "date_parsing": "Tanggal belum sesuai.",
    "datetime_from_date_parsing": "Waktu belum sesuai.",
    "datetime_parsing": "Waktu belum sesuai.",
    "enum": "Pilih salah satu.",
    "literal_error": "Pilih salah satu.",
    "uuid_parsing": "Pilih salah satu.",
    "too_short": "Pilih paling sedikit satu.",
}
"""Words for what the services' input models refuse; their rules bring their own."""


def problem_of(status: int, body: object) -> ClientProblem:
    """The problem a service answered with; an answer of another shape becomes a plain one."""
    document = body if isinstance(body, Mapping) else {}
    known = {"type", "title", "status", "detail", "errors"}
    listed = document.get("errors")
    return ClientProblem(
        status=status,
        code=str(document.get("type", "about:blank")).rpartition(":")[2],
        title=str(document.get("title") or "Permintaan ditolak"),
        detail=document.get("detail") if isinstance(document.get("detail"), str) else None,
        errors=[field_error(item) for item in listed if isinstance(item, Mapping)]
        if isinstance(listed, list)
        else (),
        extra={key: value for key, value in document.items() if key not in known},
    )


def field_error(item: Mapping[str, Any]) -> FieldError:
    """One fault of a problem document or of an item of a batch, in words."""
    words = _WORDS_OF_TYPE.get(str(item.get("code", "")))
    return FieldError(
        field=field_of(str(item.get("pointer", ""))),
        message=words or str(item.get("detail") or "Isian belum sesuai."),
    )


def field_of(pointer: str) -> str:
    """The form field a JSON pointer names: `/birth/age` is `birth.age`, `/items/0` is `items`."""
    return ".".join(part for part in pointer.split("/") if part and not part.isdigit())
