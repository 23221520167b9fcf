"""Look-alikes on every way in, and pairs said to be two people."""

import uuid
from collections.abc import Callable

import asyncpg
import httpx2
import pytest

from services.registry.domain.beneficiary import Particulars
from services.registry.rounds import marker
from services.registry.storage import marks
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.marks import FIRST, SPELLING, mark_missing, probe_of
from services.registry.storage.niks import SEARCHES_PER_WINDOW
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind
from shared.database import Database
from tests.conftest import SUMBERWULUH
from tests.integration.registry.conftest import NIK, PRONOJIWO, Api, Body, Register
from tests.integration.registry.test_families import KK

Id = uuid.UUID


async def alike(client: httpx2.AsyncClient, record: Id) -> list[str]:
    answer = await client.get(f"/beneficiaries/{record}/lookalikes")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def test_a_form_half_filled_in_shows_who_looks_alike_with_reasons(
    api: Api, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    known = await register(psm, name="Siti Aminah", phone="0812-3456-7890")
    asked = {
        "name": "Hj. St. Aminah",
        "birth": {"year": 1954},
        "area": SUMBERWULUH,
        "phone": "+62 812 3456 7890",
    }
    answer = await api(psm).post("/beneficiaries/lookalikes", json=asked)
    (found,) = answer.json()["items"]
    assert found["id"] == str(known)
    assert 0 < found["score"] <= 1
    assert {"nama sama", "tahun lahir sama", "nomor telepon sama", "satu desa"} <= set(
        found["reasons"]
    )
    shown = await owner.fetchval(
        "select count(*) from audit_log where action = 'beneficiary.lookalike_shown'"
    )
    assert shown == 1


async def test_who_has_the_number_is_shown_while_the_form_is_filled_in(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    mother = (await api(psm).post("/beneficiaries", json=person(name="Wagiyem"))).json()["id"]
    card = {"kind": "family", "name": "Keluarga Paijo", "area": SUMBERWULUH, "kk": KK}
    family = {**card, "categories": ["KBSP"], "legal_basis": "public_task"}
    home = (await api(psm).post("/beneficiaries", json=family)).json()["id"]

    async def shown(**said: str) -> list[tuple[str, str]]:
        body = {"area": SUMBERWULUH, "name": "Suparmi", **said}
        answer = await api(psm).post("/beneficiaries/lookalikes", json=body)
        assert answer.status_code == 200, answer.text
        return [(one["id"], one["reasons"][0]) for one in answer.json()["items"]]

    assert await shown(nik=NIK) == [(mother, "NIK sama persis")]
    assert await shown(kind="family", kk=KK) == [(home, "No. KK sama persis")]
    for half in (NIK[:15], "", f"{NIK}1", "3508035203540009"):
        assert await shown(nik=half) == []
    spent = await owner.fetchval("select searches from nik_searches where actor_id = $1", psm.id)
    assert spent == 3, "a number and a card that are held, and one number that nobody has"


async def test_a_form_that_asks_at_each_change_spends_one_search_on_its_number(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    mother = (await api(psm).post("/beneficiaries", json=person(name="Wagiyem"))).json()["id"]
    body = {"area": SUMBERWULUH, "name": "Suparmi", "nik": NIK}
    for _ in range(SEARCHES_PER_WINDOW + 2):
        answer = await api(psm).post("/beneficiaries/lookalikes", json=body)
        assert [one["id"] for one in answer.json()["items"]] == [mother]
    refused = await api(psm).post("/beneficiaries", json=person(name="Suparmi"))
    assert refused.status_code == 409
    assert await owner.fetchval("select searches from nik_searches") == 1


async def test_who_has_used_up_the_searches_is_told_of_numbers_only_when_sending(
    api: Api, psm: Actor, person: Body, register: Register
) -> None:
    await api(psm).post("/beneficiaries", json=person(name="Wagiyem"))
    alike = await register(psm, name="Suparmi", phone=None)
    asked = {"name": "Suparmi", "birth": {"date": "1954-03-12"}, "area": SUMBERWULUH, "nik": NIK}
    nobodys = [f"3508034101{year}0009" for year in range(51, 50 + SEARCHES_PER_WINDOW)]
    told = [
        [one["id"] for one in answer.json()["items"]]
        for nik in (*nobodys, NIK, nobodys[0], NIK)
        if (
            answer := await api(psm).post("/beneficiaries/lookalikes", json={**asked, "nik": nik})
        ).is_success
    ]
    assert [len(some) for some in told] == [1] * len(nobodys) + [2, 1, 1]
    assert told[-1] == [str(alike)]
    sent = await api(psm).post("/beneficiaries", json=person(name="Suparmi"))
    assert sent.status_code == 429


async def test_a_registration_that_looks_alike_is_refused_until_the_worker_decides(
    api: Api, psm: Actor, register: Register, without_nik: Body, owner: asyncpg.Connection
) -> None:
    known = await register(psm, name="Sukarno")
    again = without_nik(name="Soekarno")
    refused = await api(psm).post("/beneficiaries", json=again)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:sinergi:problem:possible-duplicate"
    assert [one["id"] for one in refused.json()["candidates"]] == [str(known)]
    made = await api(psm).post("/beneficiaries", json={**again, "accept_lookalikes": True})
    assert made.status_code == 201
    accepted = await owner.fetchrow(
        "select subject_id, detail from audit_log where action = 'beneficiary.lookalike_accepted'"
    )
    assert tuple(accepted) == (known, made.json()["id"])


async def test_who_was_said_to_be_somebody_else_at_registration_is_remembered_as_such(
    api: Api, psm: Actor, register: Register, without_nik: Body, owner: asyncpg.Connection
) -> None:
    one = await register(psm, name="Sukarno")
    other = await register(psm, name="Soekarno")
    stranger = await register(psm, name="Wagiyem")
    body = without_nik(name="Sukarno", different_from=[str(one), str(stranger)])
    refused = await api(psm).post("/beneficiaries", json=body)
    assert {each["id"] for each in refused.json()["candidates"]} == {str(one), str(other)}
    assert await owner.fetchval("select count(*) from different_people") == 0

    body["different_from"].append(str(other))
    made = await api(psm).post("/beneficiaries", json=body)
    assert made.status_code == 201
    new = uuid.UUID(made.json()["id"])
    assert await alike(api(psm), new) == []
    assert await alike(api(psm), one) == [str(other)]
    pairs = await owner.fetch("select one_id, other_id from different_people")
    assert {frozenset(pair) for pair in pairs} == {frozenset((new, one)), frozenset((new, other))}
    trail = await owner.fetch(
        "select action from audit_log where subject_id = $1 and detail = $2", one, str(new)
    )
    assert {row["action"] for row in trail} == {
        "beneficiary.lookalike_accepted", "beneficiary.said_different",
    }  # fmt: skip


async def test_of_a_record_out_of_sight_nobody_can_say_that_it_is_somebody_else(
    api: Api, psm: Actor, register: Register, without_nik: Body, make_actor: Callable[..., Actor],
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    far = await register(make_actor("PSM", PRONOJIWO), area=PRONOJIWO, name="Sulastri Handayani")
    body = without_nik(name="Sulastri Handayani", different_from=[str(far)])
    refused = await api(psm).post("/beneficiaries", json=body)
    body["different_from"] = [one["id"] for one in refused.json()["candidates"]]
    made = await api(psm).post("/beneficiaries", json=body)
    assert made.status_code == 201
    assert await owner.fetchval("select count(*) from different_people") == 0
    accepted = await owner.fetchval(
        "select detail from audit_log where action = 'beneficiary.lookalike_accepted'"
    )
    assert accepted == made.json()["id"]


async def test_an_item_of_a_batch_says_who_is_somebody_else_as_one_registration_does(
    api: Api, psm: Actor, register: Register, without_nik: Body
) -> None:
    known = await register(psm, name="Ngatini Lestari")
    body = without_nik(name="Ngatini Lestary", different_from=[str(known)])
    items = [{"key": str(uuid.uuid4()), **body}]
    answer = await api(psm).post("/beneficiaries/batch", json={"items": items})
    (made,) = answer.json()["items"]
    assert made["status"] == "created"
    assert await alike(api(psm), known) == []


async def test_a_batch_refuses_only_the_item_that_looks_alike(
    api: Api, psm: Actor, register: Register, without_nik: Body
) -> None:
    known = await register(psm, name="Ngatini Lestari")
    items = [
        {"key": str(uuid.uuid4()), **without_nik(name=name)}
        for name in ("Ngatini Lestary", "Bambang Sutrisno")
    ]
    answer = await api(psm).post("/beneficiaries/batch", json={"items": items})
    one, two = answer.json()["items"]
    assert (one["status"], two["status"]) == ("possible-duplicate", "created")
    assert [candidate["id"] for candidate in one["candidates"]] == [str(known)]


async def test_two_of_one_batch_who_look_alike_are_not_both_taken_unasked(
    api: Api, psm: Actor, without_nik: Body
) -> None:
    items = [
        {"key": str(uuid.uuid4()), **without_nik(name=name)}
        for name in ("Ngatini Lestari", "Ngatini Lestary")
    ]
    answer = await api(psm).post("/beneficiaries/batch", json={"items": items})
    one, two = answer.json()["items"]
    assert (one["status"], two["status"]) == ("created", "possible-duplicate")
    assert [candidate["id"] for candidate in two["candidates"]] == [one["id"]]
    items[1]["accept_lookalikes"] = True
    again = await api(psm).post("/beneficiaries/batch", json={"items": items})
    assert [item["status"] for item in again.json()["items"]] == ["repeated", "created"]


async def test_a_change_that_makes_it_look_alike_warns_and_is_kept(
    api: Api, psm: Actor, register: Register
) -> None:
    await register(psm, name="Sulastri Handayani")
    other = await register(psm, name="Wagiyem")
    answer = await api(psm).patch(f"/beneficiaries/{other}", json={"name": "Sulastri Handajani"})
    assert answer.status_code == 200
    assert [one["code"] for one in answer.json()["warnings"]] == ["possible-duplicate"]
    calm = await api(psm).patch(f"/beneficiaries/{other}", json={"address": "RT 7"})
    assert calm.json()["warnings"] == []


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"date": "1963-04-12"}, {"year": 1964}),
        ({"date": "1963-04-12"}, {"date": "1963-12-04"}),
        ({"date": "1963-04-12"}, {"age": 60}),
        ({"date": "1963-04-12"}, None),
        ({"age": 60}, {"date": "1963-04-12"}),
        (None, {"date": "1963-04-12"}),
        (None, None),
    ],
)
async def test_somebody_of_the_village_is_found_though_name_and_birth_are_written_otherwise(
    known: Body | None, said: Body | None, api: Api, psm: Actor, register: Register,
    without_nik: Body,
) -> None:  # fmt: skip
    there = await register(psm, name="Rohman Gunoso", sex="M", birth=known, phone=None)
    again = without_nik(name="Rohman Gunosu", sex="M", birth=said, phone=None)
    mistyped = {**again, "name": "Rohmat Gunoso"}
    for body in (again, mistyped):
        refused = await api(psm).post("/beneficiaries", json=body)
        assert [one["id"] for one in refused.json()["candidates"]] == [str(there)]


