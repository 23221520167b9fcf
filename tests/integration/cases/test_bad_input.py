"""Bad input is refused with its code and its place, and leaves nothing behind."""

import base64
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from shared.auth import Actor
from tests.integration.cases.conftest import Api, Employ, Need

Stored = Callable[[], Awaitable[dict[str, int]]]
FUTURE = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

# What is wrong, the answer's code, and where it points.
BAD_NEEDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown area": ({"area": "99.99"}, "unknown-area", "/area"),
    "area of no level": ({"area": "35.0"}, "unknown-area", "/area"),
    "village that is not there": ({"area": "35.08.03.2999"}, "unknown-area", "/area"),
    "unknown category": ({"category": "XYZ"}, "unknown-category", "/category"),
    "category in lower case": ({"category": "lut"}, "invalid-input", "/category"),
    "unknown situation": ({"situation": "PESTA"}, "unknown-situation", "/situation"),
    "unknown pillar": ({"target": {"pillar": "RT"}}, "unknown-pillar", "/target/pillar"),
    "unknown target area": ({"target": {"area": "00"}}, "unknown-area", "/target/area"),
    "unknown receiver": (
        {"target": {"worker_id": str(uuid.uuid4())}},
        "unknown-receiver",
        "/target/worker_id",
    ),
    "number for text": ({"need": 12}, "invalid-input", "/need"),
    "list for text": ({"need": ["a"]}, "invalid-input", "/need"),
    "nothing for text": ({"need": None}, "invalid-input", "/need"),
    "blank text": ({"need": "   "}, "invalid-input", "/need"),
    "text too long": ({"need": "a" * 4001}, "invalid-input", "/need"),
    "half a character": ({"need": "\ud800"}, "invalid-input", "/need"),
    "no uuid": ({"beneficiary_id": "satu"}, "invalid-input", "/beneficiary_id"),
    "age as a word": ({"attributes": {"age": "tua"}}, "invalid-input", "/attributes/age"),
    "age below nought": ({"attributes": {"age": -1}}, "invalid-input", "/attributes/age"),
    "age beyond all": ({"attributes": {"age": 10**30}}, "invalid-input", "/attributes/age"),
    "unknown attribute": ({"attributes": {"suku": "x"}}, "invalid-input", "/attributes/suku"),
    "unknown urgency": ({"urgency": "now"}, "invalid-input", "/urgency"),
    "unknown field": ({"nik": "3508010101010001"}, "invalid-input", "/nik"),
    "unknown legal basis": ({"legal_basis": "because"}, "invalid-input", "/legal_basis"),
    "time in the future": ({"occurred_at": FUTURE}, "time-implausible", "/occurred_at"),
    "time without a zone": (
        {"occurred_at": "2026-01-01T10:00:00"},
        "invalid-input",
        "/occurred_at",
    ),
    "time before all records": (
        {"occurred_at": "0001-01-01T00:00:00+07:00"},
        "time-implausible",
        "/occurred_at",
    ),
    "no time": ({"occurred_at": "kemarin"}, "invalid-input", "/occurred_at"),
    "a duty not held": (
        {"acting_as": {"pillar": "TKSK", "area": "35.08.03"}},
        "not-your-duty",
        "/acting_as",
    ),
    "less haste without a reason": ({"urgency": "low"}, "reason-missing", "/urgency_reason"),
    "less haste, blank reason": (
        {"urgency": "low", "urgency_reason": " "},
        "invalid-input",
        "/urgency_reason",
    ),
    "NUL in text": ({"need": "a\x00b"}, "invalid-input", "/need"),
    "NUL in a code": ({"category": "LUT\x00"}, "invalid-input", "/category"),
    "NUL in an area": ({"area": "35.08\x00"}, "unknown-area", "/area"),
}


