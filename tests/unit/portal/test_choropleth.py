"""Five classes of a map: every number in one of them, equal numbers together."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.portal.choropleth import MOST, shades, step_of

NUMBERS = st.lists(st.integers(0, 40) | st.floats(0, 1e6), max_size=60)


@given(NUMBERS)
def test_every_number_has_one_class_and_zero_has_none(values: list[float]) -> None:
    scale = shades(values)
    assert len(scale) <= MOST
    for value in values:
        holding = [one for one in scale if one.least <= value <= one.greatest]
        assert len(holding) == (1 if value > 0 else 0)
        assert step_of(value, scale) == (holding[0].step if holding else 0)


@given(NUMBERS)
def test_classes_rise_without_overlap(values: list[float]) -> None:
    scale = shades(values)
    edges = [edge for one in scale for edge in (one.least, one.greatest)]
    assert edges == sorted(edges)
    steps = [one.step for one in scale]
    assert steps == sorted(set(steps))


def test_many_different_numbers_fill_five_classes_evenly() -> None:
    scale = shades(range(1, 51))
    counted = Counter(step_of(value, scale) for value in range(1, 51))
    assert counted == dict.fromkeys(range(1, 6), 10)


def test_numbers_far_apart_share_no_colour() -> None:
    scale = shades([6, 7, 10, 14, 984, 1008, 1014, 1044, 2537])
    assert step_of(14, scale) != step_of(984, scale)
    assert step_of(984, scale) == step_of(1044, scale)
    alike = shades([5] * 50 + [6, 7, 8, 9, 10, 400])
    assert len({step_of(value, alike) for value in (5, 10, 400)}) == 3


def test_few_numbers_stand_well_apart() -> None:
    assert [one.step for one in shades([3, 9])] == [2, 4]
    assert [one.step for one in shades([7, 7, 7])] == [3]
