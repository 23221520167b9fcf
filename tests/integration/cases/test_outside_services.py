"""Outside services: who keeps the list, a referral to one, and what its letter may say."""

import csv
import uuid
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

import shared.reference
from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from shared.reference.outside_services import OUTSIDE_KINDS
from tests.conftest import CANDIPURO, SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.seeding import put

LUMAJANG = "35.08"


def worker(pillar: str, area: str, role: Role = Role.WORKER) -> Actor:
    return Actor(uuid.uuid4(), "worker", (Duty(pillar, area, role, None),))


PSM = worker("PSM", SUMBERWULUH)
OTHER_PSM = worker("PSM", SUMBERWULUH)
TKSK = worker("TKSK", CANDIPURO)
DINSOS = worker("DINSOS", LUMAJANG, Role.DINSOS)
CLINIC = {
    "kind": "PUSKESMAS",
    "area": CANDIPURO,
    "name": "Puskesmas Candipuro",
    "phone": "(0334) 571001",
    "address": "Jl. Raya Candipuro",
}


async def kept(api: Api, **changes: Any) -> str:
    """The id of a service that Dinsos put on the list."""
    answer = await api(DINSOS).post("/outside-services", json={**CLINIC, **changes})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def names(client: httpx2.AsyncClient, area: str, **params: Any) -> list[str]:
    answer = await client.get("/outside-services", params={"area": area, **params})
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


def test_every_outside_service_of_the_default_rules_has_a_label() -> None:
    rules = Path(shared.reference.__path__[0]) / "data" / "routing_rules.csv"
    with rules.open(encoding="utf-8") as file:
        named = {
            code for row in csv.DictReader(file) for code in row["external_services"].split("|")
        }
    assert named - {""} == set(OUTSIDE_KINDS)


async def test_dinsos_keeps_the_list_of_its_area_and_everybody_there_reads_it(
    api: Api, owner: Owner
) -> None:
    clinic = await kept(api)
    await kept(api, kind="DUKCAPIL", area=LUMAJANG, name="Dukcapil Lumajang")
    await kept(api, area="35.08.02", name="Puskesmas Pronojiwo")
    both = ["Dukcapil Lumajang", "Puskesmas Candipuro"]
    assert await names(api(PSM), SUMBERWULUH) == both
    assert await names(api(DINSOS), LUMAJANG) == [*both, "Puskesmas Pronojiwo"]
    assert await names(api(PSM), SUMBERWULUH, kind="DUKCAPIL") == ["Dukcapil Lumajang"]
    changed = {**CLINIC, "name": "Puskesmas Candipuro I", "active": False}
    answer = await api(DINSOS).put(f"/outside-services/{clinic}", json=changed)
    assert answer.json() == {"id": clinic, **changed}
    assert await names(api(PSM), SUMBERWULUH) == ["Dukcapil Lumajang"]
    assert "Puskesmas Candipuro I" in await names(api(DINSOS), LUMAJANG, inactive=True)
    written = await owner.fetchval(
        "select count(*) from audit_log where action = 'outside_service.kept' and actor_id = $1",
        DINSOS.id,
    )
    assert written == 4


async def test_nobody_else_changes_the_list(api: Api) -> None:
    clinic = await kept(api)
    far = worker("DINSOS", "35.10", Role.DINSOS)
    for actor, adding, changing in ((PSM, 403, 403), (far, 403, 404)):
        assert (await api(actor).post("/outside-services", json=CLINIC)).status_code == adding
        answer = await api(actor).put(f"/outside-services/{clinic}", json=CLINIC)
        assert answer.status_code == changing
    moved = await api(DINSOS).put(f"/outside-services/{clinic}", json={**CLINIC, "area": "35.10"})
    assert moved.status_code == 403
    unknown = await api(DINSOS).put(f"/outside-services/{uuid.uuid4()}", json=CLINIC)
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"kind": "WARUNG"}, {"area": "99.99"}, {"name": "x"}, {"name": "a\nb"}, {"phone": "tanya"}],
)
async def test_a_service_that_makes_no_sense_is_refused(api: Api, change: dict[str, str]) -> None:
    answer = await api(DINSOS).post("/outside-services", json={**CLINIC, **change})
    assert answer.status_code == 422


