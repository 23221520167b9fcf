"""Another system tells of somebody: a worker hears of it at once and decides who it is."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
import httpx2
import pytest
from playwright.async_api import expect

from tests.conftest import SUMBERWULUH
from tests.e2e.callers import Caller
from tests.e2e.installation import Installation
from tests.e2e.people import BIRTH_YEAR, Inventor, Person
from tests.e2e.test_accessibility import violations
from tests.e2e.windows import DESK, PHONE, Window, Windows
from tests.fixtures.processes import until

SOURCE = "Puskesmas Candipuro"
WORDS = "Tinggal sendiri, sudah tiga hari tidak makan."


class Reporter:
    """Another system, which speaks through a service of ours."""

    def __init__(self, installation: Installation) -> None:
        self._registry = installation.url("registry") + "/reports"
        self._owner = installation.environment["POSTGRES_URL"]
        self._token = installation.url("directory") + "/oauth/token"
        self._secret = json.loads(installation.environment["DIRECTORY_CLIENTS"])["cases"]

    async def tell(self, person: Person) -> dict[str, str]:
        """How far the report of this person is, which is new the first time."""
        body = {
            "source": SOURCE,
            "external_id": f"K-{person.name}",
            "name": person.name,
            "sex": "F",
            "birth": {"year": BIRTH_YEAR},
            "nik": person.nik,
            "area": SUMBERWULUH,
            "address": "RT 3 RW 1, sebelah musala",
            "phone": "0812-7000-4321",
            "categories": ["LUT"],
            "words": WORDS,
        }
        async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
            credentials = {"grant_type": "client_credentials"}
            answer = await client.post(self._token, data=credentials, auth=("cases", self._secret))
            bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            answer = await client.post(self._registry, json=body, headers=bearer)
        assert answer.is_success, answer.text
        filed: dict[str, str] = answer.json()
        return filed

    async def has_spoken(self) -> bool:
        """Whether the notices of all reports so far, those of the demo among them, are there."""
        owner = await asyncpg.connect(self._owner)
        said = await owner.fetchval(
            """
            select (select count(*) from registry.reports) = (
                select count(*) from notifications.notices n
                join directory.accounts a on a.worker_id = n.recipient_id
                where n.kind = 'report_received' and a.username = $1
            )
            """,
            "psm.sumberwuluh",
        )
        await owner.close()
        return bool(said)


@pytest.fixture
def reporter(installation: Installation) -> Reporter:
    return Reporter(installation)


async def by_its_notice(window: Window, person: Person) -> None:
    """From the newest notice through the list to the report of this person."""
    notices = window.page.locator(".cards > li")
    await window.go("/kabar")
    await notices.filter(has_text="Laporan baru dari sistem lain").first.locator("button").click()
    await expect(window.heading("Laporan")).to_be_visible()
    await window.page.get_by_role("link", name=person.name).click()
    await expect(window.heading(person.name)).to_be_visible()
    await expect(window.page.get_by_text(WORDS)).to_be_visible()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_somebody_told_of_is_registered_from_what_was_told(
    windows: Windows,
    reporter: Reporter,
    caller: Callable[[str], Caller],
    inventor: Inventor,
    device: Mapping[str, Any],
) -> None:
    person, width = inventor.person(), device["viewport"]["width"]
    window = await windows.open("psm.sumberwuluh", device)
    page = window.page
    await window.go("/tugas")
    await window.is_live()
    await until(reporter.has_spoken)
    unread = (await caller("psm.sumberwuluh").get("notifications", "/notices/count"))["unread"]
    assert (await reporter.tell(person))["state"] == "open"
    badge = page.get_by_role("navigation", name="Utama").get_by_role("link", name="Kabar")
    await expect(badge).to_contain_text(f"{unread + 1} kabar belum dibaca")
    await by_its_notice(window, person)
    found = await violations(window, "laporan")
    await window.photograph(f"report-{width}")
    await page.get_by_role("link", name="Daftarkan sebagai warga baru").click()
    await expect(page.get_by_label("Nama", exact=True)).to_have_value(person.name)
    await expect(page.get_by_label("Tahun lahir")).to_have_value(str(BIRTH_YEAR))
    await expect(page.get_by_label("Lanjut Usia Telantar")).to_be_checked()
    await window.photograph(f"report-registered-{width}")
    await page.get_by_label("Dasar pencatatan").select_option("public_task")
    await window.press("Daftarkan")
    await expect(page.get_by_text(f"{person.name} berhasil didaftarkan.")).to_be_visible()
    assert (await reporter.tell(person))["state"] == "settled"
    await window.go("/laporan")
    await expect(page.get_by_role("link", name=person.name)).to_have_count(0)
    assert found + await violations(window, "daftar laporan") == []


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_somebody_told_of_is_found_recorded_already(
    windows: Windows,
    reporter: Reporter,
    caller: Callable[[str], Caller],
    inventor: Inventor,
    device: Mapping[str, Any],
) -> None:
    person = inventor.person()
    known = await caller("psm.sumberwuluh").register(person)
    filed = await reporter.tell(person)
    window = await windows.open("psm.sumberwuluh", device)
    page = window.page
    await window.go(f"/laporan/{filed['id']}")
    await expect(page.get_by_text("Mungkin sudah terdaftar")).to_be_visible()
    await expect(page.get_by_text("NIK sama persis")).to_be_visible()
    await window.photograph(f"report-known-{device['viewport']['width']}")
    assert await violations(window, "laporan dengan yang mirip") == []
    await page.locator("summary").filter(has_text="Orang yang sama").click()
    await expect(page.get_by_text(f"selesai sebagai data {person.name}")).to_be_visible()
    await window.photograph(f"report-same-{device['viewport']['width']}")
    await window.press("Ya, orang yang sama")
    await expect(page.get_by_text("Laporan diselesaikan: orangnya sudah tercatat.")).to_be_visible()
    assert window.path() == f"/warga/{known}"
    assert (await reporter.tell(person))["state"] == "settled"


async def test_nobody_is_recorded_for_a_report_without_a_reason(
    windows: Windows, reporter: Reporter, inventor: Inventor
) -> None:
    person = inventor.person()
    filed = await reporter.tell(person)
    window = await windows.open("psm.sumberwuluh", scripts=False)
    window.expect_answers(422)
    page = window.page
    await window.go(f"/laporan/{filed['id']}")
    await page.get_by_text("Tidak dapat dicatat").click()
    await page.get_by_label("Alasan").evaluate("field => field.required = false")
    await window.press("Selesaikan tanpa mencatat")
    await expect(page.get_by_role("link", name="Pilih alasannya.")).to_be_visible()
    await page.get_by_label("Alasan").select_option("not_found")
    await window.press("Selesaikan tanpa mencatat")
    await expect(page.get_by_text("Laporan sudah diselesaikan.")).to_be_visible()
    assert (await reporter.tell(person))["state"] == "refused"
    await window.go(f"/laporan/{filed['id']}")
    await expect(page.get_by_text("Tidak dicatat. Orangnya tidak ditemukan")).to_be_visible()
