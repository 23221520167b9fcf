"""Statements that share a round trip to PostgreSQL.

A short request is bound by its round trips and not by its statements: measured, one less is a
twentieth of what sending a referral costs. So a statement may ride with the beginning of its
transaction, and a write whose answer nobody waits for with the next one that comes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, Final

CONTEXT: Final = """
    select now() as now, set_config('app.actor', $1, true),
           set_config('app.area_from', $2, true), set_config('app.area_to', $3, true)
"""
_CONTEXT_SIZE: Final = 3

Text = Callable[[int], str]
"""SQL whose parameters begin at this number; a function of a module, for it is remembered by."""


class Opening:
    """A query that rides with the beginning of a transaction and gives at most one value.

    It selects from `context`, so that the scope is set before it runs.
    """

    __slots__ = ("text", "values")

    def __init__(self, text: Text, *values: Any) -> None:
        self.text = text
        self.values = values


@dataclass(frozen=True, slots=True)
class Write:
    """CTEs that write, and the names of those that run only if they are read."""

    text: Text
    size: int
    """How many parameters it has."""
    read: tuple[str, ...] = ()


@cache
def opening_sql(openings: tuple[tuple[Text, int], ...]) -> str:
    """The beginning of a transaction with these openings: `now` and a value of each."""
    firsts = _firsts(_CONTEXT_SIZE, [size for _, size in openings])
    parts = [
        f"opening_{at} as ({text(first)})"
        for at, ((text, _), first) in enumerate(zip(openings, firsts, strict=True))
    ]
    values = [f"(table opening_{at})" for at in range(len(openings))]
    return f"""
        with context as materialized ({CONTEXT}), {", ".join(parts)}
        select now, {", ".join(values)} from context
    """  # noqa: S608 - our own statements, values are parameters


@cache
def written_sql(writes: tuple[Write, ...]) -> str:
    """One statement that does all these writes; their CTEs bear different names."""
    firsts = _firsts(0, [write.size for write in writes])
    parts = [write.text(first) for write, first in zip(writes, firsts, strict=True)]
    counts = [f"(select count(*) from {name})" for write in writes for name in write.read]  # noqa: S608 - our own names
    return f"with {', '.join(parts)} select {', '.join(counts) or 'null'}"


def _firsts(before: int, sizes: list[int]) -> list[int]:
    return [1 + first for first in accumulate(sizes[:-1], initial=before)]
