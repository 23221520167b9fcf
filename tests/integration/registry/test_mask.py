"""A masked record names nobody: every way in is walked as readers who see only the mask."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from services.registry.domain.name import HIDDEN
from services.registry.storage.field_encryption import NikVault
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.fixtures.matrix import guarded
from tests.integration.registry.conftest import NIK, Api, Body
from tests.integration.registry.lists import as_csv, columns, go_through, results, upload

NAME = "Rahasia Tersembunyi"
SECRETS = (
    "Rahasia", "Tersembunyi", "Mbah Diam", "0857", "RT 77", "Wali Terpendam", "Adik saya", "1954",
    "113.05", NIK, "3508********", "ODHA",
)  # fmt: skip
"""What would tell who the hidden person is, or why hidden."""
CHANCE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\.\d{6}")
"""Ids and split seconds, in which any four digits may stand."""
HANDLED = {
    "GET /beneficiaries/{beneficiary_id}/protection",
    "GET /beneficiaries/{beneficiary_id}/file",
}
"""Where those who answer a request must know whose it is; one waits here."""
READERS = {
    "tksk": ("TKSK", CANDIPURO, Role.WORKER),
    "peksos": ("PEKSOS", LUMAJANG, Role.WORKER),
    "dinsos": ("DINSOS", LUMAJANG, Role.DINSOS),
}


@pytest.fixture(params=sorted(READERS))
def reader(request: pytest.FixtureRequest, make_actor: Callable[..., Actor]) -> Actor:
    """Somebody who may read the record and is not told whose it is."""
    return make_actor(*READERS[request.param])


@pytest.fixture
async def masked(api: Api, psm: Actor, person: Body) -> UUID:
    """A person in special services with everything a record can hold."""
    client = api(psm)
    body = person(
        name=NAME, aliases=["Mbah Diam"], phone="0857-1111-2222", address="RT 77",
        categories=["ODHA", "LUT"], point={"latitude": -8.1977, "longitude": 113.0531},
    )  # fmt: skip
    made = (await client.post("/beneficiaries", json=body)).json()["id"]
    grounds = {
        "basis": "consent",
        "consent": {"text_version": "2026-1", "channel": "written"},
        "guardian": "Wali Terpendam",
    }
    asked = {"kind": "access", "words": "Adik saya minta salinan."}
    family = person(
        kind="family", name="Keluarga Tersembunyi", sex=None, birth=None, nik=None, phone=None,
        address=None, categories=["FM"], accept_lookalikes=True,
    )  # fmt: skip
    home = (await client.post("/beneficiaries", json=family)).json()["id"]
    for path, sent in (
        (f"{made}/legal-bases", grounds),
        (f"{made}/requests", asked),
        (f"{home}/members", {"person_id": made, "relation": "head"}),
    ):
        answer = await client.post(f"/beneficiaries/{path}", json=sent)
        assert answer.status_code == 201, answer.text
    return UUID(made)


@pytest.fixture
async def twin(api: Api, psm: Actor, person: Body, masked: UUID) -> UUID:
    """Another record with the same NIK, which is open."""
    body = person(
        name="Kembaran Bernama", phone=None, address=None, categories=["FM"], accept_lookalikes=True
    )
    answer = await api(psm).post("/beneficiaries", json=body)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def walk(app: FastAPI, client: httpx2.AsyncClient, record: UUID) -> dict[str, str]:
    """What every GET of the service answers about the record."""
    asked = {"subject": str(record), "handed_to": "person", "by": "desa", "area": SUMBERWULUH,
             "category": "LUT", "limit": "20", "format": "csv"}  # fmt: skip
    found = {}
    for endpoint in sorted(guarded(app)):
        method, path = endpoint.split()
        if method == "GET":
            for part in ("beneficiary_id", "person_id", "family_id", "import_id"):
                path = path.replace(f"{{{part}}}", str(record))
            found[endpoint] = CHANCE.sub("", (await client.get(path, params=asked)).text)
    return found


async def test_nothing_that_is_read_of_a_masked_record_tells_whose_it_is(
    app: FastAPI, api: Api, reader: Actor, masked: UUID
) -> None:
    found = await walk(app, api(reader), masked)
    assert HIDDEN in found["GET /beneficiaries/{beneficiary_id}"]
    handles = any(duty.role is Role.DINSOS for duty in reader.duties)
    told = {
        (endpoint, secret)
        for endpoint, text in found.items()
        for secret in SECRETS
        if secret in text and not (handles and endpoint in HANDLED)
    }
    assert told == set()


async def test_no_answer_to_a_change_tells_what_a_masked_record_hides(
    api: Api, make_actor: Callable[..., Actor], masked: UUID
) -> None:
    client = api(make_actor(*READERS["dinsos"]))
    place = f"/beneficiaries/{masked}/categories"
    for code in ("ODHA", "KTK", "ABH", "PD"):
        for tried in (
            await client.post(f"{place}/{code}/verify", json={}),
            await client.post(f"{place}/{code}/end", json={"reason": "resolved"}),
            await client.post(place, json={"code": code}),
        ):
            assert tried.status_code in {403, 422}, (code, tried.text)
    codes = {
        (await client.post(f"{place}/{code}/verify", json={})).status_code
        for code in ("ODHA", "KTK")
    }
    assert codes == {403}
    changed = await client.patch(f"/beneficiaries/{masked}", json={"birth": {"year": 2024}})
    assert (changed.status_code, changed.json()["warnings"]) == (200, [])
    trail = (await client.get("/audit", params={"subject": str(masked)})).json()["items"]
    added = [one for one in trail if one["action"] == "beneficiary.member_added"]
    assert [one["detail"] for one in added] == [None]


async def test_the_same_walk_tells_its_registrar_everything(
    app: FastAPI, api: Api, psm: Actor, masked: UUID
) -> None:
    text = "".join((await walk(app, api(psm), masked)).values())
    assert {one for one in SECRETS if one not in text} == {NIK}


async def test_a_masked_record_and_an_open_one_with_its_nik_do_not_lead_to_each_other(
    *, api: Api, psm: Actor, reader: Actor, masked: UUID, twin: UUID, vault: NikVault
) -> None:
    found = {}
    for who, actor in (("reader", reader), ("registrar", psm)):
        for one in (masked, twin):
            answer = await api(actor).get(f"/beneficiaries/{one}/lookalikes")
            found[who, one] = [(item["id"], item["reasons"][0]) for item in answer.json()["items"]]
    assert found == {
        ("reader", masked): [],
        ("reader", twin): [(str(vault.unnamed(masked, reader.id)), "NIK sama persis")],
        ("registrar", masked): [(str(twin), "NIK sama persis")],
        ("registrar", twin): [(str(masked), "NIK sama persis")],
    }
    search = await api(reader).post("/beneficiaries/search-nik", json={"nik": NIK})
    assert search.json()["id"] == str(twin)


async def test_who_answers_requests_knows_whose_they_are(
    api: Api, dinsos: Actor, masked: UUID
) -> None:
    found = (await api(dinsos).get(f"/beneficiaries/{masked}/protection")).json()
    assert found["name"] == NAME
    assert found["requests"][0]["words"] == "Adik saya minta salinan."


async def test_a_reader_of_the_mask_learns_what_is_due_and_not_who_asked(
    api: Api, tksk: Actor, masked: UUID
) -> None:
    found = (await api(tksk).get(f"/beneficiaries/{masked}/protection")).json()
    assert found["name"] == HIDDEN
    (asked,) = found["requests"]
    assert (asked["kind"], asked["state"], asked["words"]) == ("access", "open", None)
    assert [one["guardian"] for one in found["grounds"]] == [None, None]


async def test_a_nik_does_not_lead_to_the_masked_record_that_has_it(
    *, api: Api, reader: Actor, masked: UUID, person: Body, app: FastAPI, worker_db: Database,
    vault: NikVault, dinsos: Actor,
) -> None:  # fmt: skip
    client = api(reader)
    answers: dict[str, Any] = {
        "search": (await client.post("/beneficiaries/search-nik", json={"nik": NIK})).json(),
        "register": (await client.post("/beneficiaries", json=person())).json(),
        "lookalikes": (
            await client.post(
                "/beneficiaries/lookalikes",
                json={"name": NAME, "sex": "F", "birth": {"date": "1954-03-12"},
                      "area": SUMBERWULUH, "phone": "0857-1111-2222"},
            )
        ).json(),
    }  # fmt: skip
    if reader.duties[0].role is Role.DINSOS:
        head = ("Nama", "NIK", "Kode Desa", "Kategori")
        content = as_csv((NAME, NIK, SUMBERWULUH, "LUT"), head=head)
        number = await upload(client, content)
        await client.post(f"/imports/{number}/check", json=columns(content))
        await go_through(app, worker_db, vault)
        answers["import"] = await results(client, number)
    told = {asked for asked, answer in answers.items() if str(masked) in str(answer)}
    assert told == set()
    (hidden,) = answers["register"]["candidates"]
    assert hidden["reasons"] == ["NIK sama persis", "tercatat di luar jangkauan tugas Anda"]
    assert (await client.get(f"/beneficiaries/{hidden['id']}")).status_code == 404
    decided = person(different_from=[hidden["id"]])
    assert (await client.post("/beneficiaries", json=decided)).status_code == 201


async def test_a_list_brought_again_does_not_lead_to_whom_it_does_not_name(
    *, api: Api, make_actor: Callable[..., Actor], dinsos: Actor, app: FastAPI,
    worker_db: Database, vault: NikVault,
) -> None:  # fmt: skip
    content = as_csv((NAME, SUMBERWULUH, "LUT"), head=("Nama", "Kode Desa", "Kategori"))
    made = []
    for number_of, actor in enumerate((dinsos, make_actor("DINSOS", LUMAJANG, Role.DINSOS))):
        client = api(actor)
        number = await upload(client, content)
        await client.post(f"/imports/{number}/check", json=columns(content))
        await go_through(app, worker_db, vault)
        await client.post(f"/imports/{number}/start")
        await go_through(app, worker_db, vault)
        (line,) = await results(client, number)
        made.append((line["status"], line["beneficiary_id"]))
        if number_of == 0:
            given = await client.patch(
                f"/beneficiaries/{line['beneficiary_id']}", json={"categories": ["LUT", "ODHA"]}
            )
            assert given.status_code == 200, given.text
    assert made[1] == ("matched", None)
    assert made[0][1] is not None