async def test_the_plan_lists_the_services_that_fit_the_rule_and_the_place(
    api: Api, employ: Employ, need: Need
) -> None:
    await employ(TKSK)
    wanted = (await api(PSM).post("/referrals/plan", json=need())).json()["external_services"]
    first = await kept(api, kind=wanted[0], name="Yang cocok")
    await kept(api, kind=wanted[0], area="35.08.02", name="Kecamatan lain")
    await kept(api, kind=wanted[0], name="Sudah tutup", active=False)
    other = next(code for code in OUTSIDE_KINDS if code not in wanted)
    await kept(api, kind=other, name="Jenis lain")
    plan = (await api(PSM).post("/referrals/plan", json=need())).json()
    assert [one["id"] for one in plan["services"]] == [first]
    assert plan["service"] is None


async def test_a_referral_to_a_service_tells_nobody_and_its_sender_keeps_the_status(
    api: Api, employ: Employ, need: Need, owner: Owner
) -> None:
    await employ(PSM, OTHER_PSM, TKSK)
    clinic = await kept(api)
    body = need(target={"service": clinic})
    plan = (await api(PSM).post("/referrals/plan", json=body)).json()
    assert (plan["service"]["name"], plan["warnings"]) == ("Puskesmas Candipuro", [])
    assert plan["legs"][0]["people"] == []
    sent = (await api(PSM).post("/referrals", json=body)).json()["referrals"][0]
    assert (sent["service_id"], sent["pillar"], sent["worker_id"]) == (clinic, "PSM", None)
    pool = await owner.fetchval("select pool from referrals where id = $1", UUID(sent["id"]))
    assert pool == []
    lists = {
        who: [one["referral_id"] for one in (await api(who).get("/worklist")).json()["items"]]
        for who in (PSM, OTHER_PSM, TKSK)
    }
    assert lists == {PSM: [sent["id"]], OTHER_PSM: [], TKSK: []}
    here = f"/referrals/{sent['id']}"
    assert (await api(OTHER_PSM).post(f"{here}/accept", json={})).status_code == 409
    for verb, fields in (
        ("accept", {}),
        ("start", {}),
        ("complete", {"outcome": "need_met", "note": "Sudah dirawat."}),
    ):
        answer = await api(PSM).post(f"{here}/{verb}", json=fields)
        assert answer.status_code == 200, (verb, answer.text)
    assert answer.json()["status"] == "completed"
    assert answer.json()["service"]["name"] == "Puskesmas Candipuro"


async def test_a_service_that_does_not_work_there_cannot_be_chosen(api: Api, need: Need) -> None:
    elsewhere = await kept(api, area="35.08.02")
    closed = await kept(api, active=False)
    for wrong in (elsewhere, closed, str(uuid.uuid4())):
        for path in ("/referrals", "/referrals/plan"):
            answer = await api(PSM).post(path, json=need(target={"service": wrong}))
            assert answer.status_code == 422
            assert answer.json()["type"] == "urn:sinergi:problem:unknown-outside-service"


async def letter_of(
    api: Api, worker_db: Database, reader: Actor, **changes: Any
) -> httpx2.Response:
    service = UUID(await kept(api, kind="UPTD_PPA", area=LUMAJANG, name="UPTD PPA Lumajang"))
    fields = {"pillar": "PSM", "area": SUMBERWULUH, "service_id": service, **changes}
    referral = await put(worker_db, PSM, **fields)
    return await api(reader).get(f"/referrals/{referral}/letter")


