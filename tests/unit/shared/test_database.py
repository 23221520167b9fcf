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
