"""Where uploaded bytes lie, outside the database: a folder or an S3-compatible store.

The one module that knows the provider. What is put there is sealed first, so that neither the
folder's backup nor the store's operator can look at it.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store, from_url
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import Unavailable

_NONCE_BYTES: Final = 12
_SILENT: Final = "the store of uploaded files does not answer"

StoreUrl = Annotated[str, Field(pattern=r"^(file|s3|memory)://")]
"""A folder, `s3://bucket/prefix` or, for trials, `memory:///`."""


class Undecipherable(Exception):
    """The stored bytes were not sealed for this place with a key we hold."""


class SealedStore:
    """Puts, gets and deletes bytes at a place; each is sealed for its place alone."""

    def __init__(self, store: ObjectStore, keys: Mapping[int, bytes]) -> None:
        """`keys` by version: the highest one seals, all of them open."""
        self._store = store
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        self._newest = max(keys)

    async def put(self, place: str, content: bytes) -> None:
        """Keep the content; raises `Unavailable`."""
        try:
            await self._store.put_async(place, self._seal(content, place))
        except (BaseError, OSError) as error:
            raise Unavailable(_SILENT) from error

    async def get(self, place: str) -> bytes:
        """The content again; raises `Unavailable` and `Undecipherable`."""
        try:
            found = await self._store.get_async(place)
            sealed = bytes(await found.bytes_async())
        except (BaseError, OSError) as error:
            raise Unavailable(_SILENT) from error
        return self._open(sealed, place)

    async def delete(self, place: str) -> None:
        """Forget what lies there; nothing there is no error. Raises `Unavailable`."""
        try:
            await self._store.delete_async(place)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise Unavailable(_SILENT) from error

    def _seal(self, plain: bytes, place: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, plain, place.encode())
        return bytes([self._newest]) + nonce + sealed

    def _open(self, sealed: bytes, place: str) -> bytes:
        version, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        cipher = self._ciphers.get(version[0]) if version else None
        if cipher is None:
            raise Undecipherable("unknown key version")
        try:
            return cipher.decrypt(nonce, body, place.encode())
        except (InvalidTag, ValueError):
            raise Undecipherable("not sealed for this place") from None


def store_at(
    url: str, *, endpoint: str = "", region: str = "", key_id: str = "", secret: str = ""
) -> ObjectStore:
    """The store a URL names: `file:///folder`, `s3://bucket/prefix` or, for trials, `memory:///`.

    The rest is for S3 alone; `endpoint` names a store that is not Amazon's.
    """
    if url.startswith("file://"):
        return LocalStore.from_url(url, mkdir=True)
    if not url.startswith("s3://"):
        return from_url(url)
    given: dict[str, Any] = {
        "endpoint": endpoint,
        "region": region,
        "access_key_id": key_id,
        "secret_access_key": secret,
    }
    return S3Store.from_url(
        url,
        client_options={"allow_http": endpoint.startswith("http://"), "timeout": "20s"},
        **{name: value for name, value in given.items() if value},
    )


class StoreSettings(BaseSettings):
    """Which store a service keeps its files in; subclasses set the prefix and the usual place."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", hide_input_in_errors=True)

    url: StoreUrl
    endpoint: str = ""
    """Address of an S3-compatible store that is not Amazon's."""
    region: str = ""
    key_id: str = ""
    secret: str = Field(default="", repr=False)

    def store(self) -> ObjectStore:
        """The store these settings name."""
        return store_at(**self.model_dump())
