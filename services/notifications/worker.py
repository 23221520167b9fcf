"""The message process of notifications."""

from services.notifications.reactions import REACTIONS
from services.notifications.settings import Settings
from services.notifications.use_cases import StreamSweeper
from shared.process import run_worker
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "notifications"


def build(settings: Settings, common: CommonSettings) -> Worker:
    """Everything notifications does without being asked over HTTP."""
    return Worker(
        SERVICE,
        settings=settings,
        common=common,
        reactions=REACTIONS,
        extra=[StreamSweeper],
    )


if __name__ == "__main__":
    run_worker(SERVICE, Settings, build)
