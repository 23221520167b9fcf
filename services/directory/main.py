"""The HTTP process of directory."""

from fastapi import FastAPI

from services.directory.api import ROUTERS
from services.directory.domain.passwords import Passwords
from services.directory.reactions import REACTIONS
from services.directory.settings import Settings
from services.directory.use_cases.publish_keys import public_keys
from shared.process import run_api, service_app
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "directory"


def build(settings: Settings, common: CommonSettings, worker: Worker | None = None) -> FastAPI:
    """The app of this process; with `worker`, the message work runs in the same loop."""
    app = service_app(
        SERVICE,
        settings=settings,
        common=common,
        worker=worker,
        routers=ROUTERS,
        reactions=REACTIONS,
        keys=public_keys(settings.signing_key),
    )
    app.state.signing_key = settings.signing_key
    app.state.clients = settings.clients
    app.state.passwords = Passwords(
        time_cost=settings.argon2_time_cost,
        memory_kib=settings.argon2_memory_kib,
        parallelism=settings.argon2_parallelism,
    )
    return app


if __name__ == "__main__":
    run_api(SERVICE, Settings, build)
