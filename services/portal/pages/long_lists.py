"""Lists that go on: a first batch, more when asked, and all that is shown when it changes."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Query

from services.portal.clients.answers import Answer, Listed

BATCH: Final = 50
"""Rows at first and with each "Muat lagi": what a cheap phone draws without a pause."""
_MOST_AT_ONCE: Final = 100
_MOST_CALLS: Final = 10

A = TypeVar("A", bound=Answer)
Fetch = Callable[[str | None, int], Awaitable[Listed[A]]]
"""Asks a service for rows after a cursor, so many at most."""

Cursor = Annotated[str | None, Query(max_length=200)]
Shown = Annotated[int, Query(ge=1, le=_MOST_AT_ONCE * _MOST_CALLS)]
"""How many rows the page shows already, and a refresh brings again."""


@dataclass(frozen=True, slots=True)
class More:
    """Where the rest of a list is: as a page of its own, and alone, to be put below."""

    page: str
    part: str


def more(address: str, cursor: str | None, **narrowed: str) -> More | None:
    """The rest of a list that stands at this address; None when there is none."""
    if cursor is None:
        return None
    query = urlencode({**narrowed, "kursor": cursor})
    return More(f"{address}?{query}", f"{address}/lagi?{query}")


async def rows(
    fetch: Fetch[A],
    *,
    cursor: str | None,
    wanted: int = BATCH,
    fits: Callable[[A], bool] = lambda _: True,
) -> Listed[A]:
    """At least so many rows that fit, if a few calls bring them, and where the list goes on."""
    found: list[A] = []
    # Whole batches: what is new since the page was drawn has room on it.
    wanted = math.ceil(wanted / BATCH) * BATCH
    for _ in range(_MOST_CALLS):
        listed = await fetch(cursor, min(wanted, _MOST_AT_ONCE))
        found += filter(fits, listed.items)
        cursor = listed.next
        if cursor is None or len(found) >= wanted:
            break
    return Listed(found, cursor)
