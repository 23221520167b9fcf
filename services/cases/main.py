"""The HTTP process of cases."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from services.cases.api import ROUTERS
from services.cases.api.parts import Neighbours, Parts
from services.cases.api.winner import name_the_winner
from services.cases.domain.errors import AlreadyAccepted
from services.cases.reactions import REACTIONS
from services.cases.settings import Settings
from services.cases.storage.case_numbers import CaseNumbers
from services.cases.storage.rules import RuleBook
from shared import internal
from shared.auth import ServiceToken, TokenVerifier
from shared.database import Database
from shared.health import database_check
from shared.http import create_app, serve
from shared.logging import configure_logging
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "cases"


def build(settings: Settings, common: CommonSettings, worker: Worker | None = None) -> FastAPI:
    """The app of this process; with `worker`, the message work runs in the same loop."""
    database = Database(settings.database_url, pool_size=settings.pool_size, name=SERVICE)
    # A request that needs a new block of numbers must not wait for the pool it is itself using.
    numbers = Database(settings.database_url, pool_size=1, name=f"{SERVICE}-numbers")
    neighbours = Neighbours(
        registry_url=common.registry_url,
        directory_url=common.directory_url,
        token=ServiceToken(common.directory_url, SERVICE, settings.client_secret),
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with worker.running() if worker else contextlib.nullcontext():
            yield
        await neighbours.close()
        await numbers.close()

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
    app.state.parts = Parts(RuleBook(), CaseNumbers(numbers), neighbours)
    app.add_exception_handler(AlreadyAccepted, name_the_winner)
    return app


def main() -> None:
    """Serve HTTP alone."""
    settings, common = Settings(), CommonSettings()
    configure_logging(SERVICE, common.log_level)
    serve(build(settings, common), host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
