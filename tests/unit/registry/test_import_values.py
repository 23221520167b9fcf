"""What people write in cells, and what is said of what nobody can read."""

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.birth import Birth
from services.registry.domain.import_columns import ColumnMap, guessed
from services.registry.domain.import_places import Places
from services.registry.domain.import_row import Line, ReadRow, RowReader
from services.registry.domain.import_values import (
    age_of,
    birth_of,
    categories_of,
    kind_of,
    kk_of,
    nik_of,
    sex_of,
)
from services.registry.domain.sex import Sex
from shared.contracts.codes import BeneficiaryKind
from shared.errors import RuleViolated
from shared.reference.categories import CATEGORIES
from tests.conftest import SUMBERWULUH

TODAY = date(2026, 11, 28)
NEXT_YEAR = date(2027, 1, 5)
DAYS = st.dates(date(1900, 1, 1), TODAY)


@pytest.mark.parametrize(
    "text",
    ["12/08/1950", "12-08-1950", "12.8.1950", "12 8 1950", "1950-08-12", "1950-08-12 00:00:00",
     "12 Agustus 1950", "12 agustus, 1950", "12-Ags-1950", "12 Agt 1950", "18487"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert birth_of(text, TODAY).on == date(1950, 8, 12)


@given(DAYS)
def test_every_day_written_the_indonesian_way_is_that_day(day: date) -> None:
    for text in (f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}", f"{day.day}-{day.month}-{day.year}"):
        assert birth_of(text, TODAY).on == day


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("03/25/1950", "tertukar"),
        ("31/02/1950", "kalender"),
        ("12/08/50", "empat angka"),
        ("kemarin", "tidak terbaca"),
        ("12 Foobar 1950", "tidak terbaca"),
        (f"{TODAY + timedelta(days=1):%d/%m/%Y}", "masa depan"),
        ("1700", "tidak masuk akal"),
    ],
)
def test_a_day_nobody_can_read_is_refused_with_how_to_write_it(text: str, words: str) -> None:
    with pytest.raises(RuleViolated, match=words):
        birth_of(text, TODAY)


@given(st.text(max_size=12) | st.from_regex(r"[0-9²①٣]{1,6}", fullmatch=True))
def test_whatever_stands_in_a_cell_is_a_birth_or_refused_in_words(text: str) -> None:
    for read in (birth_of, age_of):
        with contextlib.suppress(RuleViolated):
            assert isinstance(read(text, TODAY), Birth)


@pytest.mark.parametrize("text", ["1950²", "①950", "9" * 5_000])
def test_digits_that_are_no_numbers_are_refused(text: str) -> None:
    with pytest.raises(RuleViolated):
        birth_of(text, TODAY)


def test_a_year_and_an_age_are_births_too() -> None:
    assert (birth_of("1950", TODAY).year, birth_of("1950", TODAY).on) == (1950, None)
    assert {age_of(text, TODAY).year for text in ("67", "67 th", "67 Tahun", "67thn")} == {1959}
    with pytest.raises(RuleViolated, match="angka saja"):
        age_of("tua", TODAY)


def test_a_nik_loses_what_people_put_around_it_and_one_that_lost_digits_is_told() -> None:
    for text in ("'3508035203540001", "3508 0352 0354 0001", "3508.0352.0354.0001"):
        assert nik_of(text) == "3508035203540001"
    for text in ("3,50804E+15", "3.508035203540000e+15"):
        with pytest.raises(RuleViolated, match="tersimpan sebagai angka"):
            nik_of(text)


def test_a_no_kk_is_read_as_a_nik_is() -> None:
    assert kk_of("'3508 0312.0312-0007") == "3508031203120007"
    with pytest.raises(RuleViolated, match=r"No\. KK tersimpan sebagai angka"):
        kk_of("3,50803E+15")


@pytest.mark.parametrize("code", CATEGORIES)
def test_every_category_is_known_by_its_code_and_its_name(code: str) -> None:
    assert categories_of(code.lower()) == categories_of(CATEGORIES[code].name) == (code,)


