"""Cells of a sheet: harmless in any spreadsheet program, and unchanged in meaning."""

import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator

import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from shared.formulas import safe, unguarded
from shared.sheets import Format, Rows, long_sheet

FORMULA = re.compile(r"\s*[=+\-@\t\r\n|%＝＋－＠]")  # noqa: RUF001 - wide ones count too
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("=+-@|%'\t ＝"),  # noqa: RUF001 - same
    max_size=20,
)


@given(TEXT)
def test_any_text_comes_back_and_none_is_a_formula(text: str) -> None:
    assert FORMULA.match(safe(text)) is None
    assert unguarded(safe(text)) == text


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
async def test_any_table_comes_out_of_a_csv_file_as_it_went_in(rows: list[tuple[str, str]]) -> None:
    text = (await written("csv", rows)).decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    assert head == ["Satu", "Dua"]
    assert not [cell for line in lines for cell in line if FORMULA.match(cell)]
    assert [tuple(map(unguarded, line)) for line in lines] == rows


async def test_a_table_of_many_batches_comes_out_of_an_xlsx_file_as_text() -> None:
    rows = [(f"=1+{number}", f"baris {number}") for number in range(2_500)]
    book = python_calamine.load_workbook(io.BytesIO(await written("xlsx", rows)))
    head, *lines = book.get_sheet_by_index(0).to_python()
    assert head == ["Satu", "Dua"]
    assert [(unguarded(str(one)), two) for one, two in lines] == rows


async def written(kind: Format, rows: list[tuple[str, str]]) -> bytes:
    async def batches() -> AsyncIterator[Rows]:
        for start in range(0, len(rows), 1_000):
            yield rows[start : start + 1_000]

    answer = await long_sheet("tabel", kind, [("Satu", "Dua")], batches())
    return b"".join([bytes(chunk) async for chunk in answer.body_iterator])  # type: ignore[arg-type] # ours are bytes


async def test_the_names_of_columns_stay_in_sight_and_filter_the_lines_below() -> None:
    content = await written("xlsx", [("Siti", "Jarit"), ("Budi", "Sumberwuluh")])
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        page = packed.read("xl/worksheets/sheet1.xml").decode()
    assert '<pane ySplit="1" topLeftCell="A2"' in page
    assert '<autoFilter ref="A1:B3"/>' in page
    assert '<col min="1" max="2" width="18.' in page
