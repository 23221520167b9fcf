"""The HTTP process of directory."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from services.directory.api import ROUTERS
from services.directory.domain.passwords import Passwords
from services.directory.reactions import REACTIONS
from services.directory.settings import Settings
from services.directory.use_cases.publish_keys import public_keys
from shared import internal
from shared.auth import TokenVerifier
from shared.database import Database
from shared.health import database_check
from shared.http import create_app, serve
from shared.logging import configure_logging
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "directory"


def build(settings: Settings, common: CommonSettings, worker: Worker | None = None) -> FastAPI:
    """The app of this process; with `worker`, the message work runs in the same loop."""
    database = Database(settings.database_url, pool_size=settings.pool_size, name=SERVICE)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with worker.running() if worker else contextlib.nullcontext():
            yield

    app = create_app(
        SERVICE,
        routers=[*ROUTERS, internal.router],
        database=database,
        secret=settings.client_secret,
        verifier=TokenVerifier(
            f"{common.directory_url}/.well-known/jwks.json",
            SERVICE,
            keys=public_keys(settings.signing_key),
        ),
        checks={"database": database_check(database), **(worker.checks if worker else {})},
        lifespan=lifespan,
        hears=frozenset(event.wire_type() for event in REACTIONS),
    )
    app.state.signing_key = settings.signing_key
    app.state.clients = settings.clients
    app.state.passwords = Passwords(
        time_cost=settings.argon2_time_cost,
        memory_kib=settings.argon2_memory_kib,
        parallelism=settings.argon2_parallelism,
    )
    return app


def main() -> None:
    """Serve HTTP alone."""
    settings, common = Settings(), CommonSettings()
    configure_logging(SERVICE, common.log_level)
    serve(build(settings, common), host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
