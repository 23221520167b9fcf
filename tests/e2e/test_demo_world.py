"""The invented world a newcomer meets."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from playwright.async_api import expect

from deploy.demo.people import people
from deploy.demo_logins import DEMO_LOGINS
from tests.conftest import SUMBERWULUH
from tests.e2e.installation import Installation
from tests.e2e.windows import DESK, PHONE, Windows
from tests.fixtures.processes import until

# What other tests do here happens after the demo was made, the demo's own before.
NEWS_SQL = """
    select n.recipient_id, n.at from notifications.notices n
    join cases.referrals r on r.id = n.referral_id
    where r.beneficiary_id = any($1)
      and n.at < (select min(registered_at) from registry.beneficiaries)
    order by n.recipient_id, n.id
"""
NO_WORK = {"admin"}
"""Whose role has no worklist."""
IN_WORKLIST = {
    "tksk.candipuro": "Belum diambil",
    "psm.sumberwuluh": "Dikembalikan",
    "tagana.lumajang": "Bencana alam",
    "koordinator.lumajang": "Belum diambil",
}


def test_the_first_start_tells_where_to_go_and_who_to_be(installation: Installation) -> None:
    said = installation.said()
    assert f"Open  {installation.portal}" in said
    assert installation.password in said
    assert [login.username for login in DEMO_LOGINS if login.username not in said] == []


async def test_the_referrals_of_the_demo_stand_at_every_step(installation: Installation) -> None:
    connection = await asyncpg.connect(installation.environment["POSTGRES_URL"])
    try:
        rows = await connection.fetch(
            """
            select status, count(*) from cases.referrals
            where beneficiary_id = any($1) group by status
            """,
            [person.id for person in people()],
        )
    finally:
        await connection.close()
    standing = {row["status"]: row["count"] for row in rows}
    assert {"sent", "accepted", "in_progress", "completed", "returned"} <= standing.keys()
    assert sum(standing.values()) >= 24


async def test_the_news_of_the_demo_came_in_the_order_in_which_it_happened(
    installation: Installation,
) -> None:
    connection = await asyncpg.connect(installation.environment["POSTGRES_URL"])
    came: list[tuple[uuid.UUID, datetime]] = []

    async def has_come() -> bool:
        rows = await connection.fetch(NEWS_SQL, [person.id for person in people()])
        came[:] = [(row["recipient_id"], row["at"]) for row in rows]
        return len(came) >= 24

    try:
        await until(has_come)
    finally:
        await connection.close()
    assert came == sorted(came)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_two_reports_wait_one_of_them_of_somebody_recorded(
    windows: Windows, device: Mapping[str, Any]
) -> None:
    window = await windows.open("psm.sumberwuluh", device)
    page = window.page
    await window.go("/laporan")
    told = page.get_by_role("link").filter(has_text="Puskesmas Penanggal")
    await expect(told).to_have_count(2)
    await window.photograph(f"reports-{device['viewport']['width']}")
    await told.first.click()
    await expect(page.get_by_text("Mungkin sudah terdaftar")).to_be_visible()
    await window.go("/laporan")
    await told.filter(has_text="Mbah Karsinah").click()
    await expect(page.get_by_text("kira-kira 81 tahun")).to_be_visible()
    await expect(page.get_by_text("Mungkin sudah terdaftar")).to_have_count(0)


@pytest.mark.parametrize("username", [login.username for login in DEMO_LOGINS])
async def test_every_demo_login_signs_in(windows: Windows, username: str) -> None:
    window = await windows.open(device=DESK)
    if username in NO_WORK:
        window.expect_answers(403)
    await window.go("/")
    async with window.page.expect_navigation():
        await window.fill_in_sign_in(username, windows.password)
    await window.go("/kabar")
    await expect(window.heading("Kabar")).to_be_visible()
    if username not in NO_WORK:
        await window.go("/tugas")
        await expect(window.heading("Tugas")).to_be_visible()
    if username in IN_WORKLIST:
        cards = window.page.locator(".cards")
        await expect(cards.get_by_text(IN_WORKLIST[username]).first).to_be_visible()
    await window.page.locator("details.me summary").click()
    await window.press("Keluar")
    await expect(window.page.get_by_text("Anda sudah keluar.")).to_be_visible()
    await window.go("/tugas")
    assert window.path() == "/masuk"


async def test_an_invented_person_is_found_and_called_so(windows: Windows) -> None:
    somebody = next(person for person in people() if person.area == SUMBERWULUH)
    window = await windows.open("psm.sumberwuluh", DESK)
    await window.go("/warga")
    await window.page.get_by_label("Nama atau NIK").fill(somebody.name.partition(" ")[0])
    await window.press("Cari")
    names = await window.page.locator("#hasil .list strong").all_inner_texts()
    assert somebody.name in names
    assert [name for name in names if not name.endswith("(demo)")] == []
