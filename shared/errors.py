"""What can go wrong, by kind; only shared.http knows which number each kind answers."""

from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """How a caller should take the error."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    RULE_VIOLATED = "rule_violated"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


class Problem(Exception):
    """An expected failure with a stable code and a title a person can read.

    `extra` holds members added to the problem document; none may hold personal data or SQL.
    """

    kind: ClassVar[Kind]
    code: ClassVar[str]
    title: ClassVar[str]
    title_en: ClassVar[str]

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        super().__init__(detail or self.title_en)
        self.detail = detail
        self.extra = extra


class NotFound(Problem):
    """The thing does not exist, or lies outside the caller's scope: both look alike."""

    kind = Kind.NOT_FOUND
    code = "not-found"
    title = "Tidak ditemukan"
    title_en = "Not found"


class Unauthenticated(Problem):
    """No valid proof of who is calling."""

    kind = Kind.UNAUTHENTICATED
    code = "unauthenticated"
    title = "Silakan masuk terlebih dahulu"
    title_en = "Please sign in first"


class Forbidden(Problem):
    """The caller is known, but no duty of theirs allows this."""

    kind = Kind.FORBIDDEN
    code = "forbidden"
    title = "Tugas Anda tidak mengizinkan tindakan ini"
    title_en = "Your duties do not allow this"


class Conflict(Problem):
    """The state of the thing does not allow this now."""

    kind = Kind.CONFLICT
    code = "conflict"
    title = "Bertentangan dengan keadaan saat ini"
    title_en = "In conflict with the present state"


class VersionConflict(Conflict):
    """Somebody else changed the thing since the caller read it."""

    code = "version-conflict"
    title = "Data sudah diubah orang lain, muat ulang dahulu"
    title_en = "Changed by someone else in the meantime, please reload"


class RuleViolated(Problem):
    """The request is well formed but asks for something the rules do not allow."""

    kind = Kind.RULE_VIOLATED
    code = "rule-violated"
    title = "Isian tidak memenuhi aturan"
    title_en = "The input does not meet the rules"

    def __init__(self, detail: str | None = None, pointer: str | None = None, **extra: Any) -> None:
        if pointer is not None:
            extra["errors"] = [{"pointer": pointer, "detail": detail or self.title_en}]
        super().__init__(detail, **extra)


class KeyReused(RuleViolated):
    """An Idempotency-Key came back with a different request."""

    code = "idempotency-key-reused"
    title = "Kunci pengiriman sudah dipakai untuk isian lain"
    title_en = "This Idempotency-Key was used for a different request"


class UnstorableText(RuleViolated):
    """Text holds a character no database column takes (NUL)."""

    code = "invalid-text"
    title = "Isian memuat karakter yang tidak dapat disimpan"
    title_en = "The text holds a character that cannot be stored"


class Invalid(Problem):
    """The request cannot be read."""

    kind = Kind.INVALID
    code = "invalid-request"
    title = "Permintaan tidak terbaca"
    title_en = "The request cannot be read"


class TooLarge(Problem):
    """The body is larger than the service accepts."""

    kind = Kind.TOO_LARGE
    code = "body-too-large"
    title = "Isian terlalu besar"
    title_en = "The body is too large"


class TooMany(Problem):
    """The caller must wait before trying again."""

    kind = Kind.TOO_MANY
    code = "too-many-requests"
    title = "Terlalu banyak percobaan, tunggu sebentar"
    title_en = "Too many attempts, please wait"


class Unavailable(Problem):
    """Something this service needs is down; nothing was changed and a retry is safe."""

    kind = Kind.UNAVAILABLE
    code = "unavailable"
    title = "Layanan sedang tidak tersedia, coba lagi sebentar"
    title_en = "The service is unavailable, please try again shortly"
