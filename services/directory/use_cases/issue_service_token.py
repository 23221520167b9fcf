"""Give a service of ours its own token (OAuth2 client credentials)."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from joserfc.jwk import OKPKey
from pydantic import SecretStr

from services.directory.domain.errors import UnknownClient
from shared.auth import service_actor, sign
from shared.migrations import SERVICES

LIFETIME_SECONDS: Final = 300


def issue_service_token(
    client_id: str, client_secret: str, *, clients: Mapping[str, SecretStr], key: OKPKey
) -> str:
    """A token of five minutes for a known client; raises `UnknownClient`."""
    known = clients.get(client_id)
    # An unknown client is compared too, so that the time taken does not tell which ids exist.
    expected = known.get_secret_value() if known else client_secret + "."
    if not hmac.compare_digest(_digest(expected), _digest(client_secret)):
        raise UnknownClient(error="invalid_client")
    return sign(
        service_actor(client_id),
        key=key,
        audiences=SERVICES,
        lifetime_seconds=LIFETIME_SECONDS,
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
