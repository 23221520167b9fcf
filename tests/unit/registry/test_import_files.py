"""Lists as files: every way offices save them reads the same."""

import datetime as dt
import io

import pytest
import xlsxwriter  # type: ignore[import-untyped] # it ships no types

from services.registry.domain.import_columns import Field, guessed, letter_of
from services.registry.storage.import_files import FileUnreadable, opened

ROWS = [["Nama", "NIK", "Desa"], ["José Ramelan", "3508035203540001", "Sumberwuluh"]]


def rows_of(content: bytes) -> list[tuple[int, list[str]]]:
    found = opened(io.BytesIO(content))
    return [(line.number, list(line.cells)) for line in found.rows]


def read(content: bytes) -> list[tuple[int, list[str]]]:
    assert opened(io.BytesIO(content)).headers == ROWS[0]
    return rows_of(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in ROWS)
    assert read(text.encode(encoding)) == [(2, ROWS[1])]


def test_a_letter_of_the_old_encoding_far_behind_is_found_too() -> None:
    lines = [",".join(ROWS[0]), *(",".join(["x" * 90, "", ""]) for _ in range(20_000))]
    lines.append("Jos\xe9,,")
    found = opened(io.BytesIO("\n".join(lines).encode("cp1252")))
    *_, last = found.rows
    assert (last.number, last.cells[0]) == (20_002, "José")


def test_titles_above_empty_lines_and_line_breaks_in_cells_keep_the_lines_numbers() -> None:
    text = 'DAFTAR WARGA;;\n;;\nNama;NIK;Desa\n"Siti\nAminah";1;A\n;;\nBudi;2;B\n'
    assert read(text.encode()) == [
        (4, ["Siti Aminah", "1", "A"]), (6, ["", "", ""]), (7, ["Budi", "2", "B"]),
    ]  # fmt: skip


def test_cells_lose_control_characters_blanks_and_the_guard_against_formulas() -> None:
    text = "Nama,NIK,Desa\n'=Siti  \xa0A\x01minah ,'+62 812,'biasa\n"
    assert read(text.encode()) == [(2, ["=Siti A minah", "+62 812", "'biasa"])]


def test_a_workbook_gives_dates_as_days_and_numbers_without_a_point() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        hidden = book.add_worksheet("Petunjuk")
        page = book.add_worksheet("Data")
        page.write_row(2, 1, ["Nama", "NIK", "Lahir"])
        page.write_row(3, 1, ["Siti", 3508035203540001])
        page.write_datetime(3, 3, dt.datetime(1954, 3, 12), day)  # noqa: DTZ001 - sheets know no zone
        page.write_row(4, 1, ["Budi", 3508035203540010, 1954])
        page.activate()
        hidden.hide()
    found = opened(io.BytesIO(target.getvalue()))
    assert found.headers == ["", "Nama", "NIK", "Lahir"]
    assert [(line.number, list(line.cells)) for line in found.rows] == [
        (4, ["", "Siti", "3508035203540001", "1954-03-12"]),
        # The last digit may be one that the spreadsheet program has lost.
        (5, ["", "Budi", "3.508035203540010e+15", "1954"]),
    ]


def test_a_workbook_with_a_sheet_for_each_desa_is_refused_and_loses_nobody() -> None:
    def workbook(*, full: bool) -> bytes:
        target = io.BytesIO()
        with xlsxwriter.Workbook(target) as book:
            for desa in ("Sumberwuluh", "Jarit"):
                page = book.add_worksheet(desa)
                page.write_row(0, 0, ["Nama", "NIK"])
                if full or desa == "Sumberwuluh":
                    page.write_row(1, 0, ["Sumi", "1"])
        return target.getvalue()

    with pytest.raises(FileUnreadable, match="beberapa lembar"):
        rows_of(workbook(full=True))
    assert [cells for _, cells in rows_of(workbook(full=False))] == [["Sumi", "1"]]


@pytest.mark.parametrize(
    "content",
    [b"\x00\x01", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\n\n", b'a,b\n"' + b"x" * 200_000],
)
def test_what_is_no_list_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        list(opened(io.BytesIO(content)).rows)


@pytest.mark.parametrize("far", [(1_048_575, 300), (1_048_575, 25)])
def test_a_slip_of_the_hand_in_the_last_row_does_not_take_gigabytes(far: tuple[int, int]) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Nama", "NIK"])
        page.write(*far, "x")
    with pytest.raises(FileUnreadable, match="terlalu besar"):
        rows_of(target.getvalue())


def test_cells_that_only_look_coloured_take_no_room() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Nama", "NIK"])
        page.write_row(1, 0, ["Sumi", "1"])
        page.write_blank(1_048_575, 300, None, book.add_format({"bg_color": "yellow"}))
    assert [cells for _, cells in rows_of(target.getvalue())] == [["Sumi", "1"]]


def test_a_quote_that_is_never_closed_is_told_and_swallows_nobody() -> None:
    rows = [f"Orang {n},RT {n},350803520354{n:04},LUT" for n in range(1, 9)]
    rows[2] = 'Orang 3,"belum lunas,3508035203540003,LUT'
    rows[6] = 'Orang 7,"RT 7",3508035203540007,LUT'
    with pytest.raises(FileUnreadable, match="Tanda kutip di baris 4"):
        rows_of("\n".join(["Nama,Alamat,NIK,Kategori", *rows]).encode())
    fine = 'Nama,Alamat,NIK,Kategori\nSumi,"RT 2,\nRW 5, sebelah musala",1,LUT\n'
    assert rows_of(fine.encode()) == [(2, ["Sumi", "RT 2, RW 5, sebelah musala", "1", "LUT"])]


def test_presets_know_the_columns_of_offices() -> None:
    siks = ["NO", "NAMA_PENERIMA", "NIK", "TGL_LAHIR", "JENIS_KELAMIN", "KELURAHAN", "KECAMATAN",
            "NO_KK"]  # fmt: skip
    assert guessed(siks) == {
        Field.NAME: 1, Field.NIK: 2, Field.BIRTH: 3, Field.SEX: 4, Field.VILLAGE: 5,
        Field.DISTRICT: 6, Field.KK: 7,
    }  # fmt: skip
    assert [letter_of(place) for place in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]
