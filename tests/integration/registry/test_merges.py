"""Two records of one person: merged, followed everywhere, and parted again as they were."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx2
import pytest

from services.registry.reactions import REACTIONS
from shared.auth import Actor
from shared.contracts.cases import ReferralAccepted, ReferralCompleted
from shared.database import Database
from shared.messaging.inbox import Entry, Inbox
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.integration.registry.conftest import NIK, PRONOJIWO, Api, Body, Register, Step

Id = uuid.UUID


@pytest.fixture
def officer(api: Api, dinsos: Actor) -> httpx2.AsyncClient:
    """Dinsos of the kabupaten, who may merge everything in it."""
    return api(dinsos)


async def merge(client: httpx2.AsyncClient, merged: Id, into: Id) -> httpx2.Response:
    return await client.post(f"/beneficiaries/{merged}/merge", json={"into": str(into)})


async def unmerge(client: httpx2.AsyncClient, merged: Id) -> httpx2.Response:
    return await client.post(f"/beneficiaries/{merged}/unmerge")


async def read(client: httpx2.AsyncClient, record: Id) -> dict[str, Any]:
    answer = await client.get(f"/beneficiaries/{record}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def listed(client: httpx2.AsyncClient, **query: str) -> set[str]:
    answer = await client.get("/beneficiaries", params=query)
    return {item["id"] for item in answer.json()["items"]}


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_the_merged_record_leaves_lists_and_its_id_answers_the_one_that_remains(
    officer: httpx2.AsyncClient, api: Api, psm: Actor, register: Register, person: Body
) -> None:
    stays = await register(psm, name="Siti Aminah")
    answer = await api(psm).post(
        "/beneficiaries", json=person(name="St. Aminah", accept_lookalikes=True)
    )
    gone = Id(answer.json()["id"])
    answer = await merge(officer, gone, stays)
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == str(stays)
    assert [one["name"] for one in answer.json()["merged_from"]] == ["St. Aminah"]
    assert await listed(officer) == {str(stays)}
    assert await listed(officer, name="St") == {str(stays)}
    assert (await read(officer, gone))["id"] == str(stays)
    names = await officer.post("/beneficiaries/lookup", json={"ids": [str(gone), str(stays)]})
    assert [(one["id"], one["name"], one["merged_into"]) for one in names.json()["items"]] == [
        (str(gone), "Siti Aminah", str(stays)),
        (str(stays), "Siti Aminah", None),
    ]
    with_nik = await officer.post("/beneficiaries/search-nik", json={"nik": NIK})
    assert with_nik.json()["id"] == str(stays)
    patched = await officer.patch(f"/beneficiaries/{gone}", json={"address": "RT 9"})
    assert code_of(patched) == (409, "already-merged")
    assert patched.json()["merged_into"] == str(stays)


async def test_unmerging_restores_both_exactly(
    officer: httpx2.AsyncClient, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    stays = await register(psm)
    gone = await register(psm, name="Sitti Aminah", address="RT 1", categories=["PD"])
    before = [await read(officer, one) for one in (stays, gone)]
    await merge(officer, gone, stays)
    answer = await unmerge(officer, gone)
    assert answer.status_code == 200, answer.text
    after = [await read(officer, one) for one in (stays, gone)]
    assert [{**one, "version": 0} for one in after] == [{**one, "version": 0} for one in before]
    assert await listed(officer) == {str(stays), str(gone)}
    rows = await owner.fetch("select * from merges")
    assert [(row["merged_id"], row["into_id"]) for row in rows] == [(gone, stays)]
    assert None not in (rows[0]["merged_by"], rows[0]["undone_by"], rows[0]["undone_at"])
    assert code_of(await unmerge(officer, gone)) == (404, "not-found")


async def test_each_change_is_told_with_what_remains(
    officer: httpx2.AsyncClient, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    a, b, c = [await register(psm) for _ in range(3)]
    await merge(officer, a, b)
    await merge(officer, b, c)
    await unmerge(officer, b)
    rows = await owner.fetch(
        """
        select subject, version, type, convert_from(data, 'utf8')::jsonb #>> '{data,merged_into}'
               as into
        from event_log where type like '%merged%' order by subject, version
        """
    )
    assert [(row["subject"], row["version"], row["into"]) for row in rows] == [
        (a, 2, str(b)),
        (a, 3, str(c)),
        (a, 4, str(b)),
        (b, 2, str(c)),
        (b, 3, None),
    ]
    assert ["unmerged" in row["type"] for row in rows] == [False] * 4 + [True]


async def test_a_chain_leads_to_its_end_and_comes_apart_link_by_link(
    officer: httpx2.AsyncClient, psm: Actor, register: Register
) -> None:
    a, b, c = [await register(psm, name=f"Orang {word}") for word in ("satu", "dua", "tiga")]
    await merge(officer, a, b)
    await merge(officer, b, c)
    assert [(await read(officer, one))["id"] for one in (a, b, c)] == [str(c)] * 3
    assert {one["id"] for one in (await read(officer, c))["merged_from"]} == {str(a), str(b)}
    await unmerge(officer, b)
    assert [(await read(officer, one))["id"] for one in (a, b, c)] == [str(b), str(b), str(c)]
    await merge(officer, b, c)
    await unmerge(officer, a)
    assert [(await read(officer, one))["id"] for one in (a, b, c)] == [str(a), str(c), str(c)]


async def test_what_cannot_be_merged_is_refused_with_a_reason(
    officer: httpx2.AsyncClient, api: Api, psm: Actor, register: Register, without_nik: Body
) -> None:
    a, b, c = [await register(psm) for _ in range(3)]
    family = without_nik(
        kind="family", sex=None, birth=None, nik_absent_reason=None, accept_lookalikes=True
    )
    other = Id((await api(psm).post("/beneficiaries", json=family)).json()["id"])
    assert code_of(await merge(officer, a, a)) == (422, "cannot-merge")
    assert code_of(await merge(officer, a, other)) == (422, "cannot-merge")
    assert code_of(await merge(officer, a, uuid.uuid4())) == (404, "not-found")
    await merge(officer, a, b)
    for merged, into in ((a, c), (c, a), (b, a)):
        refused = await merge(officer, merged, into)
        assert code_of(refused) == (409, "already-merged"), (merged, into)
        assert refused.json()["merged_into"] == str(b)


async def test_both_records_must_lie_where_the_caller_may_merge(
    api: Api, tksk: Actor, psm: Actor, dinsos: Actor, register: Register,
    make_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    here = await register(psm)
    away = await register(make_actor("PSM", PRONOJIWO), area=PRONOJIWO)
    secret = await register(psm, categories=["ODHA"])
    for merged, into in ((here, away), (away, here)):
        assert code_of(await merge(api(tksk), merged, into))[0] == 404
    assert code_of(await merge(api(psm), here, away)) == (403, "forbidden")
    for merged, into in ((here, secret), (secret, here)):
        assert code_of(await merge(api(tksk), merged, into)) == (403, "forbidden")
    assert (await merge(api(dinsos), away, here)).status_code == 200
    assert code_of(await unmerge(api(tksk), away))[0] == 404
    assert (await unmerge(api(dinsos), away)).status_code == 200


async def test_a_merge_opens_nothing_and_closes_nothing_to_anybody(
    officer: httpx2.AsyncClient, api: Api, psm: Actor, register: Register, step: Step,
    worker_db: Database, make_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    stays = await register(psm, categories=["LUT", "ODHA"])
    neighbour = make_actor("PSM", PRONOJIWO)
    gone = await register(neighbour, area=PRONOJIWO, name="Siti A.")
    holder = make_actor("TAGANA", LUMAJANG)
    accepted = step(ReferralAccepted, 1, gone, holder.id)
    inbox = Inbox("registry", worker_db, REACTIONS)
    await inbox.apply("test:ev:cases", [Entry("1-0", accepted.to_json())])
    await merge(officer, gone, stays)
    for worker in (neighbour, holder):
        seen = await read(api(worker), gone)
        assert (seen["id"], seen["name"]) == (str(gone), "Siti A.")
        assert seen["merged_into"] == str(stays)
        hidden = await api(worker).get(f"/beneficiaries/{stays}")
        assert hidden.status_code == 404


async def test_services_received_under_either_number_are_the_persons(
    officer: httpx2.AsyncClient, api: Api, psm: Actor, register: Register, step: Step,
    worker_db: Database, make_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    stays = await register(psm)
    gone = await register(make_actor("PSM", PRONOJIWO), area=PRONOJIWO)
    done = step(ReferralCompleted, 3, gone, psm.id, outcome="need_met", service="Sembako")
    inbox = Inbox("registry", worker_db, REACTIONS)
    await inbox.apply("test:ev:cases", [Entry("1-0", done.to_json())])
    services = [[], ["Sembako"], []]
    for act, expected in zip((None, merge, unmerge), services, strict=True):
        if act is merge:
            await merge(officer, gone, stays)
        elif act is unmerge:
            await unmerge(officer, gone)
        seen = await read(api(psm), stays)
        assert [one["service"] for one in seen["services_received"]] == expected


async def test_merges_at_the_same_moment_leave_one_that_remains(
    officer: httpx2.AsyncClient, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    for _ in range(3):
        ring = [await register(psm) for _ in range(4)]
        answers = await asyncio.gather(
            *(merge(officer, one, ring[(at + 1) % 4]) for at, one in enumerate(ring)),
            *(merge(officer, ring[(at + 1) % 4], one) for at, one in enumerate(ring)),
        )
        assert {answer.status_code for answer in answers} <= {200, 409}
        rows = await owner.fetch(
            "select id, merged_into from beneficiaries where id = any($1)", ring
        )
        roots = {row["id"] for row in rows if row["merged_into"] is None}
        assert roots
        assert {row["merged_into"] for row in rows} - {None} <= roots
        merged = sum(answer.status_code == 200 for answer in answers)
        assert len(roots) == 4 - merged


async def test_parting_and_merging_on_at_the_same_moment_end_well(
    officer: httpx2.AsyncClient, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    for _ in range(4):
        a, b, c = [await register(psm) for _ in range(3)]
        await merge(officer, a, b)
        parted, on = await asyncio.gather(unmerge(officer, a), merge(officer, b, c))
        assert (parted.status_code, on.status_code) == (200, 200)
        rows = await owner.fetch("select id, merged_into from beneficiaries")
        pointers = {row["id"]: row["merged_into"] for row in rows}
        assert (pointers[a], pointers[b], pointers[c]) == (None, c, None)


async def test_the_trail_names_who_merged_and_parted(
    officer: httpx2.AsyncClient, dinsos: Actor, psm: Actor, register: Register,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    stays, gone = await register(psm), await register(psm)
    await merge(officer, gone, stays)
    await unmerge(officer, gone)
    rows = await owner.fetch(
        """
        select action, subject_id, detail from audit_log
        where actor_id = $1 and action in ('beneficiary.merged', 'beneficiary.unmerged')
        order by id
        """,
        dinsos.id,
    )
    assert list(map(tuple, rows)) == [
        ("beneficiary.merged", gone, str(stays)),
        ("beneficiary.merged", stays, str(gone)),
        ("beneficiary.unmerged", gone, str(stays)),
        ("beneficiary.unmerged", stays, str(gone)),
    ]


async def test_a_merge_sent_twice_happens_once(
    officer: httpx2.AsyncClient, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    stays, gone = await register(psm), await register(psm)
    key = {"Idempotency-Key": "sekali-saja-0001"}
    for _ in range(2):
        answer = await officer.post(
            f"/beneficiaries/{gone}/merge", json={"into": str(stays)}, headers=key
        )
        assert answer.status_code == 200
    assert await owner.fetchval("select count(*) from merges") == 1


async def test_a_merged_record_is_not_counted_and_a_parted_one_is_again(
    officer: httpx2.AsyncClient, dinsos: Actor, register: Register
) -> None:
    gone, stays = await register(dinsos), await register(dinsos, name="St. Aminah")

    async def counted() -> int:
        asked = {"area": SUMBERWULUH, "by": "desa"}
        answer = await officer.get("/vulnerability", params=asked)
        count: int = answer.json()["total"]["count"]
        return count

    assert await counted() == 2
    await merge(officer, gone, stays)
    assert await counted() == 1
    await unmerge(officer, gone)
    assert await counted() == 2


async def test_the_id_of_a_hidden_person_does_not_lead_to_the_name_it_goes_on_as(
    officer: httpx2.AsyncClient, api: Api, psm: Actor, tksk: Actor, register: Register,
    make_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    social = make_actor("PEKSOS", SUMBERWULUH)
    gone = await register(social, categories=["ODHA"], name="Rahasia Benar")
    stays = await register(psm, name="Siti Aminah")
    await merge(officer, gone, stays)
    masked = await api(tksk).get(f"/beneficiaries/{gone}")
    assert (masked.json()["id"], masked.json()["masked"]) == (str(gone), True)
    assert masked.json()["merged_into"] is None
    assert (await api(psm).get(f"/beneficiaries/{gone}")).status_code == 404
    ids = {"ids": [str(gone), str(stays)]}
    looked = {}
    for worker in (tksk, psm, social):
        names = (await api(worker).post("/beneficiaries/lookup", json=ids)).json()["items"]
        looked[worker.id] = [(one["name"], one["merged_into"]) for one in names]
    assert looked[tksk.id][1] == looked[psm.id][0] == ("Siti Aminah", None)
    assert looked[tksk.id][0][0] != "Siti Aminah"
    assert looked[tksk.id][0][1] is None
    assert len(looked[psm.id]) == 1
    assert looked[social.id] == [("Siti Aminah", str(stays)), ("Siti Aminah", None)]
    for worker in (tksk, psm):
        assert (await read(api(worker), stays))["merged_from"] == []
    told = (await read(officer, stays))["merged_from"]
    assert [(one["id"], one["name"]) for one in told] == [(str(gone), None)]
    assert (await unmerge(officer, gone)).status_code == 200


async def test_an_open_record_does_not_lead_to_the_hidden_one_it_was_merged_into(
    officer: httpx2.AsyncClient, api: Api, psm: Actor, tksk: Actor, register: Register,
    make_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    stays = await register(make_actor("PEKSOS", SUMBERWULUH), categories=["ODHA"])
    gone = await register(psm, name="Siti Aminah")
    await merge(officer, gone, stays)
    seen = await read(api(tksk), gone)
    assert (seen["id"], seen["name"]) == (str(gone), "Siti Aminah")
    assert seen["merged_into"] is None
    assert (await read(api(tksk), stays))["merged_from"] == []
    changed = await api(tksk).patch(f"/beneficiaries/{gone}", json={"address": "RT 9"})
    assert code_of(changed) == (409, "already-merged")
    assert str(stays) not in changed.text
    told = (await read(officer, stays))["merged_from"]
    assert [(one["id"], one["name"]) for one in told] == [(str(gone), None)]
    assert (await unmerge(officer, gone)).status_code == 200
