"""The HTTP process of registry."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from services.registry.api import ROUTERS
from services.registry.reactions import REACTIONS
from services.registry.settings import Settings
from services.registry.storage.field_encryption import NikVault
from shared import internal
from shared.auth import TokenVerifier
from shared.database import Database
from shared.health import database_check
from shared.http import create_app, serve
from shared.logging import configure_logging
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "registry"


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
        verifier=TokenVerifier(f"{common.directory_url}/.well-known/jwks.json", SERVICE),
        checks={"database": database_check(database), **(worker.checks if worker else {})},
        lifespan=lifespan,
        hears=frozenset(event.wire_type() for event in REACTIONS),
    )
    app.state.nik_vault = NikVault(settings.nik_keys, settings.nik_index_key)
    return app


def main() -> None:
    """Serve HTTP alone."""
    settings, common = Settings(), CommonSettings()
    configure_logging(SERVICE, common.log_level)
    serve(build(settings, common), host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
