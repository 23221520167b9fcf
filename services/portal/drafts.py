"""What somebody typed, kept sealed in their own browser under an address of its own.

A page that shows such words must have an address, or going back to it asks the worker to send
the form again; and the words must not stand in that address. The portal keeps no data, and a
second process of it could not show what the first one kept: so the browser keeps them, for an
hour, in a cookie that only the portal can read and that is sent to that one address alone.
"""

import base64
import hmac
import zlib
from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from cryptography.fernet import Fernet, InvalidToken
from fastapi import Depends, Request
from starlette.responses import Response

KEPT_SECONDS: Final = 3600
LONGEST: Final = 3800
"""Browsers drop a cookie whose name and value pass 4096 bytes (RFC 6265 section 6.1)."""
_FERNET_BLOCK: Final = 4


class Drafts:
    """Seals and opens drafts; each belongs to one place and one worker."""

    def __init__(self, secret: str, *, secure: bool) -> None:
        key = hmac.digest(secret.encode(), b"sinergi portal drafts", "sha256")
        self._seal = Fernet(base64.urlsafe_b64encode(key))
        self._secure = secure
        self._name = "__Secure-sinergi-isian" if secure else "sinergi-isian"

    def keep(self, response: Response, place: str, owner: UUID, content: Mapping[str, Any]) -> bool:
        """Keep what belongs to a place; False when it is more than a browser keeps."""
        packed = zlib.compress(orjson.dumps([place, owner, dict(content)]), 9)
        sealed = self._seal.encrypt(packed).decode().rstrip("=")
        if len(sealed) > LONGEST:
            return False
        response.set_cookie(
            self._name,
            sealed,
            max_age=KEPT_SECONDS,
            path=place,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
        return True

    def find(self, request: Request, place: str, owner: UUID) -> dict[str, Any] | None:
        """What was kept there; None when it is gone, too old, or somebody else's."""
        sealed = request.cookies.get(self._name, "")
        sealed += "=" * (-len(sealed) % _FERNET_BLOCK)
        try:
            packed = self._seal.decrypt(sealed, ttl=KEPT_SECONDS)
        except InvalidToken:
            return None
        kept_at, kept_for, content = orjson.loads(zlib.decompress(packed))
        found: dict[str, Any] | None = content
        return found if (kept_at, kept_for) == (place, str(owner)) else None


def _drafts_of(request: Request) -> Drafts:
    drafts: Drafts = request.app.state.drafts
    return drafts


KeptDrafts = Annotated[Drafts, Depends(_drafts_of)]
