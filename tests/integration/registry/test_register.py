import asyncio
import json
import uuid
from collections.abc import Callable

import asyncpg
import pytest

from services.registry.storage.field_encryption import NikVault
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.ids import new_id
from tests.conftest import SUMBERWULUH
from tests.integration.registry.conftest import NEXT_NIK, NIK, PRONOJIWO, Api, Body, Register


async def test_a_registered_person_is_answered_with_place_and_confidentiality(
    api: Api, psm: Actor, person: Body
) -> None:
    answer = await api(psm).post("/beneficiaries", json=person(categories=["LUT", "PD"]))
    assert answer.status_code == 201
    body = answer.json()
    assert uuid.UUID(body.pop("id"))
    assert body == {
        "version": 1,
        "kind": "person",
        "area": SUMBERWULUH,
        "categories": ["LUT", "PD"],
        "confidentiality": "C2",
        "warnings": [],
    }


async def test_the_event_carries_ids_and_open_codes_only(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    answer = await api(psm).post("/beneficiaries", json=person(categories=["LUT", "ODHA"]))
    row = await owner.fetchrow("select type, subject, version, data from event_log")
    event = json.loads(row["data"])
    assert row["type"] == "id.sinergi.registry.beneficiary.registered.v1"
    assert (str(row["subject"]), row["version"]) == (answer.json()["id"], 1)
    assert event["data"] == {
        "beneficiary_id": answer.json()["id"],
        "kind": "person",
        "area": SUMBERWULUH,
        "confidentiality": "C3",
        "categories": ["LUT"],
        "merged_into": None,
    }


async def test_the_caller_may_choose_the_id_but_not_one_in_use(
    api: Api, psm: Actor, without_nik: Body
) -> None:
    chosen = str(new_id())
    first = await api(psm).post("/beneficiaries", json=without_nik(id=chosen))
    assert (first.status_code, first.json()["id"]) == (201, chosen)
    second = await api(psm).post("/beneficiaries", json=without_nik(id=chosen, name="Lain"))
    assert second.status_code == 409
    assert second.json()["type"] == "urn:sinergi:problem:id-taken"


async def test_an_id_in_use_out_of_scope_is_refused_alike(
    api: Api, psm: Actor, make_actor: Callable[..., Actor], without_nik: Body
) -> None:
    chosen = str(new_id())
    other = make_actor("PSM", PRONOJIWO)
    await api(other).post("/beneficiaries", json=without_nik(id=chosen, area=PRONOJIWO))
    body = without_nik(id=chosen, accept_lookalikes=True)
    answer = await api(psm).post("/beneficiaries", json=body)
    assert answer.json()["type"] == "urn:sinergi:problem:id-taken"


async def test_a_repeated_key_registers_once_and_repeats_the_answer(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    key = {"Idempotency-Key": "form-0001"}
    first = await api(psm).post("/beneficiaries", json=person(), headers=key)
    again = await api(psm).post("/beneficiaries", json=person(), headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert await owner.fetchval("select count(*) from beneficiaries") == 1
    assert await owner.fetchval("select count(*) from event_log") == 1


async def test_nobody_registers_outside_their_area(api: Api, psm: Actor, person: Body) -> None:
    answer = await api(psm).post("/beneficiaries", json=person(area=PRONOJIWO))
    assert answer.status_code == 403


async def test_a_role_without_field_work_registers_nobody(
    api: Api, make_actor: Callable[..., Actor], person: Body
) -> None:
    admin = make_actor("DINSOS", "35.08", Role.ADMIN)
    assert (await api(admin).post("/beneficiaries", json=person())).status_code == 403


async def test_a_village_pillar_may_read_what_it_registered_whatever_its_sensitivity(
    api: Api, make_actor: Callable[..., Actor], without_nik: Body
) -> None:
    youth = make_actor("KARANG_TARUNA", SUMBERWULUH)
    made = await api(youth).post("/beneficiaries", json=without_nik(categories=["KTK"]))
    assert made.json()["confidentiality"] == "C3"
    read = await api(youth).get(f"/beneficiaries/{made.json()['id']}")
    assert read.status_code == 200


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"nik": None}, "/nik_absent_reason"),
        ({"nik_absent_reason": "lost"}, "/nik_absent_reason"),
        ({"nik": "350803520354000"}, "/nik"),
        ({"nik": "3508035203540000"}, "/nik"),
        ({"nik": "3508030013540001"}, "/nik"),
        ({"area": "35.08.03.2999"}, "/area"),
        ({"area": "35.08.03"}, "/area"),
        ({"area": "nowhere"}, "/area"),
        ({"categories": []}, "/categories"),
        ({"categories": ["LUT", "NOPE"]}, "/categories/1"),
        ({"kind": "family"}, "/sex"),
        ({"kind": "family", "sex": None, "birth": None}, "/nik"),
        ({"birth": {}}, "/birth"),
        ({"birth": {"year": 1954, "age": 70}}, "/birth"),
        ({"birth": {"date": "2954-03-12"}}, "/birth/date"),
        ({"birth": {"year": 1700}}, "/birth/year"),
        ({"birth": {"age": 131}}, "/birth/age"),
        ({"birth": {"age": True}}, "/birth/age"),
        ({"birth": {"date": 0}}, "/birth/date"),
        ({"name": ""}, "/name"),
        ({"name": "   "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": 5}, "/name"),
        ({"sex": "X"}, "/sex"),
        ({"kind": "robot"}, "/kind"),
        ({"legal_basis": "because"}, "/legal_basis"),
        ({"phone": "call me"}, "/phone"),
        ({"safe_contact": "yes"}, "/safe_contact"),
        ({"accept_lookalikes": 1}, "/accept_lookalikes"),
        ({"id": "1"}, "/id"),
        ({"religion": "-"}, "/religion"),
        ({"consent": {"channel": "spoken", "text_version": "1"}}, "/consent/channel"),
    ],
)
async def test_a_wrong_field_is_pointed_at_and_nothing_is_stored(
    *,
    api: Api,
    psm: Actor,
    person: Body,
    owner: asyncpg.Connection,
    changes: dict[str, object],
    pointer: str,
) -> None:
    answer = await api(psm).post("/beneficiaries", json=person(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert await owner.fetchval("select count(*) from beneficiaries") == 0


@pytest.mark.parametrize(
    "content",
    [
        b"not json",
        b"[]",
        b'"text"',
        b"null",
        b'{"kind": "person", "name": "a\\u0000b"}',
        b'{"kind": "person", "name": "\\ud800"}',
        b"\xff\xfe",
    ],
)
async def test_an_unreadable_body_is_a_clear_refusal(api: Api, psm: Actor, content: bytes) -> None:
    answer = await api(psm).post(
        "/beneficiaries", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("field", ["name", "address"])
async def test_a_nul_in_text_is_refused_and_not_a_fault(
    api: Api, psm: Actor, person: Body, field: str
) -> None:
    answer = await api(psm).post("/beneficiaries", json=person(**{field: "Siti\x00Aminah"}))
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:sinergi:problem:invalid-text"


async def test_a_body_over_a_megabyte_is_refused(api: Api, psm: Actor, person: Body) -> None:
    answer = await api(psm).post("/beneficiaries", json=person(address="x" * 1024 * 1024))
    assert answer.status_code == 413


async def test_what_looks_odd_warns_and_does_not_block(api: Api, psm: Actor, person: Body) -> None:
    odd = person(
        nik="9908035203540001",
        sex="M",
        birth={"year": 1990},
        categories=["LUT", "PRSE"],
        legal_basis="consent",
    )
    answer = await api(psm).post("/beneficiaries", json=odd)
    assert answer.status_code == 201
    warned = {(warning["code"], warning["pointer"]) for warning in answer.json()["warnings"]}
    assert warned == {
        ("nik-area", "/nik"),
        ("nik-birth", "/nik"),
        ("nik-sex", "/nik"),
        ("category-age", "/categories/0"),
        ("category-sex", "/categories/1"),
        ("consent-proof", "/consent"),
    }


async def test_consent_is_kept_with_text_channel_time_and_taker(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    consent = {"text_version": "2025-1", "channel": "written", "at": "2025-11-02T09:00:00+07:00"}
    body = person(legal_basis="consent", consent=consent)
    answer = await api(psm).post("/beneficiaries", json=body)
    assert answer.json()["warnings"] == []
    row = await owner.fetchrow("select * from legal_bases")
    assert (row["basis"], row["text_version"], row["channel"]) == ("consent", "2025-1", "written")
    assert row["at"].isoformat() == "2025-11-02T02:00:00+00:00"
    assert (row["taken_by"], str(row["beneficiary_id"])) == (psm.id, answer.json()["id"])


async def test_a_family_is_registered_without_nik_sex_or_birth(
    api: Api, psm: Actor, person: Body
) -> None:
    family = person(kind="family", nik=None, sex=None, birth=None, categories=["KBA"])
    answer = await api(psm).post("/beneficiaries", json=family)
    assert (answer.status_code, answer.json()["kind"]) == (201, "family")


async def test_the_nik_is_stored_sealed_and_findable(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection, vault: NikVault
) -> None:
    answer = await api(psm).post("/beneficiaries", json=person())
    row = await owner.fetchrow("select id, nik_sealed from beneficiaries")
    assert vault.open(row["nik_sealed"], row["id"]) == NIK
    assert await owner.fetchval("select blind_index from nik_index") == vault.index(NIK)
    dump = await owner.fetchval(
        "select string_agg(b::text, '') || (select string_agg(convert_from(data, 'utf8'), '')"
        " from event_log) || (select string_agg(a::text, '') from audit_log a)"
        " from beneficiaries b"
    )
    assert NIK not in dump
    assert answer.json()["id"] in dump


async def test_the_same_nik_again_is_shown_as_a_possible_duplicate(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    first = await api(psm).post("/beneficiaries", json=person())
    again = await api(psm).post("/beneficiaries", json=person(name="SITI AMINAH"))
    assert again.status_code == 409
    body = again.json()
    assert body["type"] == "urn:sinergi:problem:possible-duplicate"
    assert body["candidates"] == [
        {
            "id": first.json()["id"],
            "score": 1.0,
            "reasons": [
                "NIK sama persis",
                "tercatat di Sumberwuluh, Kec. Candipuro",
                "nama sama",
            ],
        }
    ]
    assert NIK not in again.text
    assert await owner.fetchval("select count(*) from beneficiaries") == 1
    shown = await owner.fetchrow("select * from audit_log where action like '%shown'")
    assert (str(shown["subject_id"]), shown["actor_id"]) == (first.json()["id"], psm.id)


async def test_of_a_duplicate_in_another_area_only_the_reason_is_told(
    api: Api, psm: Actor, make_actor: Callable[..., Actor], person: Body
) -> None:
    neighbour = make_actor("PSM", PRONOJIWO)
    first = await api(neighbour).post("/beneficiaries", json=person(area=PRONOJIWO))
    again = await api(psm).post("/beneficiaries", json=person())
    (candidate,) = again.json()["candidates"]
    assert candidate["score"] == 1.0
    assert candidate["reasons"] == ["NIK sama persis", "tercatat di luar jangkauan tugas Anda"]
    assert first.json()["id"] not in again.text
    repeated = await api(psm).post("/beneficiaries", json=person())
    assert repeated.json()["candidates"] == [candidate]
    other = await api(make_actor("PSM", SUMBERWULUH)).post("/beneficiaries", json=person())
    assert other.json()["candidates"][0]["id"] != candidate["id"]


async def test_a_worker_may_accept_the_lookalike_with_the_same_key_and_it_is_recorded(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    first = await api(psm).post("/beneficiaries", json=person())
    key = {"Idempotency-Key": "form-0002"}
    refused = await api(psm).post("/beneficiaries", json=person(), headers=key)
    accepted = await api(psm).post(
        "/beneficiaries", json=person(accept_lookalikes=True), headers=key
    )
    assert (refused.status_code, accepted.status_code) == (409, 201)
    row = await owner.fetchrow("select * from audit_log where action like '%lookalike_accepted'")
    assert (str(row["subject_id"]), row["detail"]) == (first.json()["id"], accepted.json()["id"])
    assert await owner.fetchval("select count(*) from nik_index") == 2


async def test_two_registrations_of_one_nik_at_once_leave_one_record(
    api: Api, psm: Actor, make_actor: Callable[..., Actor], person: Body, owner: asyncpg.Connection
) -> None:
    workers = [psm, *(make_actor("PSM", SUMBERWULUH) for _ in range(4))]
    answers = await asyncio.gather(
        *(api(worker).post("/beneficiaries", json=person()) for worker in workers)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert await owner.fetchval("select count(*) from beneficiaries") == 1


async def test_guessing_niks_by_registering_is_limited_like_searching(
    api: Api, psm: Actor, person: Body
) -> None:
    for mother in (person(), person(name="Wagiyem", nik=NEXT_NIK, accept_lookalikes=True)):
        assert (await api(psm).post("/beneficiaries", json=mother)).status_code == 201
    guessed = [NIK, NEXT_NIK] * 10 + [NIK]
    statuses = [
        (await api(psm).post("/beneficiaries", json=person(nik=nik))).status_code for nik in guessed
    ]
    assert statuses == [409] * 20 + [429]
    without = person(nik=None, nik_absent_reason="refused", accept_lookalikes=True)
    assert (await api(psm).post("/beneficiaries", json=without)).status_code == 201


async def test_numbers_that_nobody_has_are_no_freer_to_guess_under_a_neighbours_name(
    api: Api, psm: Actor, person: Body, register: Register
) -> None:
    await register(psm)
    guessed = [f"350803520354{serial:04}" for serial in range(1, 22)]
    answers = [await api(psm).post("/beneficiaries", json=person(nik=nik)) for nik in guessed]
    assert [one.status_code for one in answers] == [409] * 20 + [429]
