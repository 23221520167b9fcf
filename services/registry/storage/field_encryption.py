"""NIK at rest: encrypted under a versioned key, found again by a keyed hash.

The hash needs its own key, held outside PostgreSQL: a NIK has so few possible values that an
unkeyed hash could simply be tried out.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

INDEX_BYTES: Final = 16
_NOT_DIGITS: Final = re.compile(r"[^0-9]")
_NONCE_BYTES: Final = 12
_TABLE: Final = "beneficiaries"
_COLUMN: Final = "nik_sealed"


class Undecipherable(Exception):
    """The stored bytes were not sealed for this row with a key we hold."""


class NikVault:
    """Seals and opens NIKs; the message of an error never holds one."""

    def __init__(self, keys: Mapping[int, bytes], index_key: bytes) -> None:
        """`keys` by version: the highest one seals, all of them open."""
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        self._newest = max(keys)
        # Copied for each hash: preparing the key anew takes longer than the hash.
        self._keyed = hmac.new(index_key, digestmod=hashlib.sha256)

    def seal(self, nik: str, row_id: UUID) -> bytes:
        """Version byte, nonce and ciphertext, bound to the row they are stored in."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, nik.encode(), _bound_to(row_id))
        return bytes([self._newest]) + nonce + sealed

    def open(self, sealed: bytes, row_id: UUID) -> str:
        """The digits again; raises `Undecipherable` for another row's or unknown key's bytes."""
        version, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        cipher = self._ciphers.get(version[0]) if version else None
        if cipher is None:
            raise Undecipherable("unknown key version")
        try:
            return cipher.decrypt(nonce, body, _bound_to(row_id)).decode()
        except (InvalidTag, ValueError):
            raise Undecipherable("not sealed for this row") from None

    def index(self, nik: str) -> bytes:
        """The blind index: equal for equal digits, meaningless without the key."""
        return self._hash(f"nik|{nik}")

    def phone_mark(self, phone: str | None) -> bytes | None:
        """The same for a telephone number, however its country and spaces are written."""
        digits = _NOT_DIGITS.sub("", phone or "").removeprefix("62").lstrip("0")
        return self._hash(f"phone|{digits}") if digits else None

    def row_key(self, content: str) -> UUID:
        """The same for two rows of lists that say the same; it tells nothing of what they say."""
        return UUID(bytes=self._hash(f"row|{content}"))

    def _hash(self, text: str) -> bytes:
        made = self._keyed.copy()
        made.update(text.encode())
        return made.digest()[:INDEX_BYTES]


def _bound_to(row_id: UUID) -> bytes:
    return f"{_TABLE}|{_COLUMN}|{row_id}".encode()
