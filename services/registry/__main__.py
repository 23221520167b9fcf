"""Registry in one process: HTTP and message work together, as the embedded run starts it."""

from services.registry import main, worker
from services.registry.settings import Settings
from shared.http import serve
from shared.logging import configure_logging
from shared.settings import CommonSettings

if __name__ == "__main__":
    settings, common = Settings(), CommonSettings()
    configure_logging(main.SERVICE, common.log_level)
    serve(
        main.build(settings, common, worker.build(settings, common)),
        host=settings.host,
        port=settings.port,
    )
