"""A case: its phases, its several legs, and how it ends and begins again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.seeding import put
from tests.integration.cases.test_bad_input import refusal

Make = Callable[..., Actor]
DONE = {"outcome": "need_met"}
KEY = {"Idempotency-Key": "closed-it-once"}
# From which phase one may go where; an emergency may skip to intervention.
PHASES = """
intake        assessment
assessment    plan intake
plan          intervention intake assessment
intervention  monitoring intake assessment plan
monitoring    intake assessment plan intervention
"""


async def end(api: Api, holder: Actor, referral: str, **fields: Any) -> httpx2.Response:
    """Accept and complete."""
    assert (await api(holder).post(f"/referrals/{referral}/accept", json={})).is_success
    return await api(holder).post(f"/referrals/{referral}/complete", json={**DONE, **fields})


@pytest.mark.parametrize("line", PHASES.strip().splitlines(), ids=lambda line: line.split()[0])
@pytest.mark.parametrize("urgency", ["high", "emergency"])
async def test_a_case_moves_one_phase_on_or_back_with_a_note(
    api: Api, employ: Employ, need: Need, owner: Owner, psm: Actor, tksk: Actor, line: str,
    urgency: str,
) -> None:  # fmt: skip
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need(urgency=urgency))).json()
    path = f"/cases/{sent['case']['id']}"
    phase, *onward = line.split()
    if phase == "intake" and urgency == "emergency":
        onward.append("intervention")
    order = [one.split()[0] for one in PHASES.strip().splitlines()]
    for target in order:
        await owner.execute("update cases set phase = $1", phase)
        assert set((await api(psm).get(path)).json()["phases_open"]) == set(onward)
        bare = await api(psm).post(f"{path}/phase", json={"phase": target})
        if target not in onward:
            refusal(bare, 409, "case-step-not-allowed")
            continue
        if order.index(target) < order.index(phase):
            refusal(bare, 422, "reason-missing")
            body = {"phase": target, "note": "Keadaan berubah."}
            bare = await api(psm).post(f"{path}/phase", json=body)
        assert bare.json()["phase"] == target, bare.text


async def test_each_step_of_a_case_stands_in_its_history_and_is_said(
    api: Api, employ: Employ, need: Need, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()
    path = f"/cases/{sent['case']['id']}"
    await api(psm).post(f"{path}/phase", json={"phase": "assessment"})
    await end(api, tksk, sent["referrals"][0]["id"])
    await api(psm).post(f"{path}/reopen", json={"reason": "Rumah terbakar lagi."})
    closing = {"reason": "moved", "note": "Pindah ke Jember."}
    closed = (await api(psm).post(f"{path}/close", json=closing)).json()
    assert [(step["verb"], step["actor_id"]) for step in closed["history"]] == [
        ("open", str(psm.id)),
        ("phase", str(psm.id)),
        ("close", str(tksk.id)),
        ("reopen", str(psm.id)),
        ("close", str(psm.id)),
    ]
    assert (closed["is_open"], closed["close_reason"]) == (False, "moved")
    types = [row["type"] for row in await owner.fetch("select type from event_log order by seq")]
    said = [one.partition("case.")[2].removesuffix(".v1") for one in types if "case." in one]
    assert said == ["opened", "phase_changed", "closed", "reopened", "closed"]
    bodies = b"".join(row["data"] for row in await owner.fetch("select data from event_log"))
    assert b"Jember" not in bodies


async def test_p8_whatever_shows_the_notes_of_a_case_stands_in_its_trail(
    api: Api, employ: Employ, need: Need, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()
    path = f"/cases/{sent['case']['id']}"
    client = api(psm)
    answers = [await client.post(f"{path}/phase", json={"phase": "assessment", "note": "Yatim."})]
    await end(api, tksk, sent["referrals"][0]["id"])
    answers += [
        await client.post(f"{path}/reopen", json={"reason": "Rumah terbakar lagi."}),
        *[
            await client.post(f"{path}/close", json={"reason": "need_met"}, headers=KEY)
            for _ in range(2)
        ],
        await client.get(path),
        await client.get(f"/cases/by-number/{sent['case']['number']}"),
    ]
    read = """
        select array_agg(action) from audit_log
        where request_id = $1 and actor_id = $2 and subject_id = $3
    """
    found = [
        await owner.fetchval(read, answer.headers["x-request-id"], psm.id, UUID(path[7:]))
        for answer in answers
    ]
    again = found.pop(3)
    assert (again, found) == (["answer.repeated"], [["case.read"]] * 5)


async def test_a_case_with_an_open_leg_is_not_closed_by_hand(
    api: Api, employ: Employ, need: Need, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()
    path = f"/cases/{sent['case']['id']}"
    answer = await api(psm).post(f"{path}/close", json={"reason": "need_met"})
    assert refusal(answer, 409, "legs-open")["open_legs"] == 1
    await api(psm).post(f"/referrals/{sent['referrals'][0]['id']}/cancel", json={"reason": "-"})
    assert (await api(psm).get(path)).json()["is_open"], "what was called off closes no case"
    bare = await api(psm).post(f"{path}/close", json={"reason": "refused"})
    refusal(bare, 422, "reason-missing")
    closed = await api(psm).post(f"{path}/close", json={"reason": "refused", "note": "Menolak."})
    assert not closed.json()["is_open"]
    refusal(await api(psm).post(f"{path}/close", json={"reason": "need_met"}), 409,
            "case-step-not-allowed")  # fmt: skip
    refusal(await api(psm).post(f"{path}/phase", json={"phase": "assessment"}), 409,
            "case-step-not-allowed")  # fmt: skip


async def test_an_open_case_is_not_reopened_and_a_closed_one_takes_no_leg_until_it_is(
    api: Api, employ: Employ, need: Need, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()
    path, further = f"/cases/{sent['case']['id']}", need(case_id=sent["case"]["id"])
    why = {"reason": "Kambuh."}
    refusal(await api(psm).post(f"{path}/reopen", json=why), 409, "case-step-not-allowed")
    await end(api, tksk, sent["referrals"][0]["id"])
    refusal(await api(psm).post("/referrals", json=further), 404, "unknown-case")
    reopened = (await api(psm).post(f"{path}/reopen", json=why)).json()
    assert (reopened["is_open"], reopened["closed_at"], reopened["close_reason"]) == (
        True, None, None,
    )  # fmt: skip
    assert (await api(psm).post("/referrals", json=further)).status_code == 201


async def test_several_legs_go_out_at_once_and_the_case_closes_with_the_last(
    api: Api, employ: Employ, need: Need, make_actor: Make, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    youth, tagana = make_actor("KARANG_TARUNA", SUMBERWULUH), make_actor("TAGANA", LUMAJANG)
    await employ(psm, tksk, youth, tagana)
    body = need(legs=[{"pillar": "KARANG_TARUNA"}, {"pillar": "TAGANA"}])
    sent = (await api(psm).post("/referrals", json=body)).json()
    assert [(leg["pillar"], leg["role"], leg["area"]) for leg in sent["referrals"]] == [
        ("TKSK", "primary", CANDIPURO),
        ("KARANG_TARUNA", "supporting", SUMBERWULUH),
        ("TAGANA", "supporting", LUMAJANG),
    ]
    legs = {leg["pillar"]: leg["id"] for leg in sent["referrals"]}
    path = f"/cases/{sent['case']['id']}"
    for holder, pillar in ((youth, "KARANG_TARUNA"), (tksk, "TKSK")):
        assert (await end(api, holder, legs[pillar])).is_success
        assert await owner.fetchval("select is_open from cases"), pillar
    assert (
        await end(api, tagana, legs["TAGANA"], outcome="partly_met", note="Separuh.")
    ).is_success
    case = (await api(psm).get(path)).json()
    assert (case["is_open"], case["close_reason"]) == (False, "partly_met")


async def test_a_leg_far_from_its_holder_keeps_the_case_open_all_the_same(
    api: Api, employ: Employ, need: Need, make_actor: Make, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    """A worker of one village sees no row of another village; the case counts it all the same."""
    here, there = make_actor("PSM", "35.08.03.2006"), make_actor("PSM", "35.08.04.2001")
    await employ(psm, tksk, here, there)
    legs = [{"pillar": "PSM", "area": "35.08.03.2006"}, {"pillar": "PSM", "area": "35.08.04.2001"}]
    sent = (await api(psm).post("/referrals", json=need(legs=legs))).json()["referrals"]
    assert (await end(api, tksk, sent[0]["id"])).is_success
    assert (await end(api, here, sent[1]["id"])).is_success
    assert await owner.fetchval("select is_open from cases")
    closing = await api(here).post(
        f"/cases/{sent[0]['case']['id']}/close", json={"reason": "need_met"}
    )
    assert refusal(closing, 409, "legs-open")["open_legs"] == 1
    assert (await end(api, there, sent[2]["id"])).is_success
    assert not await owner.fetchval("select is_open from cases")


@pytest.mark.parametrize(
    ("outcome", "leads_on"),
    [
        ("need_met", True), ("partly_met", True), ("reunited", True), ("referred_out", True),
        ("not_eligible", True), ("no_show", False), ("refused", False), ("moved", False),
        ("died", False), ("duplicate", False), ("not_found", False),
    ],
)  # fmt: skip
async def test_a_planned_leg_is_sent_when_the_first_ended_well_and_dropped_otherwise(
    api: Api, employ: Employ, need: Need, make_actor: Make, psm: Actor, tksk: Actor, outcome: str,
    *, leads_on: bool,
) -> None:  # fmt: skip
    youth = make_actor("KARANG_TARUNA", SUMBERWULUH)
    await employ(psm, tksk, youth)
    body = need(legs=[{"pillar": "KARANG_TARUNA", "after_primary": True}])
    sent = (await api(psm).post("/referrals", json=body)).json()
    assert [leg["pillar"] for leg in sent["referrals"]] == ["TKSK"]
    path = f"/cases/{sent['case']['id']}"
    planned = (await api(psm).get(path)).json()["planned"]
    assert [(one["pillar"], one["area"]) for one in planned] == [("KARANG_TARUNA", SUMBERWULUH)]
    assert (await api(youth).get("/worklist")).json()["items"] == []
    await end(api, tksk, sent["referrals"][0]["id"], outcome=outcome, note="Sudah.")
    case = (await api(psm).get(path)).json()
    assert case["planned"] == []
    waiting = (await api(youth).get("/worklist")).json()["items"]
    assert len(waiting) == len(case["legs"]) - 1 == int(leads_on)
    assert case["is_open"] == leads_on
    if leads_on:
        assert waiting[0]["sender_id"] == str(psm.id), "in the name of who planned it"
        assert (await end(api, youth, waiting[0]["referral_id"])).is_success
        assert not (await api(psm).get(path)).json()["is_open"]


@pytest.mark.parametrize("verb", ["recall", "cancel", "correct"])
async def test_a_planned_leg_is_dropped_when_the_first_is_called_off(
    api: Api, employ: Employ, need: Need, dinsos: Actor, psm: Actor, tksk: Actor, verb: str
) -> None:
    await employ(psm, tksk, dinsos)
    body = need(legs=[{"pillar": "PSM", "after_primary": True}])
    sent = (await api(psm).post("/referrals", json=body)).json()
    actor = dinsos if verb == "correct" else psm
    path = f"/referrals/{sent['referrals'][0]['id']}/{verb}"
    assert (await api(actor).post(path, json={"reason": "Salah."})).is_success
    case = (await api(psm).get(f"/cases/{sent['case']['id']}")).json()
    assert (case["planned"], len(case["legs"]), case["is_open"]) == ([], 1, True)


async def test_a_planned_leg_waits_for_the_leg_that_took_the_firsts_place(
    api: Api, employ: Employ, need: Need, make_actor: Make, psm: Actor, tksk: Actor
) -> None:
    neighbour, youth = make_actor("TKSK", "35.08.04"), make_actor("KARANG_TARUNA", SUMBERWULUH)
    await employ(psm, tksk, neighbour, youth)
    body = need(legs=[{"pillar": "KARANG_TARUNA", "after_primary": True}])
    sent = (await api(psm).post("/referrals", json=body)).json()
    path = f"/referrals/{sent['referrals'][0]['id']}/reroute"
    ended = (await api(psm).post(path, json={"target": {"area": "35.08.04"}})).json()
    assert (await api(youth).get("/worklist")).json()["items"] == []
    await end(api, neighbour, ended["history"][-1]["subject_id"])
    assert len((await api(youth).get("/worklist")).json()["items"]) == 1


async def test_a_planned_leg_goes_to_who_is_there_when_it_is_sent(
    api: Api, employ: Employ, need: Need, make_actor: Make, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    body = need(legs=[{"pillar": "KARANG_TARUNA", "after_primary": True}])
    sent = (await api(psm).post("/referrals", json=body)).json()
    youth = make_actor("KARANG_TARUNA", SUMBERWULUH)
    await employ(youth)
    await end(api, tksk, sent["referrals"][0]["id"])
    assert len((await api(youth).get("/worklist")).json()["items"]) == 1


async def test_tagana_of_the_nearest_kabupaten_helps_where_there_is_none(
    api: Api, employ: Employ, need: Need, make_actor: Make, psm: Actor, tksk: Actor
) -> None:
    near = make_actor("TAGANA", "35.09")
    await employ(psm, tksk, near)
    sent = (await api(psm).post("/referrals", json=need(legs=[{"pillar": "TAGANA"}]))).json()
    assert (sent["referrals"][1]["pillar"], sent["referrals"][1]["area"]) == ("TAGANA", "35.09")
    waiting = (await api(near).get("/worklist")).json()["items"]
    assert [item["referral_id"] for item in waiting] == [sent["referrals"][1]["id"]]


async def test_a_confidential_need_takes_no_further_leg(
    api: Api, employ: Employ, need: Need, psm: Actor, tksk: Actor, owner: Owner
) -> None:
    await employ(psm, tksk)
    body = need(category="AKTK", situation="VIOLENCE", legs=[{"pillar": "PSM"}])
    refusal(await api(psm).post("/referrals", json=body), 422, "named-only")
    assert await owner.fetchval("select count(*) from cases") == 0


async def test_who_only_reads_a_case_moves_it_nowhere(
    api: Api, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    await put(worker_db, psm)
    case = await owner.fetchval("select id from cases")
    for step, body in (
        ("phase", {"phase": "assessment"}),
        ("close", {"reason": "need_met"}),
        ("reopen", {"reason": "-"}),
    ):
        answer = await api(tksk).post(f"/cases/{case}/{step}", json=body)
        refusal(answer, 403, "forbidden")


async def test_who_sees_only_where_it_stands_reads_no_word_in_the_case_either(
    api: Api, employ: Employ, need: Need, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    body = need(category="AKTK", situation="VIOLENCE", need="Dipukul oleh paman.")
    sent = (await api(psm).post("/referrals", json=body)).json()
    path = f"/cases/{sent['case']['id']}"
    await api(tksk).post(f"/referrals/{sent['referrals'][0]['id']}/accept", json={})
    for phase in ("assessment", "intake"):
        moved = {"phase": phase, "note": "Dibawa ke rumah aman."}
        assert (await api(tksk).post(f"{path}/phase", json=moved)).is_success
    inside, outside = [(await api(actor).get(path)).json() for actor in (tksk, psm)]
    assert [step["note"] for step in inside["history"]][1:] == ["Dibawa ke rumah aman."] * 2
    assert [step["note"] for step in outside["history"]] == [None] * 3
    assert [leg["category"] for leg in outside["legs"]] == [None]


async def test_each_act_on_a_case_keeps_who_in_which_duty_and_when_it_happened(
    api: Api, employ: Employ, need: Need, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    both = replace(psm, duties=(*psm.duties, Duty("TKSK", CANDIPURO, Role.WORKER)))
    await employ(both, tksk)
    earlier = datetime.now(UTC) - timedelta(hours=3)
    acting = {"acting_as": {"pillar": "TKSK", "area": CANDIPURO}}
    offline = {**acting, "occurred_at": earlier.isoformat()}
    sent = (await api(both).post("/referrals", json=need(**offline))).json()
    path = f"/cases/{sent['case']['id']}"
    moved = await api(both).post(f"{path}/phase", json={"phase": "assessment", **offline})
    assert moved.is_success, moved.text
    await end(api, tksk, sent["referrals"][0]["id"])
    reopened = await api(both).post(f"{path}/reopen", json={"reason": "Kambuh.", **offline})
    assert reopened.is_success, reopened.text
    await owner.execute("update referrals set status = 'completed'")
    closed = await api(both).post(f"{path}/close", json={"reason": "need_met", **offline})
    history = closed.json()["history"]
    assert [step["verb"] for step in history] == ["open", "phase", "close", "reopen", "close"]
    by_leg = history.pop(2)
    assert by_leg["actor_id"] == str(tksk.id)
    assert by_leg["acting_as"] == {"pillar": "TKSK", "area": CANDIPURO}
    for step in history:
        assert step["acting_as"] == acting["acting_as"], step["verb"]
        assert datetime.fromisoformat(step["occurred_at"]) == earlier
        assert datetime.fromisoformat(step["at"]) - earlier > timedelta(hours=2)
    foreign = {"phase": "plan", "acting_as": {"pillar": "PEKSOS", "area": LUMAJANG}}
    refusal(await api(both).post(f"{path}/phase", json=foreign), 422, "not-your-duty")
    future = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    late = {"phase": "plan", "occurred_at": future}
    refusal(await api(both).post(f"{path}/phase", json=late), 422, "time-implausible")
