"""Nobody who is withheld can be worked out: every answer a stranger can get is put together here.

The solver knows what any reader knows: parts add up to the whole, nobody is in more categories than
there are people, and everybody is in one. It eliminates exactly and narrows ranges until nothing
moves; a small count that was withheld must keep more than one possible value.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.registry.domain.age_bands import Band, CountedSex
from services.registry.domain.sight_of_counts import OPEN, Sight, within
from services.registry.domain.suppression import ALL, told_of_parts, told_of_whole, withheld

PROVINCE = "35"
REGENCIES = ("35.01", "35.02", "35.03")
DISTRICTS = ("35.01.01", "35.01.02", "35.01.03", "35.02.01", "35.03.01", "35.03.02")
VILLAGES = tuple(f"{one}.{number}" for one in DISTRICTS for number in (2001, 2002, 2003))
AREAS = (PROVINCE, *REGENCIES, *DISTRICTS, *VILLAGES)
CODES = ("FM", "LUT", "PD", "GLD")
SPECIAL = "ODHA"
SEXES = (CountedSex.FEMALE, CountedSex.MALE)
BANDS = (Band.CHILD, Band.ADULT, Band.ELDER)
ASKED = tuple(product(SEXES, BANDS))

# Shrinking a world takes longer than reading it.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)

Person = tuple[str, frozenset[str], CountedSex, Band]
Cell = tuple[str, str, str, str]


def parts_of(area: str) -> tuple[str, ...]:
    return tuple(one for one in AREAS if one.rpartition(".")[0] == area)


def people_of(villages: Iterable[str]) -> st.SearchStrategy[list[Person]]:
    categories = st.frozensets(st.sampled_from(CODES), min_size=1, max_size=2) | st.sampled_from(
        [frozenset({code}) for code in (*CODES, SPECIAL)]
    )
    person = st.tuples(
        st.sampled_from(tuple(villages)),
        categories,
        st.sampled_from(SEXES),
        st.sampled_from(BANDS),
    )
    # Many who are alike, so that there are large counts beside the small ones.
    return st.lists(st.tuples(person, st.sampled_from((1, 1, 2, 3, 5, 7, 12))), max_size=30).map(
        lambda some: [one for one, times in some for _ in range(times)]
    )


def counted(people: Iterable[Person]) -> Counter[Cell]:
    """What the database holds, counted the plain way."""
    cells: Counter[Cell] = Counter()
    for village, categories, sex, band in people:
        for area in AREAS:
            if within(village, area):
                told = [one for one in categories if one in OPEN]
                codes = [*told, ALL] if told else []
                if len(area) <= len("35.01"):
                    codes += [one for one in categories if one not in OPEN]
                for code, (one, other) in product(codes, ((ALL, ALL), (sex, band))):
                    cells[area, one, other, code] += 1
    return cells


class Reader:
    """Somebody who asks for everything, and keeps the answers as equations."""

    def __init__(self, people: list[Person], own: tuple[str, ...] = ()) -> None:
        self.cells = counted(people)
        self.own_cells = counted(one for one in people if any(within(one[0], area) for area in own))
        totals: dict[str, dict[str, int]] = {}
        by_leaf: dict[tuple[str, str], dict[tuple[CountedSex, Band], int]] = {}
        for (area, sex, band, code), count in self.cells.items():
            if sex == ALL:
                totals.setdefault(area, {})[code] = count
            else:
                leaf = (CountedSex(sex), Band(band))
                by_leaf.setdefault((area, code), {})[leaf] = count
        self.sight = Sight(own, parts_of, totals, by_leaf)
        self.known: dict[Cell, int] = {}
        self.hidden: set[Cell] = set()
        for area, code in product(AREAS, (ALL, *CODES)):
            self._ask((area, ALL, ALL, code), self.sight.count(area, code))
        for area in (PROVINCE, *REGENCIES):
            self._ask((area, ALL, ALL, SPECIAL), self.sight.count(area, SPECIAL))
        for area, leaf in product(AREAS, ASKED):
            self._ask((area, *leaf, ALL), self.sight.count(area, ALL, [leaf]))
        self.sums = list(self._sums())

    def _ask(self, cell: Cell, answer: int | None) -> None:
        if answer is None:
            self.hidden.add(cell)
        else:
            assert answer == self.cells[cell], cell
            self.known[cell] = answer

    def _sums(self) -> Iterable[tuple[Cell, list[Cell]]]:
        """A cell, and the cells that add up to it."""
        for whole in (PROVINCE, *REGENCIES, *DISTRICTS):
            for leaf, code in (
                *(((ALL, ALL), one) for one in (ALL, *CODES)),
                *((leaf, ALL) for leaf in ASKED),
            ):
                yield (whole, *leaf, code), [(one, *leaf, code) for one in parts_of(whole)]
        yield (PROVINCE, ALL, ALL, SPECIAL), [(one, ALL, ALL, SPECIAL) for one in REGENCIES]
        for area in AREAS:
            yield (area, ALL, ALL, ALL), [(area, *leaf, ALL) for leaf in ASKED]

    def few_of_the_whole(self) -> list[Cell]:
        """Categories withheld of the province because they are small, its total being told."""
        everybody = (PROVINCE, ALL, ALL, ALL)
        if everybody in self.hidden:
            return []
        of_whole = ((PROVINCE, ALL, ALL, code) for code in CODES)
        return [
            cell
            for cell in of_whole
            if cell in self.hidden and self.cells[cell] - self.own_cells[cell] < 5
        ]

    def in_danger(self) -> list[Cell]:
        """The few who were withheld, beside those whom the reader knows."""
        return sorted(
            cell for cell in self.hidden if 0 < self.cells[cell] - self.own_cells[cell] < 5
        )


def pinned_by_elimination(reader: Reader) -> set[Cell]:
    """Hidden cells to which the sums leave a single value."""
    rows: list[dict[Cell, Fraction]] = []
    for whole, parts in reader.sums:
        row: dict[Cell, Fraction] = {}
        for cell, factor in ((whole, Fraction(1)), *((part, Fraction(-1)) for part in parts)):
            if cell in reader.hidden:
                row[cell] = row.get(cell, Fraction(0)) + factor
        if row:
            rows.append(row)
    reduced: dict[Cell, dict[Cell, Fraction]] = {}
    for row in rows:
        left = dict(row)
        for pivot in sorted(set(left) & set(reduced)):
            _subtract(left, reduced[pivot], left.get(pivot, Fraction(0)))
        if left:
            pivot = min(left)
            factor = left[pivot]
            left = {cell: value / factor for cell, value in left.items()}
            for other in reduced.values():
                _subtract(other, left, other.get(pivot, Fraction(0)))
            reduced[pivot] = left
    return {pivot for pivot, row in reduced.items() if len(row) == 1}


def _subtract(row: dict[Cell, Fraction], other: Mapping[Cell, Fraction], factor: Fraction) -> None:
    if factor:
        for cell, value in other.items():
            row[cell] = row.get(cell, Fraction(0)) - factor * value
            if not row[cell]:
                del row[cell]


def pinned_by_ranges(reader: Reader) -> set[Cell]:
    """Hidden cells to which sums and what is known of categories leave a single value."""
    ranges = {cell: (count, count) for cell, count in reader.known.items()}
    ranges |= dict.fromkeys(reader.hidden, (0, 10_000))
    # Whoever knows the rule knows that what is withheld of the whole is few, but for a further one.
    for cell in reader.few_of_the_whole():
        own = reader.own_cells[cell]
        ranges[cell] = (own, own + 4)
    moved = True
    while moved:
        before = dict(ranges)
        for whole, parts in reader.sums:
            _narrow_sum(ranges, whole, [part for part in parts if part in ranges])
        for area in AREAS:
            everybody = (area, ALL, ALL, ALL)
            in_categories = [(area, ALL, ALL, code) for code in CODES]
            low, high = ranges[everybody]
            low = max(low, *(ranges[cell][0] for cell in in_categories))
            high = min(high, sum(ranges[cell][1] for cell in in_categories))
            ranges[everybody] = (low, high)
            for cell in in_categories:
                others = sum(ranges[one][1] for one in in_categories if one != cell)
                ranges[cell] = (max(ranges[cell][0], low - others), min(ranges[cell][1], high))
        moved = ranges != before
    return {cell for cell in reader.hidden if ranges[cell][0] == ranges[cell][1]}


def _narrow_sum(ranges: dict[Cell, tuple[int, int]], whole: Cell, parts: list[Cell]) -> None:
    least, most = (sum(ranges[part][end] for part in parts) for end in (0, 1))
    low, high = ranges[whole]
    low, high = max(low, least), min(high, most)
    ranges[whole] = (low, high)
    for part in parts:
        mine = ranges[part]
        ranges[part] = (
            max(mine[0], low - (most - mine[1])),
            min(mine[1], high - (least - mine[0])),
        )


def assert_nobody_is_found(reader: Reader) -> None:
    danger = set(reader.in_danger())
    assert danger & pinned_by_elimination(reader) == set()
    assert danger & pinned_by_ranges(reader) == set()


@given(people_of(VILLAGES))
@settings(max_examples=60, phases=QUICK)
def test_nobody_withheld_from_a_stranger_can_be_worked_out(people: list[Person]) -> None:
    assert_nobody_is_found(Reader(people))


def test_people_of_special_services_alone_hide_nobody() -> None:
    """They are in no total, so nobody in a total could have changed places with them."""
    child, adult, elder = zip((SEXES[1], SEXES[0], SEXES[0]), BANDS, strict=True)
    groups: list[tuple[int, str, set[str], tuple[CountedSex, Band]]] = [
        (1, "35.01.02.2003", {"PD"}, elder),
        (12, "35.01.02.2003", {SPECIAL}, adult),
        (5, "35.01.02.2002", {"GLD"}, child),
        (5, "35.01.03.2001", {"GLD", "FM"}, adult),
        (12, "35.03.01.2002", {"PD"}, elder),
        (6, "35.03.02.2001", {"GLD"}, adult),
    ]
    people: list[Person] = [
        (village, frozenset(codes), *leaf)
        for times, village, codes, leaf in groups
        for _ in range(times)
    ]
    assert_nobody_is_found(Reader(people))


def test_a_category_few_have_in_the_whole_province_is_withheld_with_another() -> None:
    """That it is withheld says four at most, and what is left of a village says four at least."""
    leaf = (SEXES[0], BANDS[1])
    groups = [
        (40, VILLAGES[0], "FM"), (4, VILLAGES[0], "GLD"), (30, VILLAGES[4], "FM"),
        (25, VILLAGES[4], "LUT"), (60, VILLAGES[12], "LUT"), (50, VILLAGES[12], "FM"),
    ]  # fmt: skip
    people: list[Person] = [
        (village, frozenset({code}), *leaf) for times, village, code in groups for _ in range(times)
    ]
    reader = Reader(people)
    assert (VILLAGES[0], ALL, ALL, "GLD") in reader.in_danger()
    assert_nobody_is_found(reader)


@given(people_of(VILLAGES[:6]), st.sampled_from(((VILLAGES[0],), (DISTRICTS[0],), VILLAGES[:2])))
@settings(max_examples=40, phases=QUICK)
def test_nor_by_somebody_who_knows_an_area_of_their_own(
    people: list[Person], own: tuple[str, ...]
) -> None:
    reader = Reader(people, own)
    assert_nobody_is_found(reader)
    assert not any(within(cell[0], one) for cell in reader.hidden for one in own)


@given(people_of(VILLAGES))
@settings(max_examples=60, phases=QUICK)
def test_a_stranger_is_told_no_count_from_one_to_four(people: list[Person]) -> None:
    reader = Reader(people)
    for area, leaf, code in product(AREAS, ASKED, CODES):
        assert reader.sight.count(area, code, [leaf]) is None
    assert [cell for cell, count in reader.known.items() if 0 < count < 5] == []


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 9), min_size=1).filter(
        lambda counts: sum(counts.values()) >= 5
    )
)
@settings(max_examples=500)
def test_of_parts_withheld_each_could_be_another_number_and_the_same_ones_withheld(
    counts: dict[str, int],
) -> None:
    """INVARIANT: knowing the rule by heart does not help either."""
    hidden = withheld(counts)
    for name in hidden:
        assert any(
            withheld(other) == hidden and other[name] != counts[name]
            for other in _others(counts, name, hidden)
        ), (counts, name)


def _others(counts: dict[str, int], name: str, hidden: frozenset[str]) -> Iterable[dict[str, int]]:
    """The same sum of those withheld, shared out in other ways."""
    rest = sorted(hidden - {name})
    total = sum(counts[one] for one in hidden)
    for one, other in product(rest, repeat=2):
        for mine, theirs in product(range(total + 1), range(5)):
            shared = {**counts, **dict.fromkeys(rest, 0), name: mine}
            shared[one] += theirs
            shared[other] += total - mine - theirs
            if min(shared.values()) >= 0:
                yield shared
    for one, change in product(rest, (-1, 1)):
        yield {**counts, name: counts[name] + change, one: counts[one] - change}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 0, "b": 0}, ""),
        ({"a": 7, "b": 0}, ""),
        ({"a": 7, "b": 9}, ""),
        ({"a": 3, "b": 9, "c": 20}, "ab"),
        ({"a": 9, "b": 20, "c": 3}, "ac"),
        ({"a": 3, "b": 3, "c": 20}, "ab"),
        ({"a": 1, "b": 1, "c": 0, "d": 20, "e": 30}, "abcd"),
        ({"a": 4, "b": 4, "c": 20}, "abc"),
        ({"a": 6, "b": 0, "c": 1}, "abc"),
    ],
)
def test_what_is_withheld_together(counts: dict[str, int], expected: str) -> None:
    assert withheld(counts) == set(expected)


def test_a_category_that_subtracts_from_the_total_takes_another_with_it() -> None:
    """Everybody has one category: without a second one withheld, 20 - 17 would tell the three."""
    parts = {
        "a": {ALL: 20, "FM": 10, "LUT": 7, "PD": 3},
        "b": {ALL: 30, "FM": 10, "LUT": 9, "PD": 11},
        "c": {ALL: 30, "FM": 10, "LUT": 10, "PD": 10},
    }
    whole = told_of_whole({ALL: 80, "FM": 30, "LUT": 26, "PD": 24}, CODES)
    told = told_of_parts(whole, parts)
    withheld_of_a = whole - told["a"]
    assert "PD" in withheld_of_a
    assert len(withheld_of_a) > 1
    assert ALL in told["a"]
    assert sum(told[area] != whole for area in parts) == 2


def test_below_an_area_that_is_withheld_nothing_is_told() -> None:
    parts = {"a": {ALL: 9, "FM": 9}, "b": {ALL: 8, "FM": 8}}
    assert told_of_parts(frozenset({"FM"}), parts) == {"a": frozenset(), "b": frozenset()}
