"""The referral letter: one page, in the letters its font has, with a code that can be read."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pytest
import segno

from services.portal.formats import initials
from services.portal.letters import Words, letter

WORDS = Words(
    number="RJ-35.08-2026-000123",
    written_at=datetime(2026, 11, 24, 18, tzinfo=UTC),
    service="Puskesmas Candipuro",
    service_address="Jl. Raya Candipuro",
    service_phone="0334571001",
    person="Siti Aminah",
    place="Sumberwuluh, Kec. Candipuro",
    category="Lanjut Usia Telantar",
    need="Tinggal sendiri.",
    urgency="Segera",
    sender="Rahmat",
    sender_duty="PSM, Sumberwuluh",
    address="https://sinergi.example/rujukan/0191f6d8",
)


def read(words: Words) -> tuple[int, str, list[float], int]:
    """Pages, text, heights of the lines of text from the bottom, and dark squares."""
    with pikepdf.open(io.BytesIO(letter(words))) as document:
        content = document.pages[0].Contents.read_bytes().decode("latin-1")
        pages = len(document.pages)
    said = re.findall(r"BT [0-9.]+ ([0-9.]+) Td \(((?:\\.|[^)\\])*)\) Tj", content)
    text = "\n".join(re.sub(r"\\(.)", r"\1", words) for _, words in said)
    return pages, text, [float(height) for height, _ in said], content.count(" re f")


def test_the_letter_says_everything_on_one_page() -> None:
    pages, text, _, _ = read(WORDS)
    assert pages == 1
    for words in (
        "SURAT RUJUKAN",
        "Nomor: RJ-35.08-2026-000123",
        # In Jawa Timur it is already one at night.
        "25 November 2026",
        "Puskesmas Candipuro",
        "Telepon 0334571001",
        "Siti Aminah",
        "Lanjut Usia Telantar",
        "Tinggal sendiri.",
        "Rahmat",
    ):
        assert words in text, words


def test_what_is_withheld_leaves_no_heading_behind() -> None:
    _, text, _, _ = read(replace(WORDS, category=None, need=None, person=initials(WORDS.person)))
    assert "S. A." in text
    for words in ("Siti", "Aminah", "Keperluan", "Keadaan", "Telantar"):
        assert words not in text, words


@pytest.mark.parametrize("need", ["kata " * 800, "baris\n" * 600, "x" * 4000])
def test_however_long_the_need_nothing_is_written_over_anything_else(need: str) -> None:
    pages, text, heights, _ = read(replace(WORDS, need=need))
    assert pages == 1
    assert "(lengkapnya di Sinergi)" in text
    signature = text.split("\n").index("Petugas pengirim,")
    before = heights[:signature]
    assert min(before) > heights[signature] + 10


def test_letters_the_font_lacks_lose_their_marks_and_do_not_stop_the_printing() -> None:
    marked = replace(WORDS, person="Šiti “Ām” \N{EN DASH} 阿", need="Anak ke-2 … selesai")
    _, text, _, _ = read(marked)
    assert 'Siti "Am" -' in text
    assert "Anak ke-2 ... selesai" in text


def test_the_code_leads_to_the_referral() -> None:
    _, _, _, squares = read(WORDS)
    drawn = segno.make_qr(WORDS.address, error="m").matrix
    assert squares == sum(cell for row in drawn for cell in row)
