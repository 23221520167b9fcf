"""Breaking the glass: who may, how long, who learns of it, and what stays written."""

from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
import pytest

from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.cases.clock import kinds, said
from tests.integration.cases.conftest import Api, Employ, Owner
from tests.integration.cases.seeding import put
from tests.integration.cases.test_bad_input import refusal

Make = Callable[..., Actor]
REASON = "Anak tidak sadarkan diri, rumah sakit bertanya riwayatnya."
NEED = "Dipukul oleh paman."


@pytest.fixture
async def officer(make_actor: Make, employ: Employ) -> Actor:
    """Who watches over personal data in the kabupaten."""
    watching = make_actor("DINSOS", LUMAJANG, Role.DATA_PROTECTION)
    elsewhere = make_actor("DINSOS", "35.09", Role.DATA_PROTECTION)
    await employ(watching, elsewhere)
    return watching


@pytest.fixture
async def secret(worker_db: Database, owner: Owner, psm: Actor, tksk: Actor) -> tuple[str, str]:
    """A special services referral to one TKSK: its path, and the number of its case."""
    referral = await put(
        worker_db, psm, worker_id=tksk.id, pool=(tksk.id,), need=NEED,
        confidentiality=Confidentiality.C3,
    )  # fmt: skip
    number = await owner.fetchval("select case_number from referrals where id = $1", referral)
    return f"/referrals/{referral}", number


async def test_in_an_emergency_the_area_s_dinsos_reads_it_for_three_hours_and_no_longer(
    api: Api, make_actor: Make, owner: Owner, officer: Actor, secret: tuple[str, str]
) -> None:
    path, number = secret
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    refusal(await api(dinsos).get(path), 404, "not-found")
    answer = await api(dinsos).post("/glass", json={"case_number": number, "reason": REASON})
    assert answer.status_code == 201, answer.text
    assert answer.json()["referral_ids"] == [path.rpartition("/")[2]]
    length = datetime.fromisoformat(answer.json()["until"]) - await owner.fetchval("select now()")
    assert timedelta(hours=2, minutes=59) < length <= timedelta(hours=3)
    opened = (await api(dinsos).get(path)).json()
    assert opened["need"] == NEED
    assert opened["allowed"] == ["assign", "break_glass"], "nothing else than reading"
    refusal(await api(dinsos).post(f"{path}/accept", json={}), 409, "transition-not-allowed")
    for minutes, status in ((179, 200), (2, 404)):
        await owner.execute("update glass_grants set until = until - $1::interval",
                            timedelta(minutes=minutes))  # fmt: skip
        assert (await api(dinsos).get(path)).status_code == status


async def test_with_the_glass_broken_dinsos_gives_it_to_somebody_else_and_nobody_but_dinsos_does(
    api: Api, make_actor: Make, employ: Employ, tksk: Actor, secret: tuple[str, str], owner: Owner
) -> None:
    """INVARIANT: no need stays with somebody who fell ill because nobody else knows of it."""
    path, number = secret
    assert (await api(tksk).post(f"{path}/accept", json={})).is_success
    colleague, dinsos = make_actor("TKSK", CANDIPURO), make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    leader = make_actor("TKSK", LUMAJANG, Role.COORDINATOR)
    await employ(tksk, colleague)
    body = {"worker_id": str(colleague.id), "note": "Petugas sakit."}
    refusal(await api(dinsos).post(f"{path}/assign", json=body), 404, "not-found")
    for actor in (dinsos, leader):
        broken = await api(actor).post("/glass", json={"case_number": number, "reason": REASON})
        assert broken.status_code == 201
    assert (await api(leader).get(path)).json()["allowed"] == ["break_glass"]
    refusal(await api(leader).post(f"{path}/assign", json=body), 409, "transition-not-allowed")
    offered = (await api(dinsos).get(f"{path}/candidates")).json()["items"]
    assert str(colleague.id) in {one["worker_id"] for one in offered}
    given = await api(dinsos).post(f"{path}/assign", json=body)
    assert given.is_success, given.text
    assert (await api(colleague).get(path)).json()["need"] == NEED
    refusal(await api(tksk).get(path), 404, "not-found")
    await owner.execute("update glass_grants set until = now()")
    refusal(await api(dinsos).post(f"{path}/assign", json=body), 404, "not-found")


async def test_the_data_protection_officer_is_told_and_can_open_what_the_notice_is_about(
    api: Api, make_actor: Make, owner: Owner, officer: Actor, secret: tuple[str, str]
) -> None:
    path, number = secret
    peksos = make_actor("PEKSOS", LUMAJANG)
    refusal(await api(officer).get(path), 404, "not-found")
    body = {"case_number": number, "reason": REASON}
    assert (await api(peksos).post("/glass", json=body)).status_code == 201
    events = await said(owner, path.rpartition("/")[2])
    assert kinds(events) == ["sent", "glass_broken"]
    assert events[1][1]["told"] == [str(officer.id)]
    assert events[1][1]["actor_id"] == str(peksos.id)
    assert REASON not in orjson.dumps(events).decode()
    looked = (await api(officer).get(path)).json()
    step = looked["history"][-1]
    assert (step["verb"], step["actor_id"], step["note"]) == ("break_glass", str(peksos.id), REASON)
    assert (looked["need"], looked["category"], looked["allowed"]) == (None, None, [])


