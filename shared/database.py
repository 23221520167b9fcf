"""PostgreSQL: one transaction per request or message, opened with its row-level-security context.

SQLAlchemy owns the connections and builds every query whose shape depends on the caller. Fixed
statements, BEGIN and COMMIT among them, go to asyncpg directly on the same connection: measured, a
fixed statement costs about half the processor time that way.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import asyncpg
from asyncpg.transaction import Transaction
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql import Executable

from shared.errors import Unavailable
from shared.failpoints import hit
from shared.row_scope import NO_SCOPE, RowScope
from shared.trips import CONTEXT, Opening, Write, opening_sql, written_sql

_TURN_SECONDS: Final = 5.0
_SCOPE: Final = """
    select current_setting('app.area_from', true), current_setting('app.area_to', true)
"""
_LAST: Final = "~"
"""Lies behind every area code."""
_AREAS: Final = "select set_config('app.area_from', $1, true), set_config('app.area_to', $2, true)"
CONNECTION_LOST: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
    OSError,
)
"""What asyncpg and the socket raise when PostgreSQL is away or going away."""


class Tx:
    """One open transaction; `now` is the database's time at its start.

    `opened` are the values of the queries that rode with its beginning. `audited` are the records
    it wrote to the audit trail so far, in the order of the first row of each.
    """

    __slots__ = (
        "_builder", "_driver", "_engine", "_pooled", "_waiting", "audited", "now", "opened",
    )  # fmt: skip

    def __init__(
        self,
        engine: AsyncEngine,
        pooled: PoolProxiedConnection,
        driver: asyncpg.Connection,
        opened: Sequence[Any],
    ) -> None:
        self._engine = engine
        self._pooled = pooled
        self._driver = driver
        self._builder: AsyncConnection | None = None
        self._waiting: list[tuple[Write, Sequence[Any]]] = []
        self.audited: dict[UUID, None] = {}
        self.now: datetime = opened[0]
        self.opened = opened[1:]

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement built with SQLAlchemy."""
        await self.write_waiting()
        if self._builder is None:
            # Made when first asked for: most transactions run fixed statements alone.
            under = Connection(self._engine.sync_engine, self._pooled)
            self._builder = AsyncConnection(self._engine, under)
        return await self._builder.execute(statement, parameters)

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        """Run fixed SQL with $1-style parameters and return its rows."""
        await self.write_waiting()
        rows: list[Any] = await self._driver.fetch(sql, *values)
        return rows

    async def fetchrow(self, sql: str, *values: Any) -> Any | None:
        """Run fixed SQL and return its first row, or None."""
        await self.write_waiting()
        return await self._driver.fetchrow(sql, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        """Run fixed SQL and return the first value of its first row, or None."""
        await self.write_waiting()
        return await self._driver.fetchval(sql, *values)

    async def write(self, write: Write, values: Sequence[Any]) -> None:
        """Do this write before any other statement runs and before the commit."""
        if any(write is other for other, _ in self._waiting):
            # Two of a kind have CTEs of one name.
            await self.write_waiting()
        self._waiting.append((write, values))

    async def write_waiting(self) -> None:
        """Do what waits, in one statement."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            values = [value for _, some in waiting for value in some]
            await self._driver.fetch(written_sql(tuple(write for write, _ in waiting)), *values)

    @contextlib.asynccontextmanager
    async def beyond_scope(self) -> AsyncIterator[None]:
        """Row-level security lets the rows of every area through inside.

        Only for a rule that must not depend on who asks, such as whether anything is left open;
        never for what is shown.
        """
        before = await self.fetchrow(_SCOPE)
        assert before is not None
        await self.fetchrow(_AREAS, "", _LAST)
        yield
        await self.fetchrow(_AREAS, *before)

    @contextlib.asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part that can fail alone: `async with tx.savepoint(): ...`."""
        await self.write_waiting()
        async with self._driver.transaction():
            try:
                yield
            except BaseException:
                self._waiting.clear()
                raise
            await self.write_waiting()


def connector(url: str, **options: Any) -> Callable[[], Awaitable[asyncpg.Connection]]:
    """How an engine opens a connection.

    The driver reads the URL itself: SQLAlchemy knows no `sslmode`, `sslrootcert` and the like.
    """
    return partial(
        asyncpg.connect, url.replace("postgresql+asyncpg://", "postgresql://", 1), **options
    )


class Database:
    """A pool of connections under one login role."""

    def __init__(
        self, url: str, *, pool_size: int = 10, name: str = "sinergi", patient: bool = False
    ) -> None:
        """`patient` lets a statement take as long as it needs: for an operator's commands alone."""
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connector(
                url,
                timeout=5,
                command_timeout=None if patient else 10,
                server_settings={
                    "application_name": name,
                    "statement_timeout": "0" if patient else "5000",
                    "lock_timeout": "5000",
                    "idle_in_transaction_session_timeout": "15000",
                    "jit": "off",
                    # Starting helpers for one statement costs more than most of ours take, and
                    # takes the cores from everybody else's.
                    "max_parallel_workers_per_gather": "0",
                },
            ),
            # Transactions are begun and ended on the driver, see `_begin`.
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            # And nothing is left for the pool to roll back.
            pool_reset_on_return=None,
        )
        # Callers queue here and not in the pool, which wakes nobody when a connection cannot be
        # made: behind the first few, all others would wait out their time for a PostgreSQL that
        # refused at once.
        self._turns = asyncio.Semaphore(pool_size)
        self.url = url

    @contextlib.asynccontextmanager
    async def transaction(
        self, scope: RowScope = NO_SCOPE, *, durable: bool = True, openings: Sequence[Opening] = ()
    ) -> AsyncIterator[Tx]:
        """Open a transaction in `scope`, commit at the end, roll back on any error.

        With `durable=False` the commit does not wait for the disk: only for marks whose loss
        does no harm. Raises `Unavailable` when the database is away; nothing was changed then.
        """
        pooled, work, tx = await self._open(scope, openings)
        try:
            try:
                if not durable:
                    await tx.fetch("set local synchronous_commit = off")
                yield tx
                await tx.write_waiting()
                if durable:
                    hit("commit.before")
                await work.commit()
                if durable:
                    hit("commit.after")
            except BaseException:
                await self._roll_back(pooled, work)
                raise
        except DBAPIError as error:
            translated = _translated(error)
            if isinstance(translated, Unavailable):
                await self._forget(pooled)
            raise translated from error
        except CONNECTION_LOST as error:
            if not is_loss(error):
                raise
            await self._forget(pooled)
            raise Unavailable from error
        finally:
            try:
                with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
                    pooled.close()
            finally:
                self._turns.release()

    async def _roll_back(self, pooled: PoolProxiedConnection, work: Transaction) -> None:
        try:
            await work.rollback()
        except (*CONNECTION_LOST, asyncpg.PostgresError):
            # Never back into the pool with a transaction half open.
            with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
                pooled.invalidate()

    async def _open(
        self, scope: RowScope, openings: Sequence[Opening]
    ) -> tuple[PoolProxiedConnection, Transaction, Tx]:
        try:
            await self._take_turn()
            try:
                return await self._begin_in_spite(scope, openings)
            except BaseException:
                self._turns.release()
                raise
        except DBAPIError as error:
            raise _translated(error) from error
        except CONNECTION_LOST as error:
            if not is_loss(error):
                raise
            raise Unavailable from error

    async def _take_turn(self) -> None:
        if self._turns.locked():
            async with asyncio.timeout(_TURN_SECONDS):
                await self._turns.acquire()
        else:
            # A clock for a wait that ends at once costs more than the turn itself.
            await self._turns.acquire()

    async def _begin_in_spite(
        self, scope: RowScope, openings: Sequence[Opening]
    ) -> tuple[PoolProxiedConnection, Transaction, Tx]:
        """Begin; where connections are lost, a second time on fresh ones."""
        try:
            return await self._begin(scope, openings)
        except (*CONNECTION_LOST, DBAPIError) as error:
            if isinstance(error, CONNECTION_LOST) and not is_loss(error):
                raise
            # Pooled connections die together with the server: drop them all.
            await self.engine.dispose()
            return await self._begin(scope, openings)

    async def _begin(
        self, scope: RowScope, openings: Sequence[Opening]
    ) -> tuple[PoolProxiedConnection, Transaction, Tx]:
        try:
            pooled = await self.engine.raw_connection()
        except AsyncAdapt_asyncpg_dbapi.Error as error:
            # What the driver said lies beneath SQLAlchemy's own wrapping.
            raise error.__cause__ or error from None
        try:
            driver = pooled.driver_connection
            assert driver is not None
            work = driver.transaction()
            await work.start()
            actor = str(scope.actor) if scope.actor else ""
            values = [actor, scope.area_from, scope.area_to]
            sql = CONTEXT
            if openings:
                sql = opening_sql(tuple((one.text, len(one.values)) for one in openings))
                values += [value for one in openings for value in one.values]
            opened = await driver.fetchrow(sql, *values)
        except BaseException:
            with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
                pooled.invalidate()
                pooled.close()
            raise
        return pooled, work, Tx(self.engine, pooled, driver, opened)

    async def _forget(self, pooled: PoolProxiedConnection) -> None:
        with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
            pooled.invalidate()
        with contextlib.suppress(*CONNECTION_LOST, DBAPIError):
            await self.engine.dispose()

    async def answers(self) -> bool:
        """Whether a transaction can be opened now; raises as `transaction` does."""
        async with self.transaction() as tx:
            await tx.fetchval("select 1")
        return True

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
