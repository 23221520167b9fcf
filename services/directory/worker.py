"""The message process of directory."""

import asyncio
from typing import Final

import asyncpg

from services.directory.reactions import REACTIONS
from services.directory.settings import Settings
from services.directory.use_cases.forget_old_sign_ins import forget_old_sign_ins
from services.directory.use_cases.release_former_workers import release_former_workers
from shared.audit import AuditSealer
from shared.database import CONNECTION_LOST, Database
from shared.errors import Unavailable
from shared.http import serve
from shared.logging import configure_logging, get_logger
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "directory"
ROUND_SECONDS: Final = 60.0


class Rounds:
    """Does what falls due by the calendar alone, with nobody asking for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Go round every minute until cancelled; faults are waited out."""
        while True:
            try:
                await self.go()
            except (Unavailable, asyncpg.PostgresError, *CONNECTION_LOST) as error:
                get_logger().warning("rounds_wait", error=type(error).__name__)
            await asyncio.sleep(ROUND_SECONDS)

    async def go(self) -> None:
        """Release workers whose last duty ran out; forget sessions and attempts past their time."""
        async with self._database.transaction() as tx:
            released = await release_former_workers(tx=tx)
        if released:
            get_logger().info("workers_released", count=released)
        async with self._database.transaction() as tx:
            await forget_old_sign_ins(tx=tx)


def build(settings: Settings, common: CommonSettings) -> Worker:
    """Everything directory does without being asked over HTTP."""
    return Worker(
        SERVICE,
        settings=settings,
        common=common,
        reactions=REACTIONS,
        extra=[AuditSealer, Rounds],
    )


def main() -> None:
    """Run the message work alone, with probes beside it."""
    settings, common = Settings(), CommonSettings()
    configure_logging(f"{SERVICE}-worker", common.log_level)
    worker = build(settings, common)
    serve(worker.app(SERVICE), host=settings.host, port=settings.worker_port or settings.port + 100)


if __name__ == "__main__":
    main()
