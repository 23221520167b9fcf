from datetime import date

import pytest

from shared.reference.categories import (
    CATEGORIES,
    EndedCategory,
    UnknownCategory,
    categories_on,
    require_category,
)


def test_the_26_hold_since_the_day_of_their_regulation() -> None:
    assert len(categories_on(date(2026, 1, 1))) == 26
    assert categories_on(date(2012, 5, 28)) == []
    assert len(categories_on(date(2012, 5, 29))) == 26


def test_a_category_is_refused_outside_its_days_only_where_it_is_given() -> None:
    before = date(2012, 5, 28)
    with pytest.raises(EndedCategory):
        require_category("LUT", on=before)
    assert require_category("LUT").code == "LUT"
    with pytest.raises(UnknownCategory):
        require_category("NOPE", on=before)


def test_what_replaces_a_category_is_one_of_the_list() -> None:
    assert all(one.maps_to is None or one.maps_to in CATEGORIES for one in CATEGORIES.values())
