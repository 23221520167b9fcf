"""Human case numbers, taken in blocks so that two senders never wait for each other's commit."""

import asyncio
from typing import Final

from services.cases.domain.case import number_for
from shared.database import Database

BLOCK: Final = 20
"""A stopped process leaves at most this many numbers of a regency unused."""

_TAKE_SQL: Final = """
    insert into case_numbers as n (regency, year, next) values ($1, $2, $3 + 1)
    on conflict (regency, year) do update set next = n.next + $3
    returning next - $3
"""


class CaseNumbers:
    """Hands out numbers unique within a regency and year."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._blocks: dict[tuple[str, int], range] = {}
        self._lock = asyncio.Lock()

    async def next(self, regency: str, year: int) -> str:
        """The next number; commits a new block by itself when the last one is used up."""
        async with self._lock:
            block = self._blocks.get((regency, year), range(0))
            if not block:
                async with self._database.transaction() as tx:
                    first = await tx.fetchval(_TAKE_SQL, regency, year, BLOCK)
                block = range(first, first + BLOCK)
            self._blocks[regency, year] = block[1:]
        return number_for(regency, year, block[0])
