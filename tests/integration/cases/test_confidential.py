"""Violence, HIV and their like: one person by name, no pool, no category anywhere."""

from collections.abc import Callable

import orjson

from shared.auth import Actor
from shared.contracts.codes import Role
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.test_bad_input import refusal

Make = Callable[..., Actor]
VIOLENCE = {"category": "AKTK", "situation": "VIOLENCE", "need": "Dipukul oleh paman."}


async def test_only_the_named_worker_and_the_sender_know_of_it(
    api: Api, psm: Actor, tksk: Actor, make_actor: Make, employ: Employ, need: Need, owner: Owner
) -> None:
    others = [
        make_actor("TKSK", "35.08.03"),
        make_actor("PSM", "35.08.03.2005"),
        make_actor("PEKSOS", "35.08"),
        make_actor("TKSK", "35.08", Role.COORDINATOR),
        make_actor("DINSOS", "35.08", Role.DINSOS),
        make_actor("DESA_GOV", "35.08.03.2005", Role.VILLAGE_HEAD),
    ]
    await employ(psm, tksk, *others)
    answer = await api(psm).post("/referrals", json=need(**VIOLENCE))
    assert answer.status_code == 201, answer.text
    sent = answer.json()["referrals"][0]
    assert sent["confidentiality"] == "C3"
    # Two TKSK are equally near and equally free; either may be chosen, but only one.
    everybody = {actor.id: actor for actor in (tksk, *others)}
    named = next(actor for key, actor in everybody.items() if str(key) == sent["worker_id"])
    path = f"/referrals/{sent['id']}"
    assert (await api(named).get(path)).is_success
    assert (await api(psm).get(path)).is_success
    for actor in everybody.values():
        if actor is named:
            continue
        refusal(await api(actor).get(path), 404, "not-found")
        refusal(await api(actor).post(f"{path}/accept", json={}), 404, "not-found")
        refusal(await api(actor).get(f"/cases/{sent['case']['id']}"), 404, "not-found")
        assert (await api(actor).get("/worklist")).json()["items"] == []
    events = [
        orjson.loads(row["data"])["data"] for row in await owner.fetch("select data from event_log")
    ]
    told = [event for event in events if "pool" in event]
    assert [event["pool"] for event in told] == [[str(named.id)]]
    assert all(event.get("category") is None for event in told)
    written = orjson.dumps(events).decode()
    for word in ("AKTK", "VIOLENCE", "R002", "paman"):
        assert word not in written


async def test_a_confidential_need_that_reaches_nobody_is_refused(
    api: Api, psm: Actor, employ: Employ, need: Need, owner: Owner
) -> None:
    await employ(psm)
    refusal(await api(psm).post("/referrals", json=need(**VIOLENCE)), 422, "nobody-to-receive")
    assert await owner.fetchval("select count(*) from cases") == 0


async def test_the_less_laden_of_two_equally_near_is_chosen(
    api: Api, psm: Actor, tksk: Actor, make_actor: Make, employ: Employ, need: Need
) -> None:
    other = make_actor("TKSK", "35.08.03")
    await employ(psm, tksk, other)
    chosen = []
    for _ in range(4):
        sent = (await api(psm).post("/referrals", json=need(**VIOLENCE))).json()["referrals"][0]
        holder = tksk if sent["worker_id"] == str(tksk.id) else other
        chosen.append(holder.id)
        accepted = await api(holder).post(f"/referrals/{sent['id']}/accept", json={})
        assert accepted.is_success
    assert sorted(chosen) == sorted([tksk.id, other.id] * 2)


async def test_a_worker_who_left_is_neither_chosen_nor_nameable(
    api: Api, psm: Actor, tksk: Actor, make_actor: Make, employ: Employ, need: Need
) -> None:
    gone = make_actor("TKSK", "35.08.03")
    await employ(psm, tksk)
    await employ(gone, active=False)
    for _ in range(3):
        sent = (await api(psm).post("/referrals", json=need(**VIOLENCE))).json()["referrals"][0]
        assert sent["worker_id"] == str(tksk.id)
    answer = await api(psm).post("/referrals", json=need(target={"worker_id": str(gone.id)}))
    refusal(answer, 422, "unknown-receiver")


async def test_opening_a_referral_is_audited_each_time_by_whatever_door(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, owner: Owner
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    path = f"/referrals/{sent['id']}"
    read = """
        select count(*) from audit_log
        where actor_id = $1 and action in ('referral.read', 'answer.repeated')
    """
    await api(tksk).get(path)
    assert await owner.fetchval(read, tksk.id) == 1
    # The answer to a verb shows the need as well.
    key = {"Idempotency-Key": "accepted-once"}
    for seen, (verb, headers) in enumerate(
        [("see", {}), ("see", {}), ("accept", key), ("accept", key), ("start", {})], start=2
    ):
        answer = await api(tksk).post(f"{path}/{verb}", json={}, headers=headers)
        assert answer.json()["need"] == sent["need"]
        assert await owner.fetchval(read, tksk.id) == seen, verb
    refused = await api(tksk).post(f"{path}/start", json={})
    assert "need" not in refused.json()
    assert await owner.fetchval(read, tksk.id) == seen
    await api(psm).get(f"/cases/{sent['case']['id']}")
    case_read = "select count(*) from audit_log where actor_id = $1 and action = 'case.read'"
    assert await owner.fetchval(case_read, psm.id) == 1


async def test_dinas_sosial_receives_what_falls_back_to_it(
    api: Api, psm: Actor, make_actor: Make, employ: Employ, need: Need
) -> None:
    dinsos = make_actor("DINSOS", "35.08", Role.DINSOS)
    await employ(psm, dinsos)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    assert sent["pillar"] == "DINSOS"
    waiting = (await api(dinsos).get("/worklist")).json()["items"]
    assert [item["referral_id"] for item in waiting] == [sent["id"]]
    accepted = await api(dinsos).post(f"/referrals/{sent['id']}/accept", json={})
    assert accepted.status_code == 200


async def test_who_reported_a_confidential_need_sees_only_where_it_stands(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need(**VIOLENCE))).json()["referrals"][0]
    path = f"/referrals/{sent['id']}"
    await api(tksk).post(f"{path}/accept", json={})
    await api(tksk).post(f"{path}/note", json={"text": "Dibawa ke rumah aman."})
    full = (await api(tksk).get(path)).json()
    assert full["need"] == VIOLENCE["need"]
    assert [step["note"] for step in full["history"]][-1] == "Dibawa ke rumah aman."
    for seen in (sent, (await api(psm).get(path)).json()):
        assert seen["status"] in {"sent", "accepted"}
        assert (seen["category"], seen["situation"], seen["need"]) == (None, None, None)
        assert (seen["reasons"], seen["flags"]) == ([], [])
        assert all(step["note"] is None for step in seen["history"])
