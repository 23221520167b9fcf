"""PostgreSQL: one transaction per request or message, opened with its row-level-security context.

SQLAlchemy owns the connections and builds every query whose shape depends on the caller. Fixed
statements, BEGIN and COMMIT among them, go to asyncpg directly on the same connection: measured, a
fixed statement costs about half the processor time that way.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from asyncpg.transaction import Transaction
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql import Executable

from shared.errors import Unavailable
from shared.failpoints import hit

_CONTEXT: Final = """
    select now(), set_config('app.actor', $1, true), set_config('app.area_from', $2, true),
           set_config('app.area_to', $3, true)
"""

CONNECTION_LOST: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    PoolTimeout,
    TimeoutError,
    OSError,
)
"""What asyncpg, the pool and the socket raise when PostgreSQL is away or going away."""


@dataclass(frozen=True, slots=True)
class RowScope:
    """Who acts and the range of area codes row-level security lets through (C collation).

    The empty range lets no row through, so a transaction without a scope sees nothing.
    """

    actor: UUID | None = None
    area_from: str = ""
    area_to: str = ""


NO_SCOPE: Final = RowScope()


class Tx:
    """One open transaction; `now` is the database's time at its start."""

    __slots__ = ("_driver", "connection", "now")

    def __init__(
        self, connection: AsyncConnection, driver: asyncpg.Connection, now: datetime
    ) -> None:
        self.connection = connection
        self._driver = driver
        self.now = now

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement built with SQLAlchemy."""
        return await self.connection.execute(statement, parameters)

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        """Run fixed SQL with $1-style parameters and return its rows."""
        rows: list[Any] = await self._driver.fetch(sql, *values)
        return rows

    async def fetchrow(self, sql: str, *values: Any) -> Any | None:
        """Run fixed SQL and return its first row, or None."""
        return await self._driver.fetchrow(sql, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        """Run fixed SQL and return the first value of its first row, or None."""
        return await self._driver.fetchval(sql, *values)

    def savepoint(self) -> Any:
        """A part that can fail alone: `async with tx.savepoint(): ...`."""
        return self._driver.transaction()


class Database:
    """A pool of connections under one login role."""

    def __init__(self, url: str, *, pool_size: int = 10, name: str = "sinergi") -> None:
        self.engine: AsyncEngine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1),
            # Transactions are begun and ended on the driver, see `_begin`.
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            connect_args={
                "timeout": 5,
                "command_timeout": 10,
                "server_settings": {
                    "application_name": name,
                    "statement_timeout": "5000",
                    "lock_timeout": "5000",
                    "idle_in_transaction_session_timeout": "15000",
                    "jit": "off",
                },
            },
        )
        self.url = url

    @contextlib.asynccontextmanager
    async def transaction(
        self, scope: RowScope = NO_SCOPE, *, durable: bool = True
    ) -> AsyncIterator[Tx]:
        """Open a transaction in `scope`, commit at the end, roll back on any error.

        With `durable=False` the commit does not wait for the disk: only for marks whose loss
        does no harm. Raises `Unavailable` when the database is away; nothing was changed then.
        """
        try:
            connection, work, tx = await self._open(scope)
        except DBAPIError as error:
            raise _translated(error) from error
        except CONNECTION_LOST as error:
            raise Unavailable from error
        try:
            try:
                if not durable:
                    await tx.fetch("set local synchronous_commit = off")
                yield tx
                if durable:
                    hit("commit.before")
                await work.commit()
                if durable:
                    hit("commit.after")
            except BaseException:
                await self._roll_back(connection, work)
                raise
        except DBAPIError as error:
            translated = _translated(error)
            if isinstance(translated, Unavailable):
                await self._forget(connection)
            raise translated from error
        except CONNECTION_LOST as error:
            if not is_loss(error):
                raise
            await self._forget(connection)
            raise Unavailable from error
        finally:
            with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
                await connection.close()

    async def _roll_back(self, connection: AsyncConnection, work: Transaction) -> None:
        try:
            await work.rollback()
        except (*CONNECTION_LOST, asyncpg.PostgresError):
            # Never back into the pool with a transaction half open.
            with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
                await connection.invalidate()

    async def _open(self, scope: RowScope) -> tuple[AsyncConnection, Transaction, Tx]:
        try:
            return await self._begin(scope)
        except (*CONNECTION_LOST, DBAPIError) as error:
            if isinstance(error, PoolTimeout):
                raise
            # Pooled connections die together with the server: drop them all, try once afresh.
            await self.engine.dispose()
            return await self._begin(scope)

    async def _begin(self, scope: RowScope) -> tuple[AsyncConnection, Transaction, Tx]:
        connection = await self.engine.connect()
        try:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            work = driver.transaction()
            await work.start()
            actor = str(scope.actor) if scope.actor else ""
            now = await driver.fetchval(_CONTEXT, actor, scope.area_from, scope.area_to)
        except BaseException:
            with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
                await connection.invalidate()
                await connection.close()
            raise
        return connection, work, Tx(connection, driver, now)

    async def _forget(self, connection: AsyncConnection) -> None:
        with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
            await connection.invalidate()
        with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
            await self.engine.dispose()

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()


def is_loss(error: BaseException) -> bool:
    """A cancelled statement or a value of the wrong type is the request's fault, not a loss."""
    return isinstance(error, CONNECTION_LOST) and not isinstance(
        error, asyncpg.QueryCanceledError | ValueError
    )


def _translated(error: DBAPIError) -> Exception:
    cause = error.orig.__cause__ if error.orig is not None else None
    if error.connection_invalidated or (cause is not None and is_loss(cause)):
        return Unavailable()
    return cause if isinstance(cause, Exception) else error
