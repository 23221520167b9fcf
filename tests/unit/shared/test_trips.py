"""Statements that share a round trip: numbers that do not collide, texts made once."""

import re

from hypothesis import given
from hypothesis import strategies as st

from shared.trips import Opening, Text, Write, opening_sql, written_sql


def numbers(sql: str) -> list[int]:
    return [int(one) for one in re.findall(r"\$(\d+)", sql)]


def asking(first: int) -> str:
    return f"select ${first}::text || ${first + 1}::text from context"  # noqa: S608 - parameter numbers


def saying(first: int) -> str:
    return f"select ${first}::text from context"  # noqa: S608 - parameter numbers


def write_of(name: str, size: int, *, read: bool) -> Write:
    def text(first: int) -> str:
        values = ", ".join(f"${first + at}" for at in range(size))
        return f"{name} as (select f({values}))"

    return Write(text, size, (name,) if read else ())


@given(st.lists(st.sampled_from([(asking, 2), (saying, 1)]), min_size=1, max_size=6))
def test_each_opening_has_parameters_of_its_own_after_those_of_the_context(
    openings: list[tuple[Text, int]],
) -> None:
    sql = opening_sql(tuple(openings))
    assert sorted(numbers(sql)) == list(range(1, 4 + sum(size for _, size in openings)))
    assert sql.count("(table opening_") == len(openings)


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=6))
def test_writes_keep_their_order_their_parameters_and_what_must_be_read(
    shapes: list[tuple[int, bool]],
) -> None:
    writes = [write_of(f"w{at}", size, read=read) for at, (size, read) in enumerate(shapes)]
    sql = written_sql(tuple(writes))
    assert numbers(sql) == list(range(1, 1 + sum(size for size, _ in shapes)))
    for at, (_, read) in enumerate(shapes):
        assert (f"from w{at})" in sql) is read


def test_an_opening_carries_its_values_in_their_order() -> None:
    opening = Opening(asking, "a", "b")
    assert (opening.text, opening.values) == (asking, ("a", "b"))
