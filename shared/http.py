"""The HTTP edge every service shares: the app, the caller, the transaction, the permission."""

import contextlib
import functools
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict

from shared.auth import Actor, TokenVerifier
from shared.contracts.asyncapi import asyncapi_document
from shared.database import Database, Tx
from shared.database_problems import install_database_problem_handlers
from shared.errors import Forbidden, Unauthenticated
from shared.health import Check, health_routes
from shared.middleware import RequestMiddleware
from shared.policy import Action, may
from shared.problems import install_problem_handlers
from shared.routes import (
    Public,
    UndeclaredPermission,
    dependencies_of,
    give_routes,
    public,
    routes_of,
)

ONE_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
"""How a request that carries one file, in the field `file`, is described."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[object]]


class Input(BaseModel):
    """Base of request bodies: unknown fields are refused, text is trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class BearerActor(HTTPBearer):
    """Answers the caller behind the bearer token; as a dependency, one step instead of two."""

    async def __call__(self, request: Request) -> Actor:  # type: ignore[override] # the caller, not the text
        """The caller, or `Unauthenticated`."""
        credentials = await super().__call__(request)
        if credentials is None:
            raise Unauthenticated
        verifier: TokenVerifier = request.app.state.verifier
        return await verifier.verify(credentials.credentials)


current_actor: Final = BearerActor(
    auto_error=False, description="`sinergi token`, or directory's /oauth/token"
)


async def session(
    request: Request, actor: Annotated[Actor, Depends(current_actor)]
) -> AsyncIterator[Tx]:
    """The request's one transaction, committed before the answer leaves.

    Depend on it with scope="function": with the default scope FastAPI would commit after the
    answer, and a failing commit would still have told the caller "done".
    """
    database: Database = request.app.state.database
    async with database.transaction(actor.row_scope()) as tx:
        yield tx


Session = Annotated[Tx, Depends(session, scope="function")]


class Requires:
    """A route's declared permission: the caller must hold it on something at all."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
        """The caller, or `Forbidden`."""
        if not may(actor, self.action):
            raise Forbidden
        return actor


def requires(action: Action) -> Any:
    """Hand a route its caller once a duty of theirs allows the action.

    Use it as a default: `actor: Actor = requires(Action.REFERRAL_READ)`.
    """
    return Depends(Requires(action))


def permission_of(route: APIRoute) -> Action | None:
    """The action a route requires, None when it is public; raises `UndeclaredPermission`."""
    for call in dependencies_of(route):
        if isinstance(call, Requires):
            return call.action
        if isinstance(call, Public):
            return None
    raise UndeclaredPermission(f"{route.methods} {route.path}")


def create_app(
    service: str,
    *,
    routers: Sequence[APIRouter],
    database: Database,
    secret: str,
    verifier: TokenVerifier,
    checks: Mapping[str, Check],
    lifespan: Lifespan = contextlib.nullcontext,
    hears: frozenset[str] = frozenset(),
    uploads: Mapping[re.Pattern[str], int] | None = None,
) -> FastAPI:
    """A service's HTTP app; raises `UndeclaredPermission` if a route declares none.

    `secret` keys the fingerprints of requests, which may hold what is easily guessed; `uploads`
    are the paths that take larger bodies than the others, and how large.
    """
    app = FastAPI(
        title=f"Sinergi {service}",
        version="1.0.0",
        lifespan=_closing(database, lifespan),
        redirect_slashes=False,
        # Traces and metrics are our own (shared.tracing, shared.middleware); FastAPI's would ask
        # for its providers on every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.database = database
    app.state.secret = hashlib.blake2b(secret.encode()).digest()
    app.state.verifier = verifier
    contract = APIRouter(dependencies=[public("the contract is public")])

    # Made when it is first asked for: it takes longer than all the rest of a start.
    @contract.get("/asyncapi.json")
    @functools.cache
    def asyncapi() -> dict[str, Any]:
        """The AsyncAPI 3.0 document of this service's stream."""
        return asyncapi_document(service, hears=hears)

    probes = health_routes(checks, public("probes carry no data"))
    give_routes(app, *routers, contract, probes)
    for route in routes_of(app):
        permission_of(route)
    install_problem_handlers(app)
    install_database_problem_handlers(app)
    app.add_middleware(RequestMiddleware, service=service, uploads=uploads)
    return app


def _closing(
    database: Database, lifespan: Lifespan
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def around(app: FastAPI) -> AsyncIterator[None]:
        async with lifespan(app):
            yield
        await database.close()

    return around
