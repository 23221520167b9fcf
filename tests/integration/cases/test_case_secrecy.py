"""A case: who may send into it, and whom its words do not reach."""

import uuid
from typing import Any

import pytest

from shared.auth import Actor
from shared.database import Database
from tests.conftest import SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Families, Need, Owner
from tests.integration.cases.test_bad_input import refusal

OPEN: dict[str, Any] = {}
SECRET = {"category": "AKTK", "situation": "VIOLENCE"}


@pytest.mark.parametrize(("first", "second"), [(SECRET, OPEN), (OPEN, SECRET)])
async def test_what_named_persons_alone_may_know_shares_no_case_with_anything_else(
    api: Api, employ: Employ, need: Need, owner: Owner, psm: Actor, tksk: Actor,
    first: dict[str, Any], second: dict[str, Any],
) -> None:  # fmt: skip
    """INVARIANT: the words of a case reach whoever sees all of one of its referrals."""
    await employ(psm, tksk)
    case = (await api(psm).post("/referrals", json=need(**first))).json()["case"]["id"]
    answer = await api(psm).post("/referrals", json=need(**second, case_id=case))
    refusal(answer, 422, "secrets-apart")
    assert await owner.fetchval("select count(*) from referrals") == 1
    more = await api(psm).post("/referrals", json=need(**first, case_id=case))
    assert (more.status_code, more.json()["case"]["id"]) == (201, case)


async def test_only_who_answers_for_a_case_sends_into_it(
    api: Api, employ: Employ, need: Need, owner: Owner, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()
    into = need(case_id=sent["case"]["id"])
    refusal(await api(tksk).post("/referrals", json=into), 404, "unknown-case")
    accepted = await api(tksk).post(f"/referrals/{sent['referrals'][0]['id']}/accept", json={})
    assert accepted.is_success
    assert (await api(tksk).post("/referrals", json=into)).status_code == 201
    assert await owner.fetchval("select count(*) from cases") == 1


async def test_a_need_for_another_persons_case_is_refused(
    api: Api, employ: Employ, need: Need, families: Families, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    case = (await api(psm).post("/referrals", json=need())).json()["case"]["id"]
    (other,) = await families(1, SUMBERWULUH)
    for body in (need(case_id=case, beneficiary_id=other), need(case_id=str(uuid.uuid4()))):
        refusal(await api(psm).post("/referrals", json=body), 404, "unknown-case")


async def test_words_of_a_case_stay_with_who_sees_all_of_its_most_confidential_leg(
    api: Api, employ: Employ, need: Need, owner: Owner, worker_db: Database, psm: Actor, tksk: Actor
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()
    path = f"/cases/{sent['case']['id']}"
    await api(tksk).post(f"/referrals/{sent['referrals'][0]['id']}/accept", json={})
    into = await api(tksk).post("/referrals", json=need(case_id=sent["case"]["id"]))
    moved = {"phase": "assessment", "note": "Perlu pemeriksaan kejiwaan."}
    assert (await api(tksk).post(f"{path}/phase", json=moved)).is_success

    async def words(actor: Actor) -> list[str | None]:
        return [step["note"] for step in (await api(actor).get(path)).json()["history"]][1:]

    assert [await words(one) for one in (psm, tksk)] == [["Perlu pemeriksaan kejiwaan."]] * 2
    await owner.execute(
        "update referrals set confidentiality = 'C2' where id = $1",
        uuid.UUID(into.json()["referrals"][0]["id"]),
    )
    assert [await words(one) for one in (psm, tksk)] == [[None], ["Perlu pemeriksaan kejiwaan."]]
