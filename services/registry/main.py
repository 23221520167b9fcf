"""The HTTP process of registry."""

from fastapi import FastAPI

from services.registry.api import ROUTERS
from services.registry.api.imports import UPLOADS
from services.registry.reactions import REACTIONS
from services.registry.settings import Settings, import_store
from services.registry.storage.field_encryption import NikVault
from shared.process import run_api, service_app
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "registry"


def build(settings: Settings, common: CommonSettings, worker: Worker | None = None) -> FastAPI:
    """The app of this process; with `worker`, the message work runs in the same loop."""
    app = service_app(
        SERVICE,
        settings=settings,
        common=common,
        worker=worker,
        routers=ROUTERS,
        reactions=REACTIONS,
        uploads=UPLOADS,
    )
    app.state.nik_vault = NikVault(settings.nik_keys, settings.nik_index_key)
    app.state.import_store = import_store(settings)
    return app


if __name__ == "__main__":
    run_api(SERVICE, Settings, build)