def refusal(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document, once it has the promised shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"urn:sinergi:problem:{code}"
    assert problem["status"] == status
    assert problem["title"]
    return problem


def pointers(problem: dict[str, Any]) -> list[str]:
    return [error["pointer"] for error in problem["errors"]]


def verdict(answer: httpx2.Response) -> tuple[int, str, list[str]]:
    """Number, code and places of a refusal, to be held against a table."""
    problem = answer.json()
    code = problem.get("type", "").removeprefix("urn:sinergi:problem:")
    return answer.status_code, code, [one["pointer"] for one in problem.get("errors", [])]


async def test_a_bad_need_is_refused_at_its_place_and_nothing_is_stored(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, stored: Stored
) -> None:
    await employ(psm, tksk)
    before = await stored()
    found = {}
    for name, (changes, _, _) in BAD_NEEDS.items():
        answer = await api(psm).post(
            "/referrals",
            content=json.dumps(need(**changes)).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())},
        )
        assert "3508010101010001" not in answer.text
        found[name] = verdict(answer)
    assert found == {name: (422, code, [pointer]) for name, (_, code, pointer) in BAD_NEEDS.items()}
    assert await stored() == before


async def test_a_missing_field_is_named(api: Api, psm: Actor, need: Need, stored: Stored) -> None:
    for path in ("/referrals", "/referrals/plan"):
        for field in need():
            body = {name: value for name, value in need().items() if name != field}
            answer = await api(psm).post(path, json=body)
            assert verdict(answer) == (422, "invalid-input", [f"/{field}"])
    assert not any((await stored()).values())


async def test_several_faults_are_told_together(api: Api, psm: Actor, need: Need) -> None:
    answer = await api(psm).post("/referrals", json=need(need=1, urgency="x", extra=True))
    assert set(pointers(refusal(answer, 422, "invalid-input"))) == {"/need", "/urgency", "/extra"}


async def test_a_body_that_is_no_object_is_refused(api: Api, psm: Actor, stored: Stored) -> None:
    bodies = (b"{", b"", b"null", b"[]", b'"text"', b"12", b"\xff\xfe", b"[" * 100_000, b"NaN")
    for body in bodies:
        answer = await api(psm).post(
            "/referrals", content=body, headers={"Content-Type": "application/json"}
        )
        assert verdict(answer)[:2] in {(422, "invalid-input"), (400, "invalid-request")}, body[:9]
    assert not any((await stored()).values())


async def test_a_form_is_not_json(api: Api, psm: Actor) -> None:
    answer = await api(psm).post("/referrals", data={"need": "a"})
    refusal(answer, 422, "invalid-input")


async def test_a_body_past_a_megabyte_is_refused(
    api: Api, psm: Actor, need: Need, stored: Stored
) -> None:
    answer = await api(psm).post("/referrals", json=need(need="a" * 1_100_000))
    refusal(answer, 413, "body-too-large")
    assert not any((await stored()).values())


async def test_a_body_past_a_megabyte_that_hides_its_length_is_not_taken(
    api: Api, psm: Actor, need: Need, stored: Stored
) -> None:
    whole = json.dumps(need(need="a" * 1_100_000)).encode()

    async def parts() -> Any:
        for start in range(0, len(whole), 65_536):
            yield whole[start : start + 65_536]

    answer = await api(psm).post(
        "/referrals", content=parts(), headers={"Content-Type": "application/json"}
    )
    refusal(answer, 413, "body-too-large")
    assert not any((await stored()).values())


async def test_nul_in_an_address_is_refused(api: Api, psm: Actor) -> None:
    for path in ("/referrals/%00", "/worklist?pillar=%00", "/cases/a%00b"):
        refusal(await api(psm).get(path), 422, "invalid-text")


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


async def test_a_cursor_that_is_not_ours_is_refused(api: Api, psm: Actor) -> None:
    for bad in (
        "x",
        "ä",
        "!!!!",
        cursor("nonsense"),
        cursor(f"0001-01-01T00:00:00+07:00|{uuid.uuid4()}"),
        cursor("2026-01-01T00:00:00+00:00|not-an-id"),
        base64.urlsafe_b64encode(b"\xff\xff").decode(),
    ):
        answer = await api(psm).get("/worklist", params={"cursor": bad})
        assert verdict(answer) == (400, "invalid-request", ["/cursor"]), bad