def test_several_categories_stand_in_one_cell() -> None:
    assert categories_of("LUT; Penyandang Disabilitas, LUT") == ("LUT", "PD")
    assert categories_of("Lanjut Usia Terlantar") == ("LUT",)
    with pytest.raises(RuleViolated):
        categories_of("LUT, entah")


def test_categories_are_known_by_what_the_field_calls_them_and_a_strange_one_is_quoted() -> None:
    said = ("Lansia Terlantar", "lansia telantar", "Disabilitas", "WRSE", "Difabel", "Tunawisma")
    known = ("LUT", "LUT", "PD", "PRSE", "PD", "GLD")
    assert tuple(categories_of(one)[0] for one in said) == known
    with pytest.raises(RuleViolated) as refused:
        categories_of("LUT; Yatim")
    assert "“Yatim”" in str(refused.value.detail)


def test_a_place_before_the_day_is_no_part_of_it() -> None:
    assert birth_of("Lumajang, 01-07-1954", TODAY) == birth_of("1 Juli 1954", TODAY)


def row_of(*cells: str, today: date = TODAY) -> ReadRow:
    columns = guessed(("Nama Lengkap PPKS", "NIK (KTP)", "Umur", "Alamat", "Kategori"))
    assert len(columns) == 5
    reader = RowReader(ColumnMap(columns=columns, area=SUMBERWULUH), areas=(), today=today)
    return reader.read(Line(2, cells))


def test_a_dash_is_an_empty_cell_and_a_sum_at_the_foot_is_no_row() -> None:
    read = row_of("Sumi", "-", "67", "\u2013", "LUT")
    assert read.wanted is not None
    assert (read.wanted.nik, read.wanted.said.address) == (None, None)
    for foot in (("JUMLAH", "", "12", "", ""), ("Total :", "", "", "", "31")):
        assert row_of(*foot) == ReadRow(2)
    assert row_of("Total", "3508035203540001", "67", "", "LUT").wanted is not None


def test_a_row_with_an_age_is_the_same_row_next_year() -> None:
    both = [row_of("Sumi", "", "67", "RT 1", "LUT", today=day) for day in (TODAY, NEXT_YEAR)]
    one, other = (read.wanted for read in both)
    assert one is not None
    assert other is not None
    assert one.said.birth != other.said.birth
    assert one.content == other.content
    older = row_of("Sumi", "", "68", "RT 1", "LUT").wanted
    assert older is not None
    assert older.content != one.content


def test_sexes_and_kinds_are_read_as_they_are_written() -> None:
    assert {sex_of(text) for text in ("L", "laki-laki", "Pria")} == {Sex.MALE}
    assert {sex_of(text) for text in ("p", "PEREMPUAN", "Wanita")} == {Sex.FEMALE}
    assert kind_of("Keluarga") is BeneficiaryKind.FAMILY
    for meaning in (sex_of, kind_of):
        with pytest.raises(RuleViolated):
            meaning("?")


def test_a_village_is_found_by_its_name_within_the_duty_alone() -> None:
    places = Places(["35.08"])
    assert places.by_name("Desa Sumber Wuluh") == "35.08.03.2005"
    assert places.by_name("SUMBEREJO", "Kec. Candipuro") == "35.08.03.2004"
    assert places.by_name("Sumberejo", "Candipuro", "Kab. Lumajang") == "35.08.03.2004"
    with pytest.raises(RuleViolated, match=r"beberapa .* \(Kec\. .*Isi juga kecamatannya"):
        places.by_name("Sumberejo")
    with pytest.raises(RuleViolated, match="tidak ditemukan"):
        places.by_name("Sumberwuluh", "Candipuro", "Kota Malang")
    with pytest.raises(RuleViolated, match="tidak ditemukan"):
        Places(["35.09"]).by_name("Sumberwuluh")


def test_a_village_code_is_read_with_and_without_dots() -> None:
    places = Places(["35.08"])
    assert places.by_code("3508032005") == places.by_code("35.08.03.2005") == "35.08.03.2005"
    with pytest.raises(RuleViolated):
        places.by_code("3508039999")
    assert Places(["35.08.03.2005"]).only == "35.08.03.2005"
    assert places.only is None
