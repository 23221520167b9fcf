"""Data protection: consent withdrawn, requests answered, the file handed out, the trail read."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from playwright.async_api import expect

from tests.e2e.callers import Caller, registration
from tests.e2e.installation import Installation
from tests.e2e.people import Inventor, Person
from tests.e2e.test_accessibility import AXE, RUN
from tests.e2e.windows import DESK, PHONE, Window, Windows
from tests.fixtures.printed import words_of
from tests.fixtures.processes import until

RESTRICTED_SECONDS = 20.0
"""The clock of registry looks every few seconds."""
AGEING = (
    """
    update registry.beneficiaries
    set registered_at = registered_at - $2::interval, changed_at = changed_at - $2::interval,
        review_on = (review_on - $2::interval)::date
    where id = $1
    """,
    """
    update registry.category_periods set given_at = given_at - $2::interval
    where beneficiary_id = $1
    """,
    "update registry.legal_bases set at = at - $2::interval where beneficiary_id = $1",
)
AGREED = {
    "legal_basis": "consent",
    "consent": {"text_version": "2026-1", "channel": "written"},
}


async def assert_accessible(window: Window) -> None:
    await window.page.evaluate(AXE.read_text(encoding="utf-8"))
    assert await window.page.evaluate(RUN) == []


async def download(window: Window, word: str) -> tuple[str, bytes]:
    """The file behind a button: its name and what is in it."""
    async with window.page.expect_download() as waiting:
        await window.page.get_by_role("button", name=f"Unduh {word}").click()
    file = await waiting.value
    path = await file.path()
    return file.suggested_filename, path.read_bytes()


async def ask_by_worker(worker: Window, made: str, person: Person, width: int) -> None:
    """Correct address and names, type the NIK again, take down a request, withdraw the consent."""
    await worker.go(f"/warga/{made}")
    await worker.page.get_by_role("link", name="Perbaiki data").click()
    await worker.page.get_by_label("Alamat").fill("Dusun Kamar Kajang")
    await worker.page.get_by_label("Dikenal sebagai").fill("Bu Min")
    await worker.page.get_by_role("textbox", name="NIK").fill(person.nik)
    await assert_accessible(worker)
    await worker.photograph(f"correction-{width}")
    await worker.press("Simpan perbaikan")
    await expect(worker.page.get_by_text("Data sudah diperbaiki")).to_be_visible()
    await worker.page.get_by_role("link", name="Dasar dan permintaan").click()
    await worker.page.get_by_text("Catat permintaan").click()
    await worker.page.get_by_label("Yang diminta").select_option("access")
    await worker.press("Simpan permintaan")
    await expect(worker.page.get_by_text("Tersimpan.")).to_be_visible()
    await worker.page.locator("summary").filter(has_text="Tarik persetujuan").click()
    await worker.photograph(f"withdrawal-{width}")
    await worker.press("Ya, tarik persetujuan")
    await expect(worker.page.get_by_text("berhenti paling lambat")).to_be_visible()
    await assert_accessible(worker)
    await worker.photograph(f"protection-worker-{width}")


async def answer_by_officer(officer: Window, person: Person, width: int) -> None:
    """See what is due, hand out the file, read the trail, answer both."""
    await officer.go("/pelindungan")
    mine = officer.page.locator(".cards > li").filter(has_text=person.name)
    await expect(mine).to_have_count(2)
    await assert_accessible(officer)
    await officer.photograph(f"officer-{width}")
    await mine.first.get_by_role("link", name=person.name).click()
    await expect(officer.heading("Pelindungan data")).to_be_visible()
    await assert_accessible(officer)
    await officer.page.get_by_role("heading", name="Berkas untuk").scroll_into_view_if_needed()
    await officer.photograph(f"protection-officer-{width}")
    name, content = await download(officer, "JSON")
    assert name == "berkas-data-pribadi.json"
    assert person.nik.encode() in content
    name, content = await download(officer, "PDF")
    assert name == "berkas-data-pribadi.pdf"
    assert content.startswith(b"%PDF")
    await officer.page.get_by_role("link", name="Jejak akses").click()
    ledger = officer.page.locator(".ledger")
    await expect(ledger.get_by_text("mengubah: alamat")).to_be_visible()
    await expect(ledger.get_by_text("menyerahkan berkas data pribadi").first).to_be_visible()
    await assert_accessible(officer)
    await officer.photograph(f"trail-{width}")

    await officer.go("/pelindungan")
    for _ in range(2):
        await mine.first.locator("summary").click()
        decision = mine.first.get_by_label("Keputusan")
        if await decision.count():
            await decision.select_option("done")
        await mine.first.get_by_role("button", name=re.compile("Simpan jawaban|Hentikan")).click()
        await expect(officer.page.get_by_text("Tersimpan.")).to_be_visible()
    await expect(mine).to_have_count(0)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_what_a_person_may_ask_is_taken_down_and_answered(
    windows: Windows,
    caller: Callable[[str], Caller],
    inventor: Inventor,
    device: Mapping[str, Any],
) -> None:
    psm = caller("psm.sumberwuluh")
    person = inventor.person()
    body = {**registration(person), **AGREED}
    made = (await psm.post("registry", "/beneficiaries", body, status=201))["id"]
    width = device["viewport"]["width"]

    worker = await windows.open("psm.sumberwuluh", device)
    await ask_by_worker(worker, made, person, width)
    officer = await windows.open("ppdp.lumajang", device)
    await answer_by_officer(officer, person, width)
    worker.expect_answers(404)

    async def restricted() -> bool:
        return await worker.go(f"/warga/{made}") == 404

    await until(restricted, RESTRICTED_SECONDS)
    await worker.photograph(f"restricted-{width}")
    dinsos = await windows.open("dinsos.lumajang", device)
    await dinsos.go(f"/warga/{made}")
    await expect(dinsos.page.get_by_text("Pemrosesan data ini dibatasi.")).to_be_visible()
    await assert_accessible(dinsos)
    await dinsos.photograph(f"restricted-dinsos-{width}")


async def test_the_printed_file_holds_what_is_the_persons_own_and_nobody_elses(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    psm = caller("psm.sumberwuluh")
    person, mother = inventor.person(), inventor.person()
    own = {
        **registration(person),
        **AGREED,
        "address": "RT 3 RW 1 (sebelah musala)",
        "phone": "0812-7000-1234",
        "aliases": ["Mak Sumber"],
    }
    made = (await psm.post("registry", "/beneficiaries", own, status=201))["id"]
    home = await psm.post("registry", "/beneficiaries", {
        "kind": "family", "name": f"Keluarga {mother.name}", "area": own["area"],
        "categories": ["FM"], "legal_basis": "public_task", "address": "Jalan Kenanga 7",
    }, status=201)  # fmt: skip
    for one, relation in ((await psm.register(mother), "head"), (made, "child")):
        path = f"/beneficiaries/{home['id']}/members"
        await psm.post("registry", path, {"person_id": one, "relation": relation})
    # The trails tell of one another that they look alike.
    alike = {
        **{name: said for name, said in registration(person).items() if name != "nik"},
        "nik_absent_reason": "lost", "name": f"Hj. {person.name}", "different_from": [made],
        "address": "Dusun Lain", "phone": "0813-9999-4321",
    }  # fmt: skip
    twin = (await psm.post("registry", "/beneficiaries", alike, status=201))["id"]

    officer = await windows.open("ppdp.lumajang", DESK)
    await officer.go(f"/warga/{made}/pelindungan")
    _, content = await download(officer, "PDF")
    words = words_of(content)
    for told in (
        f"Nama {person.name}", person.nik, "1951", "RT 3 RW 1 (sebelah musala)",
        "0812-7000-1234", "Mak Sumber", "Sumberwuluh, Kec. Candipuro", "Lanjut Usia Telantar",
        "Anak", "Pendataan dan pelayanan", "Persetujuan", "mendaftarkan",
        "menyatakan bukan orang yang sama",
        "Data pribadi: hanya untuk yang bersangkutan. Halaman 1",
    ):  # fmt: skip
        assert told in words, told
    for hidden in (
        mother.name, mother.nik, "Jalan Kenanga", f"Hj. {person.name}", "Dusun Lain",
        "0813-9999-4321", twin,
    ):  # fmt: skip
        assert hidden not in words, hidden


async def test_a_changed_audit_row_is_named_on_the_page_and_on_the_terminal(
    windows: Windows, installation: Installation, caller: Callable[[str], Caller]
) -> None:
    await caller("psm.sumberwuluh").get("registry", "/beneficiaries")
    window = await windows.open("ppdp.lumajang", DESK)
    await window.go("/pelindungan")
    await window.press("Periksa jejak akses")
    await expect(window.page.get_by_text("Jejak utuh:")).to_be_visible()
    await window.photograph("chain-whole-1280")
    answer = installation.command("audit", "verify")
    assert answer.returncode == 0, answer.stdout
    assert re.search(r"^registry: \d+ rows hold", answer.stdout, re.MULTILINE)
    owner = await asyncpg.connect(installation.environment["POSTGRES_URL"])
    changed = await owner.fetchrow(
        "select id, action from registry.audit_log order by id offset 3 limit 1"
    )
    change = "update registry.audit_log set action = $2 where id = $1"
    try:
        await owner.execute(change, changed["id"], "beneficiary.sung")
        await window.press("Periksa jejak akses")
        words = f"Jejak tidak utuh: baris {changed['id']} diubah atau hilang."
        await expect(window.page.get_by_text(words)).to_be_visible()
        await assert_accessible(window)
        await window.photograph("chain-broken-1280")
        answer = installation.command("audit", "verify")
        assert answer.returncode == 1
        assert f"registry: row {changed['id']} of registry.audit_log" in answer.stdout
    finally:
        await owner.execute(change, changed["id"], changed["action"])
        await owner.close()


async def test_a_dry_run_of_anonymising_counts_and_changes_nothing(
    installation: Installation, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    psm, person = caller("psm.sumberwuluh"), inventor.person()
    made = await psm.register(person)
    owner = await asyncpg.connect(installation.environment["POSTGRES_URL"])

    async def nothing_is_granted() -> bool:
        """What other tests had erased is done within seconds."""
        granted = "select exists (select from registry.beneficiaries where erase_at is not null)"
        return not await owner.fetchval(granted)

    async def said_after(years: int) -> str:
        """What the command says once so many more years went by for this person."""
        for change in AGEING:
            await owner.execute(change, UUID(made), timedelta(days=366 * years))
        answer = installation.command("registry", "anonymise", "--dry-run")
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    try:
        await until(nothing_is_granted, RESTRICTED_SECONDS)
        nobody = "0 records past their retention and 0 whose erasure was"
        assert (await said_after(0)).startswith(nobody)
        assert (await said_after(30)).startswith(nobody.replace("0", "1", 1))
        assert (await psm.get("registry", f"/beneficiaries/{made}"))["name"] == person.name
        assert (await said_after(-30)).startswith(nobody)
    finally:
        await owner.close()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_an_officer_reads_what_was_asked_and_erases_nobody_by_a_slip(
    windows: Windows,
    caller: Callable[[str], Caller],
    inventor: Inventor,
    device: Mapping[str, Any],
) -> None:
    psm, person = caller("psm.sumberwuluh"), inventor.person()
    made = await psm.register(person)
    words = "Tidak mau didata lagi."
    asked = {"kind": "erasure", "words": words}
    await psm.post("registry", f"/beneficiaries/{made}/requests", asked, status=201)
    officer = await windows.open("ppdp.lumajang", device)
    officer.expect_answers(422)
    await officer.go("/pelindungan")
    mine = officer.page.locator(".cards > li").filter(has_text=person.name)
    await expect(mine).to_contain_text(words)
    await mine.locator("summary").click()
    await mine.get_by_label("Keputusan").select_option(label="Setujui penghapusan")
    await mine.get_by_role("button", name="Simpan jawaban").click()
    await expect(mine.get_by_text("Tandai bila data benar-benar boleh dihapus.")).to_be_visible()
    await officer.page.get_by_role("link", name="Tandai bila data").click()
    await expect(mine.get_by_role("checkbox")).to_be_focused()
    await expect(mine.get_by_label("Keputusan")).to_have_value("done")
    await mine.get_by_label("Keputusan").scroll_into_view_if_needed()
    await assert_accessible(officer)
    await officer.photograph(f"erasure-{device['viewport']['width']}")
    await mine.get_by_role("checkbox").check()
    await mine.get_by_role("button", name="Simpan jawaban").click()
    await expect(officer.page.get_by_text("Tersimpan.")).to_be_visible()
    await expect(mine).to_have_count(0)
