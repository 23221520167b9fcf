"""What users of other referral systems learned the hard way, each held by a test."""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from services.cases.storage import known
from services.notifications.domain.tells import NoticeKind
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.fixtures.kept_connections import Shelf
from tests.integration.cases.clock import kinds, passes, said, sweep
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.disasters import Place, add_site, declare, intake, send
from tests.integration.cases.seeding import multiply, put
from tests.integration.cases.telling import Telling

Make = Callable[..., Actor]
FAR = 20_000
COMMON = {
    "referral_new", "referral_accepted", "referral_held", "referral_resumed",
    "referral_completed", "referral_returned", "referral_cancelled", "referral_reminded",
    "referral_escalated", "referral_rerouted", "referral_started", "referral_noted",
    "referral_resent", "referral_recalled",
}  # fmt: skip
OPEN = {"referral_taken", "referral_assigned", "referral_taken_over", "referral_corrected"}
SECRET = {"glass_broken"}
OF_A_DISASTER = {"families_new"}


def test_the_stories_below_tell_every_kind_of_notice() -> None:
    assert set(NoticeKind) == COMMON | OPEN | SECRET | OF_A_DISASTER


async def test_the_sender_is_warned_before_sending_when_nobody_in_the_pool_can_be_reached(
    api: Api, employ: Employ, need: Need, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    await employ(psm)
    plan = (await api(psm).post("/referrals/plan", json=need())).json()
    assert len(plan["warnings"]) == 1
    assert "dapat dihubungi" in plan["warnings"][0]
    assert await owner.fetchval("select count(*) from referrals") == 0, "nothing was sent yet"
    sent = (await api(psm).post("/referrals", json=need())).json()
    assert sent["warnings"] == plan["warnings"]
    await employ(tksk)
    assert (await api(psm).post("/referrals/plan", json=need())).json()["warnings"] == []


async def test_a_worker_who_left_is_never_notified(
    api: Api, employ: Employ, need: Need, make_actor: Make, telling: Telling, worker_db: Database,
    owner: Owner, psm: Actor, tksk: Actor,
) -> None:  # fmt: skip
    """Neither of what is sent after the leaving, nor by the clock of what was sent before it."""
    gone = make_actor("TKSK", CANDIPURO)
    await employ(psm, tksk, gone)
    before = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    assert await telling.kinds_of(gone) == ["referral_new"]
    await employ(gone, active=False, version=2)
    await telling.leaves(gone)
    after = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    assert (await said(owner, after["id"]))[0][1]["pool"] == [str(tksk.id)]
    await passes(owner, await owner.fetchval("select reply_limit * 0.6 from referrals limit 1"))
    await sweep(worker_db)
    assert kinds(await said(owner, before["id"]))[-1] == "reminded"
    assert "referral_reminded" in await telling.kinds_of(tksk)
    assert await telling.kinds_of(gone) == ["referral_new"], "nothing since"


@pytest.mark.parametrize(
    "fields",
    [{}, {"category": "AKTK", "situation": "VIOLENCE"}],
    ids=["open", "special services"],
)
async def test_every_notice_can_be_opened_and_finished_by_its_receiver(
    api: Api, employ: Employ, need: Need, make_actor: Make, telling: Telling, worker_db: Database,
    owner: Owner, psm: Actor, tksk: Actor, fields: dict[str, Any],
) -> None:  # fmt: skip
    people = {
        "colleague": make_actor("TKSK", CANDIPURO),
        "coordinator": make_actor("TKSK", LUMAJANG, Role.COORDINATOR),
        "dinsos": make_actor("DINSOS", LUMAJANG, Role.DINSOS),
        "officer": make_actor("DINSOS", LUMAJANG, Role.DATA_PROTECTION),
    }
    await employ(psm, tksk, *people.values())
    everybody = [psm, tksk, *people.values()]
    # One that is taken, given on, put off, taken up and ended; one the clock sends elsewhere;
    # one that is returned, sent again, returned and cancelled; one that is opened in an emergency;
    # one that is recalled; one that should never have been entered.
    stories = [
        (await api(psm).post("/referrals", json=need(**fields))).json()["referrals"][0]
        for _ in range(6)
    ]
    receivers = [
        next((one for one in everybody if str(one.id) == story["worker_id"]), tksk)
        for story in stories
    ]
    await live(api, stories, receivers, people, psm)
    for part in (0.6, 0.35, 0.1, 1, 1):
        await passes(owner, await owner.fetchval("select reply_limit * $1 from referrals", part))
        await sweep(worker_db)
    found = await opened_and_finished(api, telling, owner, everybody)
    assert found == COMMON | (SECRET if fields else OPEN)


async def test_news_of_many_families_can_be_opened_and_finished_by_each_receiver(
    api: Api, employ: Employ, make_actor: Make, telling: Telling, worker_db: Database,
    owner: Owner, psm: Actor, tksk: Actor,
) -> None:  # fmt: skip
    dinsos, tagana = make_actor("DINSOS", LUMAJANG, Role.DINSOS), make_actor("TAGANA", LUMAJANG)
    helper = make_actor("TAGANA", LUMAJANG)
    everybody = [psm, tksk, dinsos, tagana, helper]
    await employ(*everybody)
    disaster = await declare(api(dinsos))
    place = Place(disaster, await add_site(api(dinsos), disaster["id"]))
    families = [uuid.uuid4() for _ in range(3)]
    async with worker_db.transaction() as tx:
        for one in families:
            await known.remember_beneficiary(
                tx,
                beneficiary_id=one,
                version=1,
                area=SUMBERWULUH,
                confidentiality=Confidentiality.C1,
                merged_into=None,
            )
    results = await send(api(tagana), place, *(intake(place, str(one)) for one in families))
    assert {one["status"] for one in results} == {"created"}
    assert await opened_and_finished(api, telling, owner, everybody) == OF_A_DISASTER


async def opened_and_finished(
    api: Api, telling: Telling, owner: Owner, everybody: Sequence[Actor]
) -> set[str]:
    """The kinds of all notices, once each was opened by its receiver with what it is about."""
    found = set()
    for actor in everybody:
        async with asyncio.timeout(30):
            found |= {kind for kind, _, _ in await telling.of(actor)}
            rows = await owner.fetch(
                "select distinct referral_id from notifications.notices where recipient_id = $1",
                actor.id,
            )
            for row in rows:
                answer = await api(actor).get(f"/referrals/{row['referral_id']}")
                assert answer.status_code == 200, (actor.duties, row)
            assert await telling.finish(actor) == 0
    return found


async def live(
    api: Api, stories: list[dict[str, Any]], receivers: list[Actor], people: dict[str, Actor],
    psm: Actor,
) -> None:  # fmt: skip
    """What the people do before the clock comes by."""

    async def act(actor: Actor, story: int, verb: str, **body: Any) -> int:
        path = f"/referrals/{stories[story]['id']}/{verb}"
        return (await api(actor).post(path, json=body)).status_code

    holder, colleague = receivers[0], people["colleague"]
    assert await act(holder, 0, "accept") == 200
    secret = stories[0]["confidentiality"] == "C3"
    if not secret:
        assert await act(people["coordinator"], 0, "assign", worker_id=str(colleague.id)) == 200
        holder = colleague
    assert await act(holder, 0, "start") == 200
    assert await act(holder, 0, "note", text="Sudah ditemui.") == 200
    assert await act(psm, 0, "note", text="Terima kasih.") == 200
    assert await act(holder, 0, "hold", reason="Hujan.", until="2099-01-01T00:00:00Z") == 200
    assert await act(holder, 0, "resume") == 200
    assert await act(holder, 0, "complete", outcome="need_met") == 200
    assert await act(receivers[2], 2, "return", reason="capacity") == 200
    assert await act(psm, 2, "resend", change="Alamat dilengkapi.") == 200
    assert await act(receivers[2], 2, "return", reason="capacity") == 200
    assert await act(psm, 2, "cancel", reason="Sudah ditangani.") == 200
    assert await act(psm, 4, "recall", reason="Salah kirim.") == 200
    if not secret:
        assert await act(people["coordinator"], 5, "correct", reason="Salah orang.") == 200
    body = {"case_number": stories[3]["case"]["number"], "reason": "Nyawa terancam."}
    answer = await api(people["dinsos"]).post("/glass", json=body)
    assert answer.status_code == (201 if secret else 404), "what one sees needs no emergency"


async def test_one_bad_item_in_a_batch_never_blocks_the_others(
    employ: Employ, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    """The clock's batch; each bulk act over HTTP has its own test beside it."""
    await employ(make_actor("DINSOS", LUMAJANG, Role.DINSOS))
    bad = await put(worker_db, psm, pillar="UNHEARD_OF")
    good = [await put(worker_db, psm, pool=(tksk.id,)) for _ in range(20)]
    await passes(owner, await owner.fetchval("select reply_limit * 4 from referrals limit 1"))
    await sweep(worker_db)
    for one in good:
        assert kinds(await said(owner, one))[-1] == "rerouted"
    assert kinds(await said(owner, bad)) == ["sent"]


async def until_gone(owner: Owner, role: str) -> None:
    """Wait until nobody is connected under this role any more."""
    deadline = time.monotonic() + 30
    while await owner.fetchval("select count(*) from pg_stat_activity where usename = $1", role):
        assert time.monotonic() < deadline, f"{role} stays connected"
        await asyncio.sleep(0.05)


async def test_lists_are_measured_as_the_area_scoped_worker_and_not_as_admin(
    *,
    api: Api,
    worker_db: Database,
    owner: Owner,
    psm: Actor,
    tksk: Actor,
    kept_connections: Shelf,
) -> None:
    """Through the wall of rows and over HTTP, a short list in a full house reads no whole table."""
    own = [await put(worker_db, psm, pool=(tksk.id,)) for _ in range(3)]
    await multiply(owner, own[0], FAR)
    await owner.execute(
        "update referrals set area = '35.' || (10 + abs(mod(hashtext(id::text), 60))) || '.01',"
        " sender_area = '35.10.01' where not id = any($1)",
        own,
    )
    await owner.execute("analyze referrals")
    scans = "select seq_scan, idx_scan from pg_stat_user_tables where relid = 'referrals'::regclass"
    # What the preparations read is counted when their connections end or are asked to tell.
    await worker_db.close()
    await kept_connections.clear()
    await until_gone(owner, "sinergi_cases_worker")
    await owner.execute("select pg_stat_force_next_flush()")
    before = await owner.fetchrow(scans)
    assert before is not None
    items = (await api(tksk).get("/worklist")).json()["items"]
    assert {item["referral_id"] for item in items} == {str(one) for one in own}
    now, deadline = before, time.monotonic() + 30
    while now["idx_scan"] <= before["idx_scan"]:
        assert time.monotonic() < deadline, "the server never said how it read"
        await api(tksk).get("/worklist")
        await asyncio.sleep(0.2)
        now = await owner.fetchrow(scans) or before
    assert now["seq_scan"] == before["seq_scan"]
