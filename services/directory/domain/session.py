"""Sessions: opaque tokens, kept only as their hash."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

IDLE: Final = timedelta(minutes=30)
LIFETIME: Final = timedelta(hours=12)
_TOKEN_BYTES: Final = 32


def new_token() -> str:
    """A fresh session token of 256 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What is stored of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
