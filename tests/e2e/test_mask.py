"""Special services: whoever sees only the mask learns on no page whose record it is."""

from collections.abc import Callable

import pytest
from playwright.async_api import expect

from services.registry.domain.name import HIDDEN
from tests.e2e.callers import Caller, registration
from tests.e2e.people import Inventor
from tests.e2e.test_protection import assert_accessible
from tests.e2e.windows import PHONE, Windows

PAGES = ("", "/pelindungan", "/ganda", "/kategori", "/perbaiki")
ADDRESS, PHONE_NUMBER, GUARDIAN = "RT 77 dekat langgar", "0857-1111-2222", "Wali Terpendam"


@pytest.mark.parametrize("reader", ["tksk.candipuro", "dinsos.lumajang"])
async def test_no_page_of_a_masked_record_says_whose_it_is(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor, reader: str
) -> None:
    psm, person = caller("psm.sumberwuluh"), inventor.person()
    body = registration(person) | {
        "categories": ["ODHA"],
        "address": ADDRESS,
        "phone": PHONE_NUMBER,
    }
    made = (await psm.post("registry", "/beneficiaries", body, status=201))["id"]
    guardian = {
        "basis": "consent",
        "consent": {"text_version": "2026-1", "channel": "written"},
        "guardian": GUARDIAN,
    }
    await psm.post("registry", f"/beneficiaries/{made}/legal-bases", guardian, status=201)
    window = await windows.open(reader, PHONE)
    for place in PAGES:
        await window.go(f"/warga/{made}{place}")
        shown = await window.page.content()
        told = {one for one in (person.name, ADDRESS, PHONE_NUMBER, GUARDIAN) if one in shown}
        assert told == set()
        await assert_accessible(window)
    # Whoever answers a request must know whose it is.
    await psm.post("registry", f"/beneficiaries/{made}/requests", {"kind": "access"}, status=201)
    await window.go(f"/warga/{made}/pelindungan")
    handles = reader.startswith("dinsos")
    await expect(window.heading("Pelindungan data")).to_be_visible()
    assert (person.name in await window.page.content()) == handles
    await window.go(f"/warga/{made}")
    await expect(window.page.get_by_role("heading", name=HIDDEN)).to_be_visible()
    await window.go(f"/warga/{made}/ganda")
    await window.photograph(f"masked-duplicates-{reader.partition('.')[0]}")
