"""The message process of a service: relay, consumer, reconciler and housekeeping together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from redis.asyncio import Redis

from shared.auth import ServiceToken
from shared.database import Database
from shared.ending import end
from shared.health import Check, health_routes
from shared.logging import get_logger
from shared.messaging.consumer import Consumer
from shared.messaging.housekeeping import Housekeeping
from shared.messaging.inbox import Reactions
from shared.messaging.reconciler import Reconciler
from shared.messaging.relay import Relay, RelayOptions
from shared.routes import give_routes, public
from shared.settings import CommonSettings, ServiceSettings


class Worker:
    """Runs a service's background work inside any event loop."""

    def __init__(
        self,
        service: str,
        *,
        settings: ServiceSettings,
        common: CommonSettings,
        reactions: Reactions,
        extra: Sequence[Callable[[Database], Any]] = (),
    ) -> None:
        """`extra` makes further loops of the service, objects with an endless `run()`."""
        self.database = Database(
            settings.worker_database_url, pool_size=6, name=f"{service}-worker"
        )
        redis = Redis.from_url(common.redis_url, socket_timeout=5)
        publishers = {event.publisher for event in reactions}
        self._service = service
        streams = [f"{common.redis_prefix}:ev:{name}" for name in sorted(publishers)]
        self._redis = redis
        self._loops: list[Any] = [
            Relay(
                service,
                self.database,
                redis,
                prefix=common.redis_prefix,
                options=RelayOptions(
                    check_loss=settings.relay_check_loss, lock=settings.relay_lock
                ),
            ),
            Housekeeping(service, self.database, redis, streams),
            *(make(self.database) for make in extra),
        ]
        self.checks: dict[str, Check] = {"worker_database": self.database.answers}
        if reactions:
            consumer = Consumer(
                service,
                slot=settings.slot,
                redis_url=common.redis_url,
                prefix=common.redis_prefix,
                database=self.database,
                reactions=reactions,
                claim_after_ms=settings.claim_after_ms,
            )
            self._loops.append(consumer)
            self._loops.append(
                Reconciler(
                    service,
                    database=self.database,
                    reactions=reactions,
                    publishers=_publisher_urls(common, publishers),
                    token=ServiceToken(common.directory_url, service, settings.client_secret),
                    every_seconds=settings.reconcile_seconds,
                )
            )
            self.checks["consumer"] = _all_of(consumer)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run every loop for as long as the block is open; one that ends is started again."""
        tasks = [asyncio.create_task(_for_ever(loop)) for loop in self._loops]
        try:
            yield
        finally:
            await end(tasks)
            await self._redis.aclose()
            await self.database.close()

    def app(self) -> FastAPI:
        """The app of a worker that runs apart from its API: probes and metrics only."""

        @contextlib.asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            async with self.running():
                yield

        app = FastAPI(title=f"Sinergi {self._service} worker", lifespan=lifespan, openapi_url=None)
        give_routes(app, health_routes(self.checks, public("probes carry no data")))
        return app


async def _for_ever(loop: Any) -> None:
    """A loop of ours must outlive any fault: log it, wait a moment, begin again."""
    while True:
        try:
            run: Coroutine[Any, Any, None] = loop.run()
            await run
        except Exception as error:  # noqa: BLE001 - whatever it was, the others depend on us
            name = getattr(loop, "name", type(loop).__name__)
            get_logger().error("loop_failed", loop=name, error=_names(error))
        await asyncio.sleep(0.5)


def _names(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(_names(inner) for inner in error.exceptions)
    return type(error).__name__


def _all_of(consumer: Consumer) -> Check:
    async def check() -> bool:
        answers = await consumer.checks()
        return bool(answers) and all(answers.values())

    return check


def _publisher_urls(common: CommonSettings, publishers: set[str]) -> Mapping[str, str]:
    known = {
        "directory": common.directory_url,
        "registry": common.registry_url,
        "cases": common.cases_url,
        "notifications": common.notifications_url,
    }
    return {name: known[name] for name in publishers}