async def test_a_thousand_of_a_large_village_are_answered_before_the_statement_is_cut_off(
    worker_db: Database, vault: NikVault, owner: asyncpg.Connection
) -> None:
    """INVARIANT: no list stands still because its village is large or its names are common."""
    async with owner.transaction():
        # The marks alone, without the records that would have them.
        await owner.execute("set local session_replication_role = replica")
        await owner.execute(
            "insert into marks (beneficiary_id, spelling, kind, regency, area, sound, has_nik)"
            " select gen_random_uuid(), $1, 'person', left($2, 5), $2, 'siti '"
            " || chr(97 + n % 26) || 'ur' || chr(97 + n / 26 % 26) || 'ni', false"
            " from generate_series(1, 10000) n", SPELLING, SUMBERWULUH,
        )  # fmt: skip
    said = Particulars(name="Siti Zurani", area=SUMBERWULUH, categories=())
    probes = [probe_of(vault, BeneficiaryKind.PERSON, said, has_nik=False)] * 1_000
    for some in (probes, probes[:1]):
        async with worker_db.transaction() as tx:
            found = await marks.alike(tx, some)
        assert len(found) == len(some)
        assert all(found)


async def test_who_has_another_nik_and_another_name_is_somebody_else(
    api: Api, psm: Actor, register: Register, person: Body
) -> None:
    first = person(name="Rohman Gunoso", nik="3508031204630001", sex="M", phone=None,
                   birth={"date": "1963-04-12"})  # fmt: skip
    assert (await api(psm).post("/beneficiaries", json=first)).status_code == 201
    body = person(name="Rohmat Gunoso", nik="3508031304630002", sex="M", phone=None,
                  birth={"date": "1963-04-13"})  # fmt: skip
    assert (await api(psm).post("/beneficiaries", json=body)).status_code == 201


