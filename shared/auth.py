"""Who is calling: signed tokens from directory, checked without asking it each time."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared import calls
from shared.contracts.codes import Role
from shared.errors import Unauthenticated, Unavailable
from shared.row_scope import RowScope
from shared.tracing import trace_header

ALGORITHM: Final = "Ed25519"
ISSUER: Final = "sinergi-directory"
CLOCK_SKEW_SECONDS: Final = 60
AREA_END: Final = "/"
"""First character after the dot of area codes: `35.08` to `35.08/` spans the whole subtree."""


@dataclass(frozen=True, slots=True)
class Duty:
    """A pillar's role in an area, perhaps within one organisation."""

    pillar: str
    area: str
    role: Role
    organisation_id: UUID | None = None

    def covers(self, area: str) -> bool:
        """Whether the area lies in this duty's area."""
        return area == self.area or area.startswith(self.area + ".")


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of a request: a worker with duties, or a service of ours."""

    id: UUID
    kind: Literal["worker", "service"]
    duties: tuple[Duty, ...] = ()
    name: str = field(default="", compare=False)
    """Service name; empty for workers, whose names never travel in tokens."""
    stands_for: tuple[UUID, ...] = ()
    """Absent colleagues whose duties the caller has taken over for now."""

    def row_scope(self) -> RowScope:
        """The narrowest single range of area codes that holds all duties."""
        if not self.duties:
            return RowScope(actor=self.id)
        parts = [duty.area.split(".") for duty in self.duties]
        shared_parts = takewhile(lambda same: len(set(same)) == 1, zip(*parts, strict=False))
        prefix = ".".join(same[0] for same in shared_parts)
        if not prefix:
            return RowScope(actor=self.id, area_from="0", area_to=":")
        return RowScope(actor=self.id, area_from=prefix, area_to=prefix + AREA_END)


def service_actor(name: str) -> Actor:
    """A service of ours as a caller, or as who acts by the clock; its id follows from its name."""
    return Actor(uuid5(NAMESPACE_URL, f"urn:sinergi:client:{name}"), "service", name=name)


def claims_of(actor: Actor) -> dict[str, Any]:
    """The part of a token that says who the caller is."""
    return {
        "sub": str(actor.id),
        "kind": actor.kind,
        "name": actor.name,
        "stands_for": [str(one) for one in actor.stands_for],
        "duties": [
            {
                "pillar": duty.pillar,
                "area": duty.area,
                "role": duty.role.value,
                "organisation_id": str(duty.organisation_id) if duty.organisation_id else None,
            }
            for duty in actor.duties
        ],
    }


def sign(actor: Actor, *, key: OKPKey, audiences: Sequence[str], lifetime_seconds: float) -> str:
    """A token that says who the caller is, for the named services and no longer than asked."""
    now = int(time.time())
    claims = {
        **claims_of(actor),
        "iss": ISSUER,
        "aud": list(audiences),
        "iat": now,
        "exp": now + int(lifetime_seconds),
    }
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def actor_of(claims: Mapping[str, Any]) -> Actor:
    """The caller a verified token names; raises `Unauthenticated` when its shape is not ours."""
    try:
        return Actor(
            id=UUID(claims["sub"]),
            kind=claims["kind"],
            name=claims.get("name", ""),
            stands_for=tuple(UUID(one) for one in claims.get("stands_for", ())),
            duties=tuple(
                Duty(
                    pillar=duty["pillar"],
                    area=duty["area"],
                    role=Role(duty["role"]),
                    organisation_id=UUID(duty["organisation_id"])
                    if duty.get("organisation_id")
                    else None,
                )
                for duty in claims["duties"]
            ),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unauthenticated from error


class TokenVerifier:
    """Checks tokens against directory's published keys; a verified token is remembered."""

    _REMEMBERED: Final = 20_000
    _REFRESH_SECONDS: Final = 30.0

    def __init__(self, jwks_url: str, audience: str, *, keys: KeySet | None = None) -> None:
        """`keys` are used until a token does not fit them; directory itself passes its own."""
        self._jwks_url = jwks_url
        self._audience = audience
        self._keys = keys
        self._fetched_at = 0.0
        self._lock = asyncio.Lock()
        self._seen: OrderedDict[str, tuple[Actor, float]] = OrderedDict()

    async def verify(self, token: str) -> Actor:
        """The caller behind a bearer token.

        Raises `Unauthenticated` for a bad, expired or foreign token, `Unavailable` when
        directory's keys were never fetched and cannot be now.
        """
        known = self._seen.get(token)
        if known is not None:
            actor, expires_at = known
            if time.time() > expires_at:
                del self._seen[token]
                raise Unauthenticated
            return actor
        claims = await self._claims(token)
        actor = actor_of(claims)
        self._seen[token] = (actor, float(claims["exp"]) + CLOCK_SKEW_SECONDS)
        if len(self._seen) > self._REMEMBERED:
            self._seen.popitem(last=False)
        return actor

    async def _claims(self, token: str) -> dict[str, Any]:
        keys = self._keys or await self._fetch()
        try:
            decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
        except (JoseError, ValueError):
            # The key may have been rotated since; ask once more, not more often than allowed.
            if time.monotonic() - self._fetched_at < self._REFRESH_SECONDS:
                raise Unauthenticated from None
            keys = await self._fetch()
            try:
                decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
            except (JoseError, ValueError) as error:
                raise Unauthenticated from error
        claims = decoded.claims
        audience = claims.get("aud")
        audiences = [audience] if isinstance(audience, str) else audience or []
        expires_at = claims.get("exp")
        if (
            claims.get("iss") != ISSUER
            or self._audience not in audiences
            or not isinstance(expires_at, int | float)
            or time.time() > expires_at + CLOCK_SKEW_SECONDS
        ):
            raise Unauthenticated
        return claims

    async def _fetch(self) -> KeySet:
        async with self._lock:
            if self._keys is not None and time.monotonic() - self._fetched_at < 1:
                return self._keys
            try:
                async with calls.client() as client:
                    answer = await client.get(self._jwks_url)
                    answer.raise_for_status()
                    self._keys = KeySet.import_key_set(answer.json())
            except (httpx2.HTTPError, JoseError, ValueError) as error:
                if self._keys is None:
                    raise Unavailable("The signing keys of directory cannot be read.") from error
            self._fetched_at = time.monotonic()
            if self._keys is None:
                raise Unavailable("The signing keys of directory cannot be read.")
            return self._keys


class ServiceToken:
    """This service's own token, fetched from directory with its client credentials."""

    _EARLY_SECONDS: Final = 30.0

    def __init__(self, directory_url: str, client_id: str, client_secret: str) -> None:
        self._url = f"{directory_url}/oauth/token"
        self._credentials = (client_id, client_secret)
        self._token = ""
        self._expires_at = 0.0
        self._lock = asyncio.Lock()

    async def header(self) -> dict[str, str]:
        """The Authorization header for a call to another service; raises `Unavailable`."""
        async with self._lock:
            if time.monotonic() > self._expires_at - self._EARLY_SECONDS:
                await self._renew()
            return {"Authorization": f"Bearer {self._token}"}

    async def _renew(self) -> None:
        try:
            async with calls.client() as client:
                answer = await client.post(
                    self._url,
                    data={"grant_type": "client_credentials"},
                    auth=self._credentials,
                    headers=trace_header(),
                )
                answer.raise_for_status()
        except httpx2.HTTPError as error:
            raise Unavailable("directory does not answer") from error
        body = answer.json()
        self._token = body["access_token"]
        self._expires_at = time.monotonic() + float(body["expires_in"])
