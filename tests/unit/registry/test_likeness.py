"""How much two records look like one person, and that the page about it tells the truth."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain import likeness as rules
from services.registry.domain.birth import Birth, Precision
from services.registry.domain.likeness import THRESHOLD, Traits, likeness, similarity
from services.registry.domain.sex import Sex
from services.registry.domain.sounds import sounds_of
from tests.architecture.project import ROOT

VILLAGE = "35.08.03.2005"
NEXT = "35.08.03.2004"
BORN = Birth(Precision.DAY, 1954, date(1954, 3, 12))
SITI = Traits(sounds_of("Siti Aminah"), VILLAGE, Sex.FEMALE, BORN)

words = st.text("abdeghiklmnoprstuwy", min_size=1, max_size=8)
names = st.lists(words, max_size=4).map(tuple)
births = st.one_of(
    st.none(),
    st.dates(date(1900, 1, 1), date(2025, 12, 31)).map(
        lambda day: Birth(Precision.DAY, day.year, day)
    ),
    st.builds(Birth, st.sampled_from((Precision.YEAR, Precision.AGE)), st.integers(1900, 2025)),
)
traits = st.builds(
    Traits,
    names,
    st.sampled_from((VILLAGE, NEXT, "35.08.02.2001", "33.01.01.2001")),
    st.sampled_from((None, *Sex)),
    births,
    st.booleans(),
    st.sampled_from((None, b"a", b"b")),
    st.frozensets(st.sampled_from((b"a", b"b")), max_size=2),
)


def born(year: int, month: int, day: int) -> Birth:
    return Birth(Precision.DAY, year, date(year, month, day))


def named(name: str) -> Traits:
    return replace(SITI, sounds=sounds_of(name))


@given(traits, traits)
def test_the_order_of_the_two_does_not_matter(one: Traits, other: Traits) -> None:
    assert likeness(one, other) == likeness(other, one)


@given(traits, traits)
def test_a_likeness_is_between_nothing_and_all(one: Traits, other: Traits) -> None:
    assert 0 <= likeness(one, other).score <= 1
    assert 0 <= similarity(one.sounds, other.sounds) <= 1


@given(traits.filter(lambda one: bool(one.sounds)), traits)
def test_nobody_is_more_alike_than_oneself(one: Traits, other: Traits) -> None:
    one, other = replace(one, has_nik=False), replace(other, has_nik=False)
    assert similarity(one.sounds, one.sounds) == 1
    assert likeness(one, one).weight >= likeness(one, replace(other, area=one.area)).weight - 4


@pytest.mark.parametrize(
    "other",
    [
        named("Hj. St. Aminah"),
        named("Aminah"),
        named("Aminah Siti"),
        named("Sitiaminah"),
        replace(SITI, area=NEXT),
        replace(SITI, sex=None),
        replace(SITI, birth=None),
        replace(SITI, birth=Birth(Precision.YEAR, 1954)),
        replace(SITI, birth=Birth(Precision.AGE, 1957)),
        replace(SITI, birth=born(1954, 12, 3)),
        replace(SITI, birth=born(1954, 3, 13)),
        replace(SITI, birth=born(1955, 3, 12)),
        replace(SITI, birth=born(1964, 3, 12)),
    ],
)
def test_one_error_of_the_field_hides_nobody(other: Traits) -> None:
    assert likeness(SITI, other).is_shown


@pytest.mark.parametrize(
    "other",
    [
        named("Siti Zaenab"),
        named("Siti"),
        named("Sumiati"),
        replace(SITI, birth=born(1981, 7, 30)),
        replace(SITI, sex=Sex.MALE, birth=None),
        replace(SITI, area="33.01.01.2001", birth=Birth(Precision.AGE, 1956)),
    ],
)
def test_other_people_are_left_in_peace(other: Traits) -> None:
    assert not likeness(SITI, other).is_shown


def test_a_part_of_a_name_says_the_more_the_more_telling_words_it_has() -> None:
    whole = named("Siti Aminah Wijayanti")
    found = [likeness(whole, named(part)) for part in ("Siti", "Aminah", "Aminah Wijayanti")]
    assert [one.weight for one in found] == sorted({one.weight for one in found})
    assert [one.is_shown for one in found] == [False, True, True]


def test_whoever_only_bears_the_name_is_left_in_peace_in_the_next_village() -> None:
    namesake = replace(SITI, birth=None)
    assert likeness(SITI, namesake).is_shown
    assert not likeness(SITI, replace(namesake, area=NEXT)).is_shown


def test_two_numbers_that_differ_speak_against_it() -> None:
    twins = replace(SITI, has_nik=True)
    assert likeness(twins, twins).weight == likeness(SITI, SITI).weight + rules.OTHER_NIK


def test_one_card_tells_of_a_part_of_a_name_and_another_card_says_nothing() -> None:
    known = replace(named("Sutrisno"), birth=None, cards=frozenset((b"a",)))
    part = replace(named("Sutrisno Hadi"), birth=None)
    assert not likeness(known, part).is_shown
    with_both = likeness(known, replace(part, cards=frozenset((b"b", b"a"))))
    assert with_both.is_shown
    assert "No. KK sama" in with_both.reasons
    moved = replace(part, cards=frozenset((b"b",)))
    assert likeness(known, moved) == likeness(known, part)
    assert not likeness(known, replace(named("Wagiyem"), cards=known.cards)).is_shown


def test_a_day_that_offices_write_for_an_unknown_one_says_less() -> None:
    new_year = replace(SITI, birth=born(1954, 1, 1))
    assert likeness(new_year, new_year).weight < likeness(SITI, SITI).weight


def test_reasons_are_words_a_worker_understands() -> None:
    other = replace(named("Sitti Aminah"), birth=born(1954, 12, 3), phone=b"a")
    found = likeness(replace(SITI, phone=b"a"), other)
    assert found.reasons == (
        "nama sama",
        "tanggal lahir sama bila hari dan bulan tertukar",
        "satu desa",
        "nomor telepon sama",
    )


def test_the_page_about_look_alikes_shows_the_weights_in_force() -> None:
    page = (ROOT / "docs" / "lookalikes.md").read_text(encoding="utf-8")
    written = {
        code: float(weight)
        for code, weight in re.findall(
            r"^\|[^|]+\| `([A-Z_]+)` \| (-?[\d.]+) \|$", page, re.MULTILINE
        )
    }
    in_force = {
        name: value
        for name, value in vars(rules).items()
        if name.isupper() and isinstance(value, float)
    } | {
        "GUESSED_YEARS": float(rules.GUESSED_YEARS),
        "KNOWN_YEARS": float(rules.KNOWN_YEARS),
    }
    assert written == in_force
    for least, weight in rules.NAME:
        assert f"| at least {least:.2f} alike | {weight} |" in page
    for level, weight in rules.PLACE:
        assert f"| one {level.value} | {weight} |" in page
    assert f"from {THRESHOLD:g} on" in page
