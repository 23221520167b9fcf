"""The worklist: whose it is, in which order, and page by page without a gap."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.cases.domain.clocks import Limits
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from tests.integration.cases.conftest import Api, Employ, Need
from tests.integration.cases.seeding import put

Make = Callable[..., Actor]


def due_in(hours: float) -> Limits:
    """Limits whose earliest deadline is this far away, or past when below nought."""
    return Limits(timedelta(hours=hours), timedelta(days=30), timedelta(days=60))


async def pages(api: Api, actor: Actor, limit: int, **filters: str) -> list[dict[str, Any]]:
    """Every item, page after page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        question = {"limit": str(limit), **filters} | ({"cursor": cursor} if cursor else {})
        answer = (await api(actor).get("/worklist", params=question)).json()
        assert len(answer["items"]) <= limit
        found += answer["items"]
        cursor = answer["next"]
        if cursor is None:
            return found
        assert answer["items"], "an empty page promised more"


def ids(items: list[dict[str, Any]]) -> list[UUID]:
    return [UUID(item["referral_id"]) for item in items]


async def test_what_is_due_first_comes_first_over_all_pages_without_gap_or_repeat(
    api: Api, psm: Actor, tksk: Actor, worker_db: Database
) -> None:
    hours = [5, 1, 3, -2, 8, 3, 3, 3, -1, 2, 13, 0.5, 3]
    expected = [(hour, await put(worker_db, psm, limits=due_in(hour))) for hour in hours]
    # What came back to the caller is due for no clock and stands last.
    back = [await put(worker_db, tksk, status="returned") for _ in range(3)]
    for limit in (1, 2, 4, 16, 100):
        items = await pages(api, tksk, limit)
        assert sorted(ids(items)) == sorted([one for _, one in expected] + back)
        times = [item["due_at"] for item in items]
        assert times[-3:] == [None] * 3
        assert times[:-3] == sorted(times[:-3])
        assert ids(items)[:2] == [expected[3][1], expected[8][1]]
    assert ids(await pages(api, tksk, 3)) == ids(await pages(api, tksk, 5))


async def test_what_is_overdue_is_marked_and_can_be_asked_for(
    api: Api, psm: Actor, tksk: Actor, worker_db: Database
) -> None:
    late = [await put(worker_db, psm, limits=due_in(hours)) for hours in (-3, -2, -1)]
    soon = await put(worker_db, psm, limits=due_in(2))
    far = await put(worker_db, psm, limits=due_in(50))
    await put(worker_db, tksk, status="returned")
    assert [item["overdue"] for item in await pages(api, tksk, 10)] == [True] * 3 + [False] * 3
    assert ids(await pages(api, tksk, 2, due="overdue")) == late
    assert ids(await pages(api, tksk, 2, due="today")) == [*late, soon]
    assert far not in ids(await pages(api, tksk, 2, due="today"))


async def test_a_worklist_holds_own_work_the_pools_work_and_what_came_back(
    api: Api, psm: Actor, tksk: Actor, make_actor: Make, worker_db: Database
) -> None:
    colleague = make_actor("TKSK", "35.08.03")
    pool = await put(worker_db, psm)
    by_name = await put(worker_db, psm, worker_id=tksk.id)
    own = await put(worker_db, psm, status="in_progress", holder_id=tksk.id)
    paused = await put(worker_db, psm, status="on_hold", holder_id=tksk.id)
    back = await put(worker_db, tksk, status="returned")
    await put(worker_db, psm, worker_id=colleague.id)
    await put(worker_db, psm, status="accepted", holder_id=colleague.id)
    await put(worker_db, psm, status="completed", holder_id=tksk.id)
    await put(worker_db, psm, status="returned")
    await put(worker_db, psm, area="35.08.04")
    await put(worker_db, psm, area="35.08.03.2005", pillar="PSM")
    await put(worker_db, tksk, status="sent", area="35.09.01")
    assert set(ids(await pages(api, tksk, 50))) == {pool, by_name, own, paused, back}


async def test_a_worklist_can_be_narrowed_by_status_and_pillar(
    api: Api, psm: Actor, make_actor: Make, worker_db: Database
) -> None:
    tksk = make_actor("TKSK", "35.08.03")
    both = Actor(tksk.id, "worker", (*tksk.duties, *make_actor("PSM", "35.08.03.2005").duties))
    as_tksk = await put(worker_db, psm)
    as_psm = await put(worker_db, psm, pillar="PSM", area="35.08.03.2005")
    held = await put(worker_db, psm, status="accepted", holder_id=both.id)
    assert set(ids(await pages(api, both, 50))) == {as_tksk, as_psm, held}
    assert ids(await pages(api, both, 50, pillar="PSM")) == [as_psm]
    assert ids(await pages(api, both, 50, status="accepted")) == [held]
    assert ids(await pages(api, both, 50, status="sent", pillar="TKSK")) == [as_tksk]
    assert await pages(api, both, 50, status="completed") == []


async def test_other_offices_and_other_roles_find_nothing_in_their_worklist(
    api: Api, psm: Actor, make_actor: Make, worker_db: Database
) -> None:
    office, other = UUID(int=1), UUID(int=2)
    mine = await put(worker_db, psm, pillar="LKS", area="35.08", organisation_id=office)
    inside = make_actor("LKS", "35.08", organisation_id=office)
    outside = make_actor("LKS", "35.08", organisation_id=other)
    assert ids(await pages(api, inside, 50)) == [mine]
    assert await pages(api, outside, 50) == []
    for role in (Role.DINSOS, Role.VILLAGE_HEAD):
        assert await pages(api, make_actor("DINSOS", "35.08", role), 50) == []
    answer = await api(make_actor("DINSOS", "35.08", Role.ADMIN)).get("/worklist")
    assert answer.status_code == 403


async def test_what_i_sent_is_listed_newest_first_and_page_by_page(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, worker_db: Database
) -> None:
    await employ(psm, tksk)
    sent = [
        (await api(psm).post("/referrals", json=need())).json()["referrals"][0]["id"]
        for _ in range(5)
    ]
    await put(worker_db, tksk)
    found: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        question = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await api(psm).get("/referrals", params=question)).json()
        found += [item["referral_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == sent[::-1]
    await api(tksk).post(f"/referrals/{sent[0]}/accept", json={})
    accepted = (await api(psm).get("/referrals?status=accepted")).json()["items"]
    assert [item["referral_id"] for item in accepted] == [sent[0]]


async def test_a_special_services_line_names_neither_category_nor_situation(
    api: Api, psm: Actor, tksk: Actor, worker_db: Database
) -> None:
    secret = {
        "category": "AKTK", "situation": "VIOLENCE", "confidentiality": Confidentiality.C3,
    }  # fmt: skip
    await put(worker_db, psm, worker_id=tksk.id, **secret)
    await put(worker_db, psm, status="returned", **secret)
    await put(worker_db, psm, worker_id=tksk.id, confidentiality=Confidentiality.C2)
    for caller in (tksk, psm):
        items = await pages(api, caller, 10)
        assert any(item["confidentiality"] == "C3" for item in items)
        for item in items:
            named = (item["category"], item["situation"])
            hidden = item["confidentiality"] == "C3"
            assert named == ((None, None) if hidden else ("GLD", "HOMELESS"))
            assert "need" not in item
    listed = (await api(psm).get("/referrals")).json()["items"]
    assert [item["category"] for item in listed if item["confidentiality"] == "C3"] == [None, None]
