"""A NIK said anew after registration: found again at once, and told to nobody."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from services.registry.storage.field_encryption import NikVault
from shared.auth import Actor
from tests.conftest import CANDIPURO
from tests.integration.registry.conftest import NEXT_NIK, NIK, PRONOJIWO, Api, Body, Register

MAN = "3508031203540003"
NOT_REGISTERED = "3508035203540009"


async def put(client: httpx2.AsyncClient, record: UUID | str, **body: Any) -> httpx2.Response:
    return await client.put(f"/beneficiaries/{record}/nik", json=body)


async def found_by(client: httpx2.AsyncClient, nik: str) -> str | None:
    answer = await client.post("/beneficiaries/search-nik", json={"nik": nik})
    return str(answer.json()["id"]) if answer.is_success else None


async def test_a_nik_issued_later_is_written_down_sealed_and_found(
    *, api: Api, psm: Actor, register: Register, owner: asyncpg.Connection, vault: NikVault
) -> None:
    made = await register(psm)
    answer = await put(api(psm), made, nik=NIK)
    assert answer.status_code == 200, answer.text
    read = answer.json()
    assert (read["nik"], read["nik_absent_reason"], read["version"], read["warnings"]) == (
        "3508********0001", None, 2, [],
    )  # fmt: skip
    assert await found_by(api(psm), NIK) == str(made)
    row = await owner.fetchrow("select nik_sealed, version from beneficiaries")
    assert vault.open(row["nik_sealed"], made) == NIK
    assert await owner.fetchval("select has_nik from marks")
    trail = await owner.fetch("select action, detail, actor_id from audit_log order by id")
    assert ("beneficiary.changed", "nik", psm.id) in {tuple(row) for row in trail}
    told = await owner.fetchval(
        "select string_agg(convert_from(data, 'utf8'), '') || (select string_agg(a::text, '')"
        " from audit_log a) from event_log"
    )
    assert NIK not in told
    types = [row["type"] for row in await owner.fetch("select type from event_log order by seq")]
    assert types[-1] == "id.sinergi.registry.beneficiary.changed.v1"


async def test_a_mistyped_nik_is_corrected_and_the_wrong_one_forgotten(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    client = api(psm)
    made = (await client.post("/beneficiaries", json=person(nik=NEXT_NIK))).json()["id"]
    assert (await put(client, made, nik=NIK)).status_code == 200
    assert await found_by(client, NEXT_NIK) is None
    assert await found_by(client, NIK) == made
    again = await client.post("/beneficiaries", json=person())
    assert (again.status_code, again.json()["candidates"][0]["id"]) == (409, made)
    assert await owner.fetchval("select count(*) from nik_index") == 1


async def test_a_nik_that_belongs_to_nobody_here_is_taken_away_with_a_reason(
    api: Api, psm: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    client = api(psm)
    made = (await client.post("/beneficiaries", json=person())).json()["id"]
    read = (await put(client, made, nik_absent_reason="none")).json()
    assert (read["nik"], read["nik_absent_reason"]) == (None, "none")
    read = (await put(client, made, nik_absent_reason="lost")).json()
    assert (read["nik_absent_reason"], read["version"]) == ("lost", 3)
    assert await found_by(client, NIK) is None
    assert await owner.fetchval("select count(*) from nik_index") == 0
    assert not await owner.fetchval("select has_nik from marks")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"nik": "350803520354000"}, "/nik"),
        ({"nik": "3508035213540001"}, "/nik"),
        ({"nik": NIK, "nik_absent_reason": "lost"}, "/nik_absent_reason"),
        ({}, "/nik_absent_reason"),
    ],
)
async def test_what_cannot_be_a_nik_is_refused_at_its_field(
    *, api: Api, psm: Actor, person: Body, body: dict[str, Any], pointer: str
) -> None:
    client = api(psm)
    made = (await client.post("/beneficiaries", json=person(nik=NEXT_NIK))).json()["id"]
    answer = await put(client, made, **body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert str(body.get("nik")) not in answer.text
    assert await found_by(client, NEXT_NIK) == made


async def test_a_family_has_no_nik(api: Api, psm: Actor, without_nik: Body) -> None:
    body = without_nik(
        kind="family", name="Keluarga Rahmat", sex=None, birth=None, nik_absent_reason=None
    )
    made = (await api(psm).post("/beneficiaries", json=body)).json()["id"]
    for said in ({"nik": NIK}, {"nik_absent_reason": "lost"}):
        assert (await put(api(psm), made, **said)).status_code == 422


async def test_a_nik_that_does_not_fit_is_kept_with_a_warning(
    api: Api, psm: Actor, register: Register
) -> None:
    made = await register(psm)
    read = (await put(api(psm), made, nik=MAN)).json()
    assert read["nik"] == "3508********0003"
    assert [one["code"] for one in read["warnings"]] == ["nik-sex"]


async def test_a_nik_of_another_record_is_shown_first_and_the_worker_decides(
    *, api: Api, psm: Actor, person: Body, register: Register, owner: asyncpg.Connection
) -> None:
    client = api(psm)
    there = (await client.post("/beneficiaries", json=person())).json()["id"]
    made = await register(psm, name="Siti A")
    refused = await put(client, made, nik=NIK)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("possible-duplicate")
    (candidate,) = refused.json()["candidates"]
    assert candidate["id"] == there
    assert candidate["reasons"][0] == "NIK sama persis"
    assert await owner.fetchval("select version from beneficiaries where id = $1", made) == 1
    assert await owner.fetchval("select searches from nik_searches") == 1
    assert (await put(client, made, nik=NIK, accept_lookalikes=True)).status_code == 200
    row = await owner.fetchrow("select * from audit_log where action like '%lookalike_accepted'"
                               " and subject_id = $1", UUID(there))  # fmt: skip
    assert row["detail"] == str(made)


async def test_those_said_to_be_two_people_may_share_a_nik_without_a_question(
    api: Api, psm: Actor, person: Body, register: Register
) -> None:
    client = api(psm)
    there = (await client.post("/beneficiaries", json=person())).json()["id"]
    made = await register(psm)
    said = await client.post(f"/beneficiaries/{made}/different", json={"other": there})
    assert said.is_success
    assert (await put(client, made, nik=NIK)).status_code == 200


async def test_of_a_holder_out_of_sight_only_that_there_is_one_is_told(
    *, api: Api, psm: Actor, person: Body, register: Register, make_actor: Callable[..., Actor]
) -> None:
    away = make_actor("PSM", PRONOJIWO)
    there = await api(away).post("/beneficiaries", json=person(area=PRONOJIWO))
    made = await register(psm, name="Orang Lain", birth={"year": 1990})
    (candidate,) = (await put(api(psm), made, nik=NIK)).json()["candidates"]
    assert candidate["reasons"] == ["NIK sama persis", "tercatat di luar jangkauan tugas Anda"]
    assert candidate["id"] != there.json()["id"]
    decided = await put(api(psm), made, nik=NIK, different_from=[candidate["id"]])
    assert decided.status_code == 200


async def test_asking_after_niks_by_changing_one_spends_the_allowance_of_searches(
    api: Api, psm: Actor, person: Body, register: Register
) -> None:
    client = api(psm)
    for mother in (person(), person(name="Wagiyem", nik=NEXT_NIK, accept_lookalikes=True)):
        assert (await client.post("/beneficiaries", json=mother)).status_code == 201
    made = await register(psm, name="Orang Lain", birth={"year": 1990})
    guessed = [NIK, NEXT_NIK] * 10 + [NIK]
    answers = [(await put(client, made, nik=nik)).status_code for nik in guessed]
    assert (set(answers[:20]), answers[20]) == ({409}, 429)


async def test_a_repeat_changes_nothing_and_an_older_version_is_refused(
    api: Api, psm: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    made = await register(psm)
    client = api(psm)
    for _ in range(2):
        answer = await client.put(
            f"/beneficiaries/{made}/nik",
            json={"nik": NIK},
            headers={"Idempotency-Key": "correction-1", "If-Match": '"1"'},
        )
        assert (answer.status_code, answer.json()["version"]) == (200, 2)
    old = await client.put(
        f"/beneficiaries/{made}/nik", json={"nik": NEXT_NIK}, headers={"If-Match": '"1"'}
    )
    assert (old.status_code, old.json()["version_now"]) == (409, 2)
    assert await owner.fetchval("select count(*) from event_log") == 2
    assert (await put(client, made, nik=NIK)).json()["version"] == 2, "the same again is no change"


async def test_a_nik_is_changed_by_those_who_change_records(
    api: Api, psm: Actor, register: Register, make_actor: Callable[..., Actor]
) -> None:
    made = await register(psm)
    for actor, number in (
        (make_actor("PSM", PRONOJIWO), 404),
        (make_actor("KARANG_TARUNA", CANDIPURO), 403),
        (make_actor("TKSK", CANDIPURO), 200),
    ):
        assert (await put(api(actor), made, nik=NOT_REGISTERED)).status_code == number
