"""Tokens for machines, and the keys that prove every token."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from services.directory.api.dependencies import Clients, SigningKey
from services.directory.api.schemas import ServiceTokenOut
from services.directory.domain.errors import UnknownClient
from services.directory.use_cases.issue_service_token import (
    LIFETIME_SECONDS,
    issue_service_token,
)
from services.directory.use_cases.publish_keys import public_keys
from shared.errors import Invalid
from shared.routes import public

_CLIENT_CREDENTIALS: Final = "client_credentials"
_BASIC: Final = HTTPBasic(auto_error=False, description="Client id and secret")

router = APIRouter(tags=["keys"])

Field = Annotated[str | None, Form(max_length=200)]


@router.post(
    "/oauth/token", dependencies=[public("the client proves itself with its secret, in here")]
)
async def token(
    *,
    clients: Clients,
    key: SigningKey,
    basic: Annotated[HTTPBasicCredentials | None, Depends(_BASIC)],
    grant_type: Annotated[str, Form(max_length=200)],
    client_id: Field = None,
    client_secret: Field = None,
) -> ServiceTokenOut:
    """OAuth2 client credentials, by HTTP Basic or form fields."""
    if grant_type != _CLIENT_CREDENTIALS:
        raise Invalid("Only client_credentials is served.", error="unsupported_grant_type")
    name = basic.username if basic else client_id
    secret = basic.password if basic else client_secret
    if name is None or secret is None:
        raise UnknownClient(error="invalid_client")
    return ServiceTokenOut(
        access_token=issue_service_token(name, secret, clients=clients, key=key),
        token_type="Bearer",  # noqa: S106 - the scheme's name, not a password
        expires_in=LIFETIME_SECONDS,
    )


@router.get("/.well-known/jwks.json", dependencies=[public("public keys are public")])
async def keys(key: SigningKey) -> dict[str, Any]:
    """The keys that prove our tokens (RFC 7517)."""
    published: dict[str, Any] = dict(public_keys(key).as_dict(private=False))
    return published
