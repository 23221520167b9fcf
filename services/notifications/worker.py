"""The message process of notifications."""

from services.notifications.reactions import REACTIONS
from services.notifications.settings import Settings
from services.notifications.use_cases import StreamSweeper
from shared.http import serve
from shared.logging import configure_logging
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


def main() -> None:
    """Run the message work alone, with probes beside it."""
    settings, common = Settings(), CommonSettings()
    configure_logging(f"{SERVICE}-worker", common.log_level)
    worker = build(settings, common)
    serve(worker.app(SERVICE), host=settings.host, port=settings.worker_port or settings.port + 100)


if __name__ == "__main__":
    main()
