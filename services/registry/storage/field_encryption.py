"""NIK and No. KK at rest: encrypted under a versioned key, found again by a keyed hash.

The hash needs its own key, held outside PostgreSQL: a NIK has so few possible values that an
unkeyed hash could simply be tried out. Both begin with the version of the key that made them, so
that a change of keys can go on while people work and can stop anywhere.
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

INDEX_BYTES: Final = 17
"""Version byte and hash."""
_HASH_BYTES: Final = 16
_NOT_DIGITS: Final = re.compile(r"[^0-9]")
_NONCE_BYTES: Final = 12
_NIK: Final = "beneficiaries|nik_sealed"
_KK: Final = "family_cards|kk_sealed"
_REPORT: Final = "reports|said_sealed"


class Undecipherable(Exception):
    """The stored bytes were not sealed for this row with a key we hold."""


class NikVault:
    """Seals and opens NIKs, numbers of family cards and reports; no error's message holds any."""

    def __init__(self, keys: Mapping[int, bytes], index_keys: Mapping[int, bytes]) -> None:
        """Keys by version: the highest one seals or marks, all of them open or find."""
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        # Copied for each hash: preparing a key anew takes longer than the hash.
        self._keyed = {
            version: hmac.new(key, digestmod=hashlib.sha256)
            for version, key in sorted(index_keys.items(), reverse=True)
        }
        self.newest_key = max(keys)
        self.newest_index_key = max(index_keys)

    def seal(self, nik: str, row_id: UUID) -> bytes:
        """Version byte, nonce and ciphertext, bound to the row they are stored in."""
        return self._seal(nik, _NIK, row_id)

    def open(self, sealed: bytes, row_id: UUID) -> str:
        """The digits again; raises `Undecipherable` for another row's or unknown key's bytes."""
        return self._open(sealed, _NIK, row_id)

    def seal_kk(self, kk: str, row_id: UUID) -> bytes:
        """The same for the number of a family card."""
        return self._seal(kk, _KK, row_id)

    def open_kk(self, sealed: bytes, row_id: UUID) -> str:
        """The digits of a family card's number again; raises `Undecipherable` like `open`."""
        return self._open(sealed, _KK, row_id)

    def seal_report(self, said: str, row_id: UUID) -> bytes:
        """The same for all that a report says."""
        return self._seal(said, _REPORT, row_id)

    def open_report(self, sealed: bytes, row_id: UUID) -> str:
        """What a report says again; raises `Undecipherable` like `open`."""
        return self._open(sealed, _REPORT, row_id)

    def index(self, nik: str) -> bytes:
        """The blind index: equal for equal digits, meaningless without the key."""
        return self.indexes(nik)[0]

    def indexes(self, nik: str) -> list[bytes]:
        """What it may be found under, by each index key we hold, the newest first."""
        return self._hashes(f"nik|{nik}")

    def kk_indexes(self, kk: str) -> list[bytes]:
        """The same for the number of a family card."""
        return self._hashes(f"kk|{kk}")

    def phone_mark(self, phone: str | None) -> bytes | None:
        """The same for a telephone number, however its country and spaces are written."""
        digits = _NOT_DIGITS.sub("", phone or "").removeprefix("62").lstrip("0")
        return self._hashes(f"phone|{digits}")[0] if digits else None

    def _seal(self, text: str, place: str, row_id: UUID) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._ciphers[self.newest_key]
        sealed = cipher.encrypt(nonce, text.encode(), _bound_to(place, row_id))
        return bytes([self.newest_key]) + nonce + sealed

    def _open(self, sealed: bytes, place: str, row_id: UUID) -> str:
        version, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        cipher = self._ciphers.get(version[0]) if version else None
        if cipher is None:
            raise Undecipherable("unknown key version")
        try:
            return cipher.decrypt(nonce, body, _bound_to(place, row_id)).decode()
        except (InvalidTag, ValueError):
            raise Undecipherable("not sealed for this row") from None

    def row_keys(self, content: str) -> list[UUID]:
        """The same for two rows of lists that say the same; they tell nothing of what they say.

        One by each index key we hold, the newest first: a list is known again after new keys.
        """
        return [UUID(bytes=hashed[1:]) for hashed in self._hashes(f"row|{content}")]

    def report_keys(self, filed_by: UUID, source: str, external_id: str) -> list[UUID]:
        """The same for a report that its source sends again; the id it has there may be a NIK."""
        told = f"report|{filed_by}|{len(source)}|{source}|{external_id}"
        return [UUID(bytes=hashed[1:]) for hashed in self._hashes(told)]

    def unnamed(self, record_id: UUID, reader_id: UUID) -> UUID:
        """What stands for a record before a reader who may know only that there is one.

        The same each time, so that the reader can decide about it; it leads to no record, and
        whoever knows the record's id cannot tell that it is this one.
        """
        return UUID(bytes=self._hashes(f"unnamed|{record_id}|{reader_id}")[0][1:])

    def asked(self, number: str, reader_id: UUID) -> UUID:
        """What stands for a number before the allowance of whoever asks; each reader has others."""
        return UUID(bytes=self._hashes(f"asked|{number}|{reader_id}")[0][1:])

    def _hashes(self, text: str) -> list[bytes]:
        return [bytes([version]) + _digest(keyed, text) for version, keyed in self._keyed.items()]


def _digest(keyed: hmac.HMAC, text: str) -> bytes:
    made = keyed.copy()
    made.update(text.encode())
    return made.digest()[:_HASH_BYTES]


def _bound_to(place: str, row_id: UUID) -> bytes:
    return f"{place}|{row_id}".encode()
