"""The message process of cases."""

from services.cases.reactions import REACTIONS
from services.cases.settings import Settings
from shared.audit import AuditSealer
from shared.http import serve
from shared.logging import configure_logging
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
        extra=[AuditSealer],
    )


def main() -> None:
    """Run the message work alone, with probes beside it."""
    settings, common = Settings(), CommonSettings()
    configure_logging(f"{SERVICE}-worker", common.log_level)
    worker = build(settings, common)
    serve(worker.app(SERVICE), host=settings.host, port=settings.worker_port or settings.port + 100)


if __name__ == "__main__":
    main()
