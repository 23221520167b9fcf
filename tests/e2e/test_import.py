"""A list of people brought in from a file: columns chosen, mistakes shown, progress, result."""

import asyncio
import contextlib
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from tests.e2e.installation import Installation
from tests.e2e.people import Inventor
from tests.e2e.test_accessibility import violations
from tests.e2e.windows import DESK, PHONE, Window, Windows

HEAD = ("Keterangan", "NIK", "L/P", "Lahir", "Desa", "Kategori")
GOOD = 12
LONG = 120_000


def some_list(inventor: Inventor) -> tuple[FilePayload, list[str]]:
    """A list with one column no preset knows, and two lines nobody can take in."""
    people = [inventor.person() for _ in range(GOOD)]
    rows = [
        (one.name, one.nik, "P", "1951", "Sumberwuluh", "Lanjut Usia Telantar") for one in people
    ]
    rows.insert(3, ("Wagirah", "12", "P", "31/02/1951", "Sumberwuluh", "LUT"))
    rows.insert(7, ("Poniyem", "", "P", "1951", "Sumberejo", "LUT"))
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([HEAD, *rows])
    payload: FilePayload = {
        "name": "daftar.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("cp1252"),
    }  # fmt: skip
    return payload, [one.name for one in people]


async def choose_columns(window: Window) -> None:
    page = window.page
    await expect(page.get_by_label("B · NIK")).to_have_value("nik")
    await expect(page.get_by_label("A · Keterangan")).to_have_value("")
    await window.press("Periksa semua baris")
    await expect(page.get_by_role("alert")).to_contain_text("Pilih kolom yang berisi nama.")
    await page.get_by_label("A · Keterangan").select_option("name")
    await window.press("Periksa semua baris")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_list_is_taken_in_with_its_columns_chosen_and_its_mistakes_shown(
    windows: Windows, inventor: Inventor, tmp_path: Path, device: Mapping[str, Any]
) -> None:
    name = "phone" if device is PHONE else "desk"
    window = await windows.open("dinsos.lumajang", device)
    window.expect_answers(422)
    page, (payload, people) = window.page, some_list(inventor)
    found: list[str] = []
    await window.go("/warga")
    await window.photograph(f"import-begin-{name}")
    found += await violations(window, "warga")
    await page.get_by_role("link", name="Impor dari CSV atau XLSX").click()
    await expect(window.heading("Impor warga")).to_be_visible()
    await page.get_by_label("Berkas CSV atau XLSX").set_input_files(payload)
    found += await violations(window, "unggah")
    await window.press("Unggah")
    await expect(window.heading(f"Impor {GOOD + 2} baris")).to_be_visible()
    await window.photograph(f"import-columns-{name}")
    found += await violations(window, "kolom")
    await choose_columns(window)
    # The page finds out by itself.
    await expect(page.get_by_text("Hasil pemeriksaan, belum ada yang dicatat")).to_be_visible()
    line = page.locator(".list > li").filter(has_text="Baris 5")
    await expect(line).to_contain_text("Kolom B (NIK): NIK harus terdiri dari tepat 16 angka.")
    await expect(line).to_contain_text("Kolom D (Tanggal atau tahun lahir): Tanggal ini tidak ada")
    twice = page.locator(".list > li").filter(has_text="Baris 9")
    await expect(twice).to_contain_text("Ada beberapa desa/kelurahan dengan nama ini")
    await window.photograph(f"import-checked-{name}")
    found += await violations(window, "diperiksa")
    await window.press(f"Catat {GOOD} baris")
    await expect(page.get_by_role("heading", name="Hasil impor", exact=True)).to_be_visible()
    await window.photograph(f"import-done-{name}")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Hasil CSV").click()
    await (await download.value).save_as(tmp_path / "hasil.csv")
    content = (tmp_path / "hasil.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [row["Hasil"] for row in rows].count("dicatat") == GOOD
    assert [row["Hasil"] for row in rows].count("ditolak") == 2
    assert not [one for one in people if one in content]
    made = next(row["Nomor data"] for row in rows if row["Hasil"] == "dicatat")
    await window.go(f"/warga/{made}")
    await expect(window.heading(people[0])).to_be_visible()
    assert found == []


async def test_a_list_is_taken_in_without_scripts(windows: Windows, inventor: Inventor) -> None:
    window = await windows.open("koordinator.lumajang", DESK, scripts=False)
    page, (payload, _) = window.page, some_list(inventor)
    await window.go("/warga/impor")
    await page.get_by_label("Berkas CSV atau XLSX").set_input_files(payload)
    await window.press("Unggah")
    await page.get_by_label("A · Keterangan").select_option("name")
    await window.press("Periksa semua baris")
    for button, words in (
        (f"Catat {GOOD} baris", "Hasil pemeriksaan"),
        ("", "Hasil impor"),
    ):
        for _ in range(50):
            if await page.get_by_text(words).count():
                break
            await page.wait_for_timeout(200)
            await page.reload()
        if button:
            await window.press(button)
    await expect(page.get_by_role("heading", name="Hasil impor", exact=True)).to_be_visible()


@contextlib.asynccontextmanager
async def held_up(installation: Installation) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """No line of a list is taken in until what this gives is called."""
    connection = await asyncpg.connect(installation.environment["POSTGRES_URL"])
    work = connection.transaction()
    await work.start()
    await connection.execute("lock table registry.import_lines in share mode")
    yield work.rollback
    await connection.close()


async def let_it_end_meanwhile(page: Page, go_on: Callable[[], Awaitable[None]]) -> None:
    """While the word to stop is on its way, let the page hear that the import is over."""

    async def over(route: Route) -> None:
        await route.fulfill(headers={"HX-Refresh": "true"}, body="")

    async def slow(route: Route) -> None:
        await page.route("**/bagian", over)
        await asyncio.sleep(1.5)
        await page.unroute("**/bagian", over)
        await go_on()
        await route.continue_()

    await page.route("**/hentikan", slow)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_check_and_an_import_are_stopped_after_a_second_word(
    windows: Windows, installation: Installation, tmp_path: Path, device: Mapping[str, Any]
) -> None:
    name = "phone" if device is PHONE else "desk"
    window = await windows.open("dinsos.lumajang", device)
    page = window.page
    # Long, and of nobody: other tests count the people of this area.
    path = tmp_path / "panjang.csv"
    path.write_text("Nama,Desa,Kategori\n" + ",Sumberwuluh,LUT\n" * LONG)
    found: list[str] = []
    await window.go("/warga/impor")
    await page.get_by_label("Berkas CSV atau XLSX").set_input_files(path)
    await window.press("Unggah")
    await window.press("Periksa semua baris")
    await page.get_by_text("Hentikan pemeriksaan", exact=True).click()
    await window.press("Ya, hentikan pemeriksaan")
    await window.press("Periksa semua baris")
    begin = page.get_by_role("button", name="Catat 0 baris")
    await expect(begin).to_be_visible(timeout=60_000)
    await begin.click()
    await page.get_by_text("Hentikan impor", exact=True).click()
    async with held_up(installation) as go_on:
        await window.photograph(f"import-stopping-{name}")
        found += await violations(window, "hentikan")
        await let_it_end_meanwhile(page, go_on)
        await window.press("Ya, hentikan impor")
    await expect(page.get_by_text("Impor ini dihentikan.")).to_be_visible()
    await window.photograph(f"import-stopped-{name}")
    found += await violations(window, "dihentikan")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Hasil CSV").click()
    await (await download.value).save_as(tmp_path / "hasil.csv")
    rows = list(csv.DictReader((tmp_path / "hasil.csv").open(encoding="utf-8-sig")))
    assert rows[-1]["Hasil"] == "tidak dibaca"
    assert len(rows) < LONG
    assert found == []


async def test_the_people_of_an_area_are_taken_away_as_a_sheet(
    windows: Windows, tmp_path: Path
) -> None:
    window = await windows.open("dinsos.lumajang", DESK)
    await window.go("/warga")
    await window.page.get_by_text("Unduh warga di wilayah Anda").click()
    sheet = window.page.locator("form[action='/warga/unduh']")
    await sheet.get_by_label("Kategori PPKS").select_option("LUT")
    async with window.page.expect_download() as download:
        await window.page.get_by_role("button", name="Unduh CSV").click()
    await (await download.value).save_as(tmp_path / "warga.csv")
    lines = list(csv.reader((tmp_path / "warga.csv").open(encoding="utf-8-sig")))
    assert lines[0][0].startswith("DATA PRIBADI, dilindungi UU 27/2022.")
    assert len(lines) > 2
    assert all("Lanjut Usia Telantar" in line[13] for line in lines[2:])


async def test_a_volunteer_is_offered_no_lists(windows: Windows) -> None:
    window = await windows.open("psm.sumberwuluh", PHONE)
    window.expect_answers(403)
    await window.go("/warga")
    await expect(window.page.get_by_text("Daftar sebagai berkas")).to_have_count(0)
    assert await window.go("/warga/impor") == 403
    assert await window.go("/warga/unduh?bentuk=csv") == 403


def test_an_operator_takes_in_a_list_from_the_terminal(
    installation: Installation, inventor: Inventor, tmp_path: Path
) -> None:
    payload, people = some_list(inventor)
    path = tmp_path / "daftar.csv"
    path.write_bytes(payload["buffer"].replace(b"Keterangan", b"Nama"))
    asked = ("registry", "import", str(path), "--as", "dinsos.lumajang")
    checked = installation.command(*asked, "--check")
    assert checked.returncode == 1, checked.stderr
    assert f"{GOOD + 2} baris: {GOOD} dicatat" in checked.stdout
    assert "Kolom B (NIK): NIK harus terdiri dari tepat 16 angka." in checked.stdout
    for words in (f"{GOOD} dicatat, 0 sudah tercatat", f"0 dicatat, {GOOD} sudah tercatat"):
        answer = installation.command(*asked)
        assert words in answer.stdout, answer.stderr
    rows = list(csv.DictReader((tmp_path / "daftar.hasil.csv").open(encoding="utf-8-sig")))
    assert [row["Hasil"] for row in rows].count("sudah tercatat") == GOOD
    assert not [one for one in people if one in checked.stdout + answer.stdout]
    refused = installation.command("registry", "import", str(path), "--as", "psm.sumberwuluh")
    assert refused.returncode == 2
    assert "allow no import" in refused.stderr
