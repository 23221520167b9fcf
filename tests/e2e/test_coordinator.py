"""The coordinator's day: what is overdue, why it went where it went, who can take it over."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest
from playwright.async_api import expect

from tests.conftest import SUMBERWULUH
from tests.e2e.callers import Caller
from tests.e2e.installation import Installation
from tests.e2e.people import Inventor
from tests.e2e.windows import DESK, PHONE, Windows

Callers = Callable[[str], Caller]
# The clock jumps: the deadline of the act passed before any other, and its alarm is due.
_LATE = """
    update referrals set act_by = oldest.at, due_at = oldest.at, alarm_at = now(),
        rung_until = oldest.at - interval '1 hour'
    from (select least(now() - interval '26 hours', min(due_at) - interval '1 hour') as at
          from referrals) oldest
    where id = $1
"""


@pytest.fixture
async def late(installation: Installation, caller: Callers, inventor: Inventor) -> str:
    """A flood family's referral that a Tagana took yesterday and did not begin; its case number."""
    psm, tagana = caller("psm.sumberwuluh"), caller("tagana.lumajang")
    sent = await psm.send(
        await psm.register(inventor.person()),
        category="KBA",
        situation="NATURAL_DISASTER",
        area=SUMBERWULUH,
        target={},
    )
    await tagana.act(sent["id"], "accept")
    connection = await asyncpg.connect(installation.environment["CASES_WORKER_DATABASE_URL"])
    try:
        await connection.execute(_LATE, sent["id"])
        for _ in range(100):
            if await connection.fetchval(
                "select escalation_level > 0 from referrals where id = $1", sent["id"]
            ):
                return str(sent["case"]["number"])
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
    raise AssertionError("the missed deadline was not escalated")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_coordinator_finds_the_oldest_overdue_and_hands_it_to_another(
    device: dict[str, object], late: str, windows: Windows, caller: Callers
) -> None:
    name = "phone" if device is PHONE else "desk"
    window = await windows.open("koordinator.lumajang", device)
    page = window.page
    await window.go("/pantau")
    await expect(window.heading("Pantau")).to_be_visible()
    await window.photograph(f"coordinator-board-{name}")
    await page.locator(".tiles").get_by_text("lewat tenggat").click()
    first = page.locator(".cards > li").first
    await expect(first).to_contain_text("Di Dinas Sosial")
    await first.locator("a").click()
    await expect(page.locator(".back")).to_contain_text(late)
    await expect(page.get_by_role("heading", name="Mengapa ke sini")).to_be_visible()
    await expect(page.locator(".reasons")).to_contain_text("Aturan R009")
    await expect(page.locator(".history")).to_contain_text("Eskalasi")
    await window.photograph(f"coordinator-overdue-{name}")

    await window.go("/beban")
    name_of_holder = (await caller("tagana.lumajang").get("directory", "/me"))["name"]
    worker = page.locator(".list > li").filter(has_text=name_of_holder)
    await expect(worker).to_contain_text("lewat tenggat")
    await window.photograph(f"coordinator-workload-{name}")
    await worker.first.get_by_role("link", name="Serahkan").click()
    await expect(window.heading("Serah terima")).to_be_visible()
    mine = page.locator("fieldset li").filter(has_text=late)
    await expect(mine).to_contain_text("Bertugas di")
    await expect(mine).to_contain_text("rujukan")
    await expect(mine).to_contain_text(await _receiver_of(late, caller))
    await page.get_by_label("Alasan").fill("Sedang sakit.")
    await window.photograph(f"coordinator-handover-{name}")
    await window.press("Serahkan")
    await expect(page.get_by_role("status").filter(has_text="diserahkan")).to_be_visible()
    await expect(page.get_by_text(late)).to_have_count(0)
    await window.photograph(f"coordinator-handed-over-{name}")


async def _receiver_of(number: str, caller: Callers) -> str:
    """The name of the worker to whom the ranking gives this case's referral."""
    coordinator, old = caller("koordinator.lumajang"), caller("tagana.lumajang")
    body = {"from_worker": (await old.get("directory", "/me"))["id"], "reason": "Sakit."}
    preview = await coordinator.post("cases", "/handover?preview=true", body)
    (mine,) = [item for item in preview["items"] if item["case_number"] == number]
    assert mine["to_worker"] == mine["candidates"][0]["worker_id"]
    ids = {"ids": [mine["to_worker"]]}
    named = await coordinator.post("directory", "/workers/lookup", ids)
    return str(named["items"][0]["name"])


async def test_the_new_holder_is_told_and_the_old_one_is_free(
    late: str, caller: Callers, installation: Installation
) -> None:
    coordinator, old = caller("koordinator.lumajang"), caller("tagana.lumajang")
    who = (await old.get("directory", "/me"))["id"]
    moved = await coordinator.post("cases", "/handover", {"from_worker": who, "reason": "Sakit."})
    (mine,) = [item for item in moved["items"] if item["case_number"] == late]
    assert mine["ok"]
    assert mine["to_worker"] != who
    work = (await old.get("cases", "/worklist", limit=100))["items"]
    assert late not in {item["case_number"] for item in work if item["holder_id"] == who}


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_coordinator_gives_several_waiting_referrals_to_one_worker_at_once(
    device: dict[str, object], windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    psm, tagana = caller("psm.sumberwuluh"), caller("tagana.lumajang")
    numbers = []
    for _ in range(2):
        sent = await psm.send(
            await psm.register(inventor.person()),
            category="KBA", situation="NATURAL_DISASTER", area=SUMBERWULUH, target={},
        )  # fmt: skip
        numbers.append(sent["case"]["number"])
    name = "phone" if device is PHONE else "desk"
    window = await windows.open("koordinator.lumajang", device)
    page = window.page
    await window.go("/pantau")
    await page.get_by_role("link", name="Tugaskan").click()
    await expect(window.heading("Tugaskan")).to_be_visible()
    for box in await page.get_by_role("checkbox").all():
        await box.uncheck()
    for number in numbers:
        await page.get_by_label(number).check()
    who = await tagana.get("directory", "/me")
    await page.get_by_label("Diberikan kepada").select_option(value=who["id"])
    await window.photograph(f"coordinator-assign-{name}")
    await window.press("Tugaskan yang dipilih")
    done = page.get_by_role("status").filter(has_text="2 rujukan ditugaskan")
    await expect(done).to_be_visible()
    for number in numbers:
        await expect(page.get_by_text(number)).to_have_count(0)
    work = (await tagana.get("cases", "/worklist", limit=100))["items"]
    assert set(numbers) <= {item["case_number"] for item in work}
