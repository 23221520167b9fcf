"""Who is looking at the page: an opaque cookie, traded at directory for a short-lived token."""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.directory import Directory, Worker
from services.portal.problems import NotSignedIn
from shared.routes import Public, UndeclaredPermission, dependencies_of

_EARLY_SECONDS: Final = 10.0
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in worker, with the token that speaks for them for the next seconds."""

    worker: Worker
    token: str


class Sessions:
    """Tokens of open sessions, kept in memory until shortly before they expire."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._kept: OrderedDict[bytes, tuple[Visitor, float]] = OrderedDict()

    async def visitor(self, session: str | None) -> Visitor:
        """Whose session this is; raises `NotSignedIn` when it is nobody's (any more)."""
        if not session:
            raise NotSignedIn
        key = _key(session)
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() < kept[1]:
            return kept[0]
        self._kept.pop(key, None)
        access = await self._directory.access(session)
        visitor = Visitor(access.worker, access.access_token)
        self._kept[key] = (visitor, time.monotonic() + access.expires_in - _EARLY_SECONDS)
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)
        return visitor

    def forget(self, session: str) -> None:
        """Forget a session that directory has ended."""
        self._kept.pop(_key(session), None)

    async def end(self, session: str) -> None:
        """Forget a session here and end it at directory."""
        self.forget(session)
        await self._directory.end_session(session)


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """The one cookie; its name's prefix makes browsers insist on Secure, this host, and `/`."""

    secure: bool

    @property
    def name(self) -> str:
        """`__Host-sinergi`, or `sinergi` where there is no HTTPS."""
        return "__Host-sinergi" if self.secure else "sinergi"

    def read(self, request: Request) -> str | None:
        """The session token of this request, if it carries one."""
        return request.cookies.get(self.name)

    def write(self, response: Response, token: str, expires_at: datetime) -> None:
        """Give the browser its session."""
        seconds = int((expires_at - datetime.now(UTC)).total_seconds())
        response.set_cookie(
            self.name,
            token,
            max_age=max(seconds, 0),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def delete(self, response: Response) -> None:
        """Take the session away from the browser."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite="lax"
        )


async def signed_in(request: Request) -> Visitor:
    """The visitor of a page that needs one; raises `NotSignedIn`."""
    cookie: SessionCookie = request.app.state.cookie
    sessions: Sessions = request.app.state.sessions
    return await sessions.visitor(cookie.read(request))


def needs_sign_in(route: APIRoute) -> bool:
    """Whether a page is for signed-in visitors; raises `UndeclaredPermission` if it says nothing.

    What a visitor may see and do there is decided by the services, from the visitor's own token.
    """
    for dependency in dependencies_of(route):
        if dependency is signed_in:
            return True
        if isinstance(dependency, Public):
            return False
    raise UndeclaredPermission(f"{route.methods} {route.path}")


def services_of(request: Request) -> Clients:
    """The clients of this process."""
    clients: Clients = request.app.state.clients
    return clients


SignedIn = Annotated[Visitor, Depends(signed_in)]
Services = Annotated[Clients, Depends(services_of)]


def _key(session: str) -> bytes:
    # A token read out of this process's memory should not open a session.
    return hashlib.sha256(session.encode()).digest()
