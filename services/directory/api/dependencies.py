"""What routes of directory ask for beside the caller and the transaction."""

import ipaddress
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from joserfc.jwk import OKPKey
from pydantic import SecretStr

from services.directory.domain.passwords import Passwords
from services.directory.storage.scope import everywhere
from shared.auth import Actor
from shared.database import Database, Tx
from shared.errors import Forbidden
from shared.http import Session, current_actor, requires
from shared.policy import Action

PORTAL: Final = "portal"


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _passwords(request: Request) -> Passwords:
    passwords: Passwords = request.app.state.passwords
    return passwords


def _signing_key(request: Request) -> OKPKey:
    key: OKPKey = request.app.state.signing_key
    return key


def _clients(request: Request) -> Mapping[str, SecretStr]:
    clients: Mapping[str, SecretStr] = request.app.state.clients
    return clients


async def _unscoped(database: Annotated[Database, Depends(_database)]) -> AsyncIterator[Tx]:
    async with database.transaction() as tx:
        yield tx


async def _reading(
    tx: Session, actor: Annotated[Actor, Depends(current_actor)]
) -> AsyncIterator[Tx]:
    if actor.kind == "service":
        async with everywhere(tx):
            yield tx
    else:
        yield tx


def _portal(actor: Annotated[Actor, requires(Action.SESSION_OPEN)]) -> Actor:
    """Other services are trusted too, but have no business with people's sessions."""
    if actor.name != PORTAL:
        raise Forbidden
    return actor


def _browser_address(
    x_forwarded_for: Annotated[
        str | None,
        Header(max_length=1000, description="Address of the person's browser, as portal saw it"),
    ] = None,
) -> str | None:
    """The address portal, our only caller here, put last; None when it named none."""
    last = (x_forwarded_for or "").rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(last))
    except ValueError:
        return None


DatabaseOf = Annotated[Database, Depends(_database)]
PasswordsOf = Annotated[Passwords, Depends(_passwords)]
SigningKey = Annotated[OKPKey, Depends(_signing_key)]
Clients = Annotated[Mapping[str, SecretStr], Depends(_clients)]
Portal = Annotated[Actor, Depends(_portal)]
BrowserAddress = Annotated[str | None, Depends(_browser_address)]
ReadingSession = Annotated[Tx, Depends(_reading, scope="function")]
"""The request's transaction; the services, which hold no duties, read in all areas."""
UnscopedSession = Annotated[Tx, Depends(_unscoped, scope="function")]
"""A transaction without a caller: row-level security lets no worker through."""
SessionToken = Annotated[
    str,
    Header(alias="X-Session", min_length=20, max_length=200, description="Opaque session token"),
]
Limit = Annotated[int, Query(ge=1, le=100)]
After = Annotated[UUID | None, Query(description="`next` of the page before")]