async def test_without_a_data_protection_officer_the_dinsos_next_above_is_told(
    api: Api, make_actor: Make, employ: Employ, owner: Owner, secret: tuple[str, str]
) -> None:
    path, number = secret
    breaker, colleague, province = (
        make_actor("DINSOS", area, Role.DINSOS) for area in (LUMAJANG, LUMAJANG, "35")
    )
    body = {"case_number": number, "reason": REASON}
    for there, told in (((breaker, province), province), ((colleague,), colleague)):
        await employ(*there)
        assert (await api(breaker).post("/glass", json=body)).status_code == 201
        events = await said(owner, path.rpartition("/")[2])
        assert events[-1][1]["told"] == [str(told.id)], "never the one who broke it"
        await owner.execute("delete from glass_grants")


async def test_who_broke_the_glass_stands_in_the_audit_log_and_the_reason_in_the_history(
    api: Api, make_actor: Make, owner: Owner, secret: tuple[str, str], tksk: Actor
) -> None:
    path, number = secret
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    await api(dinsos).post("/glass", json={"case_number": number, "reason": REASON})
    audited = await owner.fetch("select actor_id, subject_id, detail from audit_log "
                                "where action = 'glass.broken'")  # fmt: skip
    assert [(row["actor_id"], str(row["subject_id"])) for row in audited] == [
        (dinsos.id, path.rpartition("/")[2])
    ]
    assert await owner.fetchval("select reason from glass_grants") == REASON
    history = (await api(tksk).get(path)).json()["history"]
    assert (history[-1]["verb"], history[-1]["note"]) == ("break_glass", REASON)


async def test_without_a_reason_it_stays_whole(
    api: Api, make_actor: Make, owner: Owner, secret: tuple[str, str]
) -> None:
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    for body in ({}, {"reason": ""}, {"reason": None}):
        answer = await api(dinsos).post("/glass", json={"case_number": secret[1], **body})
        assert answer.status_code == 422
    assert await owner.fetchval("select count(*) from glass_grants") == 0


async def test_it_is_not_broken_for_what_one_sees_already_nor_for_what_has_ended(
    api: Api, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor
) -> None:
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    await put(worker_db, psm)
    open_number = await owner.fetchval("select case_number from referrals")
    ended = await put(worker_db, psm, confidentiality=Confidentiality.C3, status="completed")
    ended_number = await owner.fetchval("select case_number from referrals where id = $1", ended)
    for number in (open_number, ended_number, "RJ-35.08-2026-999999"):
        body = {"case_number": number, "reason": REASON}
        refusal(await api(dinsos).post("/glass", json=body), 404, "unknown-case")
    assert await owner.fetchval("select count(*) from glass_grants") == 0


async def test_a_receiver_who_was_passed_over_breaks_the_glass_of_a_c2_need_like_anybody(
    api: Api, worker_db: Database, owner: Owner, psm: Actor, tksk: Actor, make_actor: Make
) -> None:
    holder = make_actor("TKSK", CANDIPURO)
    referral = await put(
        worker_db, psm, confidentiality=Confidentiality.C2, status="accepted", holder_id=holder.id,
        need=NEED,
    )  # fmt: skip
    path = f"/referrals/{referral}"
    closed = (await api(tksk).get(path)).json()
    assert (closed["need"], closed["allowed"]) == (None, ["break_glass"])
    number = await owner.fetchval("select case_number from referrals")
    body = {"case_number": number, "reason": REASON}
    assert (await api(tksk).post("/glass", json=body)).status_code == 201
    assert (await api(tksk).get(path)).json()["need"] == NEED


async def test_what_was_opened_closes_when_the_referral_ends(
    api: Api, make_actor: Make, worker_db: Database, secret: tuple[str, str], tksk: Actor
) -> None:
    path, number = secret
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    await api(dinsos).post("/glass", json={"case_number": number, "reason": REASON})
    await api(tksk).post(f"{path}/accept", json={})
    assert (await api(dinsos).get(path)).json()["need"] == NEED
    await api(tksk).post(f"{path}/complete", json={"outcome": "need_met"})
    assert (await api(dinsos).get(path)).json()["need"] is None


async def test_breaking_it_again_counts_three_hours_anew_and_is_told_again(
    api: Api, make_actor: Make, owner: Owner, officer: Actor, secret: tuple[str, str]
) -> None:
    path, number = secret
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    body = {"case_number": number, "reason": REASON}
    await api(dinsos).post("/glass", json=body)
    await owner.execute("update glass_grants set until = now() - interval '1 minute'")
    refusal(await api(dinsos).get(path), 404, "not-found")
    assert (await api(dinsos).post("/glass", json=body)).status_code == 201
    assert (await api(dinsos).get(path)).is_success
    assert kinds(await said(owner, path.rpartition("/")[2])).count("glass_broken") == 2


async def test_one_key_breaks_it_once(
    api: Api, make_actor: Make, owner: Owner, secret: tuple[str, str]
) -> None:
    path, number = secret
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    body = {"case_number": number, "reason": REASON}
    answers = [
        await api(dinsos).post("/glass", json=body, headers={"Idempotency-Key": "one-and-the-same"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].content == answers[1].content
    assert kinds(await said(owner, path.rpartition("/")[2])) == ["sent", "glass_broken"]


async def test_field_workers_of_the_village_may_not(
    api: Api, make_actor: Make, secret: tuple[str, str], psm: Actor
) -> None:
    body = {"case_number": secret[1], "reason": REASON}
    for actor in (psm, make_actor("KARANG_TARUNA", SUMBERWULUH)):
        refusal(await api(actor).post("/glass", json=body), 403, "forbidden")
