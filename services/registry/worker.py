"""The message process of registry."""

from functools import partial

from services.registry.reactions import REACTIONS
from services.registry.rounds import (
    announcer,
    birthdays,
    count_folder,
    forgetter,
    import_sweeper,
    importer,
    marker,
    protector,
)
from services.registry.settings import Settings, import_store
from services.registry.storage.field_encryption import NikVault
from shared.audit import AuditSealer
from shared.process import run_worker
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "registry"


def build(settings: Settings, common: CommonSettings) -> Worker:
    """Everything registry does without being asked over HTTP."""
    vault, store = NikVault(settings.nik_keys, settings.nik_index_key), import_store(settings)
    return Worker(
        SERVICE,
        settings=settings,
        common=common,
        reactions=REACTIONS,
        extra=[
            AuditSealer,
            announcer,
            birthdays,
            count_folder,
            protector,
            forgetter,
            partial(marker, vault=vault),
            partial(importer, vault=vault, store=store),
            partial(import_sweeper, store=store),
        ],
    )


if __name__ == "__main__":
    run_worker(SERVICE, Settings, build)
