"""The message process of directory."""

from typing import Final

from services.directory.reactions import REACTIONS
from services.directory.settings import Settings
from services.directory.use_cases.forget_old_sign_ins import forget_old_sign_ins
from services.directory.use_cases.release_former_workers import release_former_workers
from shared.audit import AuditSealer
from shared.database import Database
from shared.logging import get_logger
from shared.process import run_worker
from shared.rounds import Rounds
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "directory"
ROUND_SECONDS: Final = 60.0


def rounds(database: Database) -> Rounds:
    """Release workers whose last duty ran out; forget sessions and attempts past their time."""

    async def go() -> None:
        async with database.transaction() as tx:
            released = await release_former_workers(tx=tx)
        if released:
            get_logger().info("workers_released", count=released)
        async with database.transaction() as tx:
            await forget_old_sign_ins(tx=tx)

    return Rounds("calendar", ROUND_SECONDS, go)


def build(settings: Settings, common: CommonSettings) -> Worker:
    """Everything directory does without being asked over HTTP."""
    return Worker(
        SERVICE,
        settings=settings,
        common=common,
        reactions=REACTIONS,
        extra=[AuditSealer, rounds],
    )


if __name__ == "__main__":
    run_worker(SERVICE, Settings, build)