async def test_other_people_are_not_shown(
    api: Api, psm: Actor, register: Register, without_nik: Body
) -> None:
    await register(psm, name="Siti Aminah")
    strangers = [
        without_nik(name="Siti Zaenab"),
        without_nik(birth={"date": "1981-07-30"}),
        without_nik(sex="M", name="Slamet Aminah"),
        without_nik(kind="family", name="Siti Aminah", sex=None, birth=None,
                    nik_absent_reason=None),
    ]  # fmt: skip
    for body in strangers:
        answer = await api(psm).post("/beneficiaries", json=body)
        assert answer.status_code == 201, body


async def test_of_a_record_out_of_sight_only_a_strong_likeness_tells_that_it_is_there(
    api: Api, psm: Actor, register: Register, without_nik: Body, make_actor: Callable[..., Actor]
) -> None:
    away = make_actor("PSM", PRONOJIWO)
    far = await register(away, area=PRONOJIWO, name="Sulastri Handayani")
    refused = await api(psm).post("/beneficiaries", json=without_nik(name="Sulastri Handayani"))
    (found,) = refused.json()["candidates"]
    assert found["id"] != str(far)
    assert found["reasons"] == ["sangat mirip", "tercatat di luar jangkauan tugas Anda"]
    other_number = without_nik(name="Sulastri Handayani", phone="0813-0000-1111")
    again = await api(psm).post("/beneficiaries", json=other_number)
    scores = {one["score"] for one in (found, *again.json()["candidates"])}
    assert len(scores) == 1, "a score would tell which number and birth are right"
    weaker = without_nik(name="Sulastri Handayani", birth={"year": 1954}, phone=None)
    assert (await api(psm).post("/beneficiaries", json=weaker)).status_code == 201