async def test_a_bad_question_is_refused_at_its_place(api: Api, psm: Actor) -> None:
    questions = {
        "/worklist?limit=0": "/limit",
        "/worklist?limit=101": "/limit",
        "/worklist?limit=all": "/limit",
        "/worklist?status=lost": "/status",
        "/worklist?due=never": "/due",
        f"/worklist?cursor={'a' * 201}": "/cursor",
        "/referrals?cursor=abc": "/cursor",
        "/referrals/not-an-id": "/referral_id",
        "/cases/not-an-id": "/case_id",
    }
    found = {path: verdict(await api(psm).get(path)) for path in questions}
    assert found == {path: (422, "invalid-input", [pointer]) for path, pointer in questions.items()}
    answer = await api(psm).get("/worklist?pillar=RT")
    assert verdict(answer) == (422, "unknown-pillar", ["/pillar"])


BAD_VERBS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a note without text": ("note", {}, "invalid-input", "/text"),
    "NUL in a note": ("note", {"text": "a\x00"}, "invalid-input", "/text"),
    "an outcome of no list": ("complete", {"outcome": "fine"}, "invalid-input", "/outcome"),
    "no outcome": ("complete", {}, "invalid-input", "/outcome"),
    "an outcome that needs words": ("complete", {"outcome": "moved"}, "reason-missing", "/note"),
    "a service that is free text": (
        "complete",
        {"outcome": "need_met", "service": "beras 5 kg"},
        "invalid-input",
        "/service",
    ),
    "a reason of no list": ("return", {"reason": "bored"}, "invalid-input", "/reason"),
    "another reason without words": ("return", {"reason": "other"}, "reason-missing", "/note"),
    "an extra field": ("start", {"status": "completed"}, "invalid-input", "/status"),
    "time in the future": ("start", {"occurred_at": FUTURE}, "time-implausible", "/occurred_at"),
    "time before all records": (
        "start",
        {"occurred_at": "0001-01-01T00:00:00+07:00"},
        "time-implausible",
        "/occurred_at",
    ),
    "time without a zone": (
        "start",
        {"occurred_at": "2026-01-01T10:00:00"},
        "invalid-input",
        "/occurred_at",
    ),
    "a duty not held": (
        "start",
        {"acting_as": {"pillar": "PSM", "area": "35.08.03.2005"}},
        "not-your-duty",
        "/acting_as",
    ),
}


async def test_a_bad_step_is_refused_at_its_place_and_nothing_moves(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need, stored: Stored
) -> None:
    await employ(psm, tksk)
    sent = (await api(psm).post("/referrals", json=need())).json()["referrals"][0]
    path = f"/referrals/{sent['id']}"
    assert (await api(tksk).post(f"{path}/accept", json={})).is_success
    before = await stored()
    found = {}
    for name, (verb, body, _, _) in BAD_VERBS.items():
        answer = await api(tksk).post(
            f"{path}/{verb}", json=body, headers={"Idempotency-Key": str(uuid.uuid4())}
        )
        found[name] = verdict(answer)
    assert found == {
        name: (422, code, [pointer]) for name, (_, _, code, pointer) in BAD_VERBS.items()
    }
    for header, value in (
        ("Idempotency-Key", "short"),
        ("Idempotency-Key", "a" * 201),
        ("If-Match", "zero"),
    ):
        answer = await api(tksk).post(f"{path}/start", json={}, headers={header: value})
        assert verdict(answer) == (422, "invalid-input", [f"/{header.lower()}"])
    assert await stored() == before


async def test_less_haste_with_a_reason_is_taken_and_the_reason_stands_there(
    api: Api, psm: Actor, tksk: Actor, employ: Employ, need: Need
) -> None:
    await employ(psm, tksk)
    answer = await api(psm).post(
        "/referrals", json=need(urgency="low", urgency_reason="Sudah ditampung tetangga.")
    )
    assert answer.status_code == 201
    referral = answer.json()["referrals"][0]
    assert referral["urgency"] == "low"
    assert any("Sudah ditampung tetangga." in reason for reason in referral["reasons"])