async def test_the_letter_says_what_the_service_must_know(
    api: Api, worker_db: Database, owner: Owner
) -> None:
    answer = await letter_of(api, worker_db, PSM)
    said = answer.json()
    assert said["service"]["name"] == "UPTD PPA Lumajang"
    assert (said["initials_only"], said["category"], said["need"]) == (
        False, "GLD", "Tidur di emper pasar.",
    )  # fmt: skip
    read = await owner.fetch(
        "select action from audit_log where actor_id = $1 and action like 'referral.%'", PSM.id
    )
    assert {row["action"] for row in read} == {"referral.read", "referral.letter"}


@pytest.mark.parametrize(
    "secret", [{"confidentiality": Confidentiality.C3}, {"flags": ("REDACT_IDENTITY",)}]
)
async def test_a_confidential_letter_has_no_word_about_the_need(
    api: Api, worker_db: Database, secret: dict[str, Any]
) -> None:
    answer = await letter_of(api, worker_db, PSM, **secret)
    said = answer.json()
    assert said["initials_only"] is True
    assert (said["category"], said["situation"], said["need"]) == (None, None, None)
    assert "GLD" not in answer.text
    assert "emper" not in answer.text


async def test_a_letter_is_for_those_who_see_all_and_only_of_an_outside_service(
    api: Api, worker_db: Database
) -> None:
    assert (await letter_of(api, worker_db, worker("TKSK", "35.10.01"))).status_code == 404
    assert (await letter_of(api, worker_db, PSM, service_id=None)).status_code == 404
    # Who watches the area sees neither the letter nor the kind of service of a C3 need.
    hidden = await letter_of(api, worker_db, DINSOS, confidentiality=Confidentiality.C3)
    assert hidden.status_code == 404


async def test_a_referral_can_be_rerouted_to_a_service_that_works_there(
    api: Api, employ: Employ, need: Need
) -> None:
    await employ(PSM, TKSK)
    clinic, elsewhere = await kept(api), await kept(api, area="35.08.02")
    sent = (await api(PSM).post("/referrals", json=need())).json()["referrals"][0]
    path = f"/referrals/{sent['id']}/reroute"
    wrong = await api(PSM).post(path, json={"target": {"service": elsewhere}})
    assert wrong.json()["type"] == "urn:sinergi:problem:unknown-outside-service"
    moved = (await api(PSM).post(path, json={"target": {"service": clinic}})).json()
    assert (moved["status"], moved["warnings"]) == ("rerouted", [])
    new = (await api(PSM).get(f"/referrals/{moved['history'][-1]['subject_id']}")).json()
    assert (new["service_id"], new["pillar"], new["status"]) == (clinic, "PSM", "sent")
    assert "accept" in new["allowed"]
    assert new["reasons"] == ["Dirujuk ke Puskesmas Candipuro; statusnya dicatat oleh pengirim."]


async def test_a_service_can_help_beside_the_first_pillar(
    api: Api, employ: Employ, need: Need
) -> None:
    await employ(PSM, TKSK)
    clinic = await kept(api)
    body = need(legs=[{"service": clinic}])
    answer = (await api(PSM).post("/referrals", json=body)).json()
    first, beside = answer["referrals"]
    assert (first["service_id"], first["pillar"]) == (None, "TKSK")
    assert (beside["service_id"], beside["role"]) == (clinic, "supporting")
    assert answer["warnings"] == []


@pytest.mark.parametrize(
    "leg",
    [
        {},
        {"pillar": "PSM", "service": str(uuid.uuid4())},
        {"service": str(uuid.uuid4()), "after_primary": True},
        {"service": str(uuid.uuid4())},
    ],
)
async def test_a_leg_without_one_receiver_is_refused(
    api: Api, employ: Employ, need: Need, leg: dict[str, Any]
) -> None:
    await employ(PSM, TKSK)
    answer = await api(PSM).post("/referrals", json=need(legs=[leg]))
    assert answer.status_code == 422, answer.text
