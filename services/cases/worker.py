"""The message process of cases."""

from functools import partial

from services.cases.reactions import REACTIONS
from services.cases.settings import Settings, attachment_store
from services.cases.sweeper import attachment_sweeper, count_folder, sweeper
from shared.audit import AuditSealer
from shared.process import run_worker
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "cases"


def build(settings: Settings, common: CommonSettings) -> Worker:
    """Everything cases does without being asked over HTTP."""
    return Worker(
        SERVICE,
        settings=settings,
        common=common,
        reactions=REACTIONS,
        extra=[
            AuditSealer,
            sweeper,
            count_folder,
            partial(attachment_sweeper, store=attachment_store(settings)),
        ],
    )


if __name__ == "__main__":
    run_worker(SERVICE, Settings, build)