async def test_a_pair_said_to_be_two_people_is_shown_to_nobody_again(
    api: Api, psm: Actor, tksk: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    one = await register(psm, name="Siti Aminah")
    other = await register(psm, name="Siti Aminah", area=SUMBERWULUH)
    third = await register(psm, name="St. Aminah")
    assert set(await alike(api(tksk), one)) == {str(other), str(third)}
    for _ in range(2):
        said = await api(psm).post(f"/beneficiaries/{other}/different", json={"other": str(one)})
        assert said.status_code == 200, said.text
    for client in (api(psm), api(tksk)):
        assert await alike(client, one) == [str(third)]
        assert await alike(client, other) == [str(third)]
    rows = await owner.fetch("select one_id, other_id, said_by, said_at from different_people")
    assert [(row["one_id"], row["other_id"]) for row in rows] == [
        (min(one, other), max(one, other))
    ]
    assert rows[0]["said_by"] == psm.id
    trail = await owner.fetch(
        "select subject_id from audit_log where action = 'beneficiary.said_different'"
    )
    assert {row["subject_id"] for row in trail} == {one, other}


async def test_what_was_said_of_a_merged_record_holds_for_the_one_that_remains(
    api: Api, psm: Actor, dinsos: Actor, register: Register
) -> None:
    first, second, other = [await register(psm, name="Siti Aminah") for _ in range(3)]
    await api(psm).post(f"/beneficiaries/{second}/different", json={"other": str(other)})
    assert await alike(api(psm), other) == [str(first)]
    await api(dinsos).post(f"/beneficiaries/{second}/merge", json={"into": str(first)})
    assert await alike(api(psm), other) == []
    assert await alike(api(psm), first) == []
    await api(dinsos).post(f"/beneficiaries/{second}/unmerge")
    assert await alike(api(psm), other) == [str(first)]


async def test_records_with_one_nik_are_shown_on_each_others_page(
    api: Api, psm: Actor, person: Body, register: Register
) -> None:
    first = await api(psm).post("/beneficiaries", json=person())
    second = await api(psm).post(
        "/beneficiaries", json=person(name="Orang Lain", nik=NIK, accept_lookalikes=True)
    )
    one, other = first.json()["id"], second.json()["id"]
    assert await alike(api(psm), Id(one)) == [other]
    said = await api(psm).post(f"/beneficiaries/{one}/different", json={"other": other})
    assert said.status_code == 200
    assert await alike(api(psm), Id(one)) == []


async def test_a_merged_record_is_found_as_the_one_that_remains_and_once(
    api: Api, dinsos: Actor, psm: Actor, register: Register, without_nik: Body
) -> None:
    stays = await register(psm, name="Sumiati Rahayu")
    gone = await register(psm, name="Sumiyati Rahaju")
    await api(dinsos).post(f"/beneficiaries/{gone}/merge", json={"into": str(stays)})
    assert await alike(api(psm), stays) == []
    refused = await api(psm).post("/beneficiaries", json=without_nik(name="Sumiyati Rahaju"))
    assert [one["id"] for one in refused.json()["candidates"]] == [str(stays)]


async def test_records_marked_by_older_rules_are_marked_anew(
    api: Api, psm: Actor, register: Register, owner: asyncpg.Connection, worker_db: Database,
    vault: NikVault,
) -> None:  # fmt: skip
    one, other = await register(psm), await register(psm)
    await owner.execute("delete from marks where beneficiary_id = $1", one)
    await owner.execute("update marks set spelling = 0, sound = 'lama'")
    assert await alike(api(psm), one) == []
    async with worker_db.transaction() as tx:
        assert await mark_missing(tx, vault, FIRST) == (2, None)
        assert await mark_missing(tx, vault, FIRST) == (0, None)
    assert await alike(api(psm), one) == [str(other)]


@pytest.mark.parametrize("looked_at", [1, 2, 3, 5, 6])
async def test_however_few_are_gone_through_at_once_all_are_marked(
    looked_at: int, register: Register, psm: Actor, owner: asyncpg.Connection,
    worker_db: Database, vault: NikVault, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(marks, "LOOKED_AT", looked_at)
    made = [await register(psm) for _ in range(5)]
    await owner.execute("delete from marks where beneficiary_id = any($1)", made[::2])
    await marker(worker_db, vault=vault).go()
    assert await owner.fetchval("select count(*) from marks where spelling = $1", SPELLING) == 5
