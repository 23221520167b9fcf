"""The HTTP process of cases."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from services.cases.api import ROUTERS
from services.cases.api.attachments import UPLOADS
from services.cases.api.parts import Neighbours, Parts
from services.cases.api.winner import name_the_winner
from services.cases.domain.errors import AlreadyAccepted
from services.cases.reactions import REACTIONS
from services.cases.settings import Settings, attachment_store
from services.cases.storage.case_numbers import CaseNumbers
from services.cases.storage.rules import RuleBook
from shared.auth import ServiceToken
from shared.database import Database
from shared.process import run_api, service_app
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "cases"


def build(settings: Settings, common: CommonSettings, worker: Worker | None = None) -> FastAPI:
    """The app of this process; with `worker`, the message work runs in the same loop."""
    # A request that needs a new block of numbers must not wait for the pool it is itself using.
    numbers = Database(settings.database_url, pool_size=1, name=f"{SERVICE}-numbers")
    neighbours = Neighbours(
        registry_url=common.registry_url,
        directory_url=common.directory_url,
        token=ServiceToken(common.directory_url, SERVICE, settings.client_secret),
    )

    @contextlib.asynccontextmanager
    async def closing(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await neighbours.close()
        await numbers.close()

    app = service_app(
        SERVICE,
        settings=settings,
        common=common,
        worker=worker,
        routers=ROUTERS,
        reactions=REACTIONS,
        beside=closing,
        uploads=UPLOADS,
    )
    app.state.parts = Parts(
        RuleBook(), CaseNumbers(numbers), neighbours, attachment_store(settings)
    )
    app.add_exception_handler(AlreadyAccepted, name_the_winner)
    return app


if __name__ == "__main__":
    run_api(SERVICE, Settings, build)
