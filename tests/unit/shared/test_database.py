import asyncio

import pytest

from shared.database import Database
from shared.errors import Unavailable
from tests.fixtures.stack import free_port


async def test_however_many_ask_for_a_database_that_is_away_each_is_refused_at_once() -> None:
    database = Database(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing", pool_size=2)

    async def ask() -> None:
        with pytest.raises(Unavailable):
            async with database.transaction():
                pass

    async with asyncio.timeout(3):
        await asyncio.gather(*(ask() for _ in range(20)))


async def test_a_database_that_is_still_starting_up_is_away() -> None:
    async with await asyncio.start_server(say_that_it_starts_up, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        database = Database(f"postgresql://nobody@127.0.0.1:{port}/nothing?sslmode=disable")
        with pytest.raises(Unavailable):
            async with database.transaction():
                pass


async def say_that_it_starts_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as PostgreSQL does between its start and the end of recovery."""
    await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
    fields = b"SFATAL\0C57P03\0Mthe database system is starting up\0\0"
    writer.write(b"E" + (len(fields) + 4).to_bytes(4) + fields)
    await writer.drain()
    writer.close()
