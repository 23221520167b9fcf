"""How a service is put together and started: its API, its message work, or both in one process."""

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TypeVar

from fastapi import APIRouter, FastAPI
from joserfc.jwk import KeySet

from shared import internal
from shared.auth import TokenVerifier
from shared.database import Database
from shared.http import Lifespan, create_app
from shared.logging import configure_logging
from shared.messaging.inbox import Reactions
from shared.serving import serve
from shared.settings import CommonSettings, ServiceSettings, read
from shared.worker import Worker

Own = TypeVar("Own", bound=ServiceSettings)


def service_app(
    service: str,
    *,
    settings: ServiceSettings,
    common: CommonSettings,
    worker: Worker | None,
    routers: Sequence[APIRouter],
    reactions: Reactions,
    keys: KeySet | None = None,
    beside: Lifespan = contextlib.nullcontext,
    uploads: Mapping[re.Pattern[str], int] | None = None,
) -> FastAPI:
    """The HTTP app of a service; with `worker`, the message work runs in the same loop.

    `keys` check tokens before directory was ever asked for its own; `beside` is held open, within
    the message work, for as long as the app runs. `uploads` see `create_app`.
    """
    database = Database(settings.database_url, pool_size=settings.pool_size, name=service)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with worker.running() if worker else contextlib.nullcontext(), beside(app):
            yield

    return create_app(
        service,
        routers=[*routers, internal.router],
        database=database,
        secret=settings.client_secret,
        verifier=TokenVerifier(f"{common.directory_url}/.well-known/jwks.json", service, keys=keys),
        checks={"database": database.answers, **(worker.checks if worker else {})},
        lifespan=lifespan,
        hears=frozenset(event.wire_type() for event in reactions),
        uploads=uploads,
    )


def run_api(
    service: str, settings: type[Own], build: Callable[[Own, CommonSettings], FastAPI]
) -> None:
    """Serve HTTP alone."""
    own, common = _begin(service, settings)
    serve(build(own, common), host=own.host, port=own.port)


def run_worker(
    service: str, settings: type[Own], build: Callable[[Own, CommonSettings], Worker]
) -> None:
    """Run the message work alone, with probes beside it."""
    own, common = _begin(f"{service}-worker", settings)
    serve(build(own, common).app(), host=own.host, port=own.worker_port or own.port + 100)


def run_both(
    service: str,
    settings: type[Own],
    build_api: Callable[[Own, CommonSettings, Worker], FastAPI],
    build_worker: Callable[[Own, CommonSettings], Worker],
) -> None:
    """Serve HTTP and do the message work in one loop, as the embedded run starts it."""
    own, common = _begin(service, settings)
    serve(build_api(own, common, build_worker(own, common)), host=own.host, port=own.port)


def _begin(name: str, settings: type[Own]) -> tuple[Own, CommonSettings]:
    own, common = read(settings), read(CommonSettings)
    configure_logging(name, common.log_level)
    return own, common
