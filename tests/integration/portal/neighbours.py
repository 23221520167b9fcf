"""The four services as the portal sees them: real HTTP, scripted answers, remembered calls.

They stand in at the provider seam only; the browser test drives the real services.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from shared.contracts.codes import ReferralStatus
from shared.reference.categories import CATEGORIES
from shared.reference.pillars import PILLARS
from shared.reference.situations import SITUATIONS
from tests.fixtures.stack import free_port

ME = "0190a000-0000-7000-8000-000000000001"
BUDI = "0190a000-0000-7000-8000-000000000002"
SARI = "0190a000-0000-7000-8000-000000000003"
PERSON = "0190b000-0000-7000-8000-000000000001"
OTHER = "0190b000-0000-7000-8000-000000000012"
"""A record that looks like hers."""
REFERRAL = "0190c000-0000-7000-8000-000000000001"
SENT = "0190c000-0000-7000-8000-000000000009"
NOTICE = "0190d000-0000-7000-8000-000000000001"
SESSION = "a-session-token-of-forty-characters-xxxx"
VILLAGE = "35.08.03.2005"
VERBS = ("see", "accept", "note", "return", "complete", "hold", "resume", "assign", "reroute")

LABELS = {
    "sent": "Terkirim",
    "accepted": "Diterima",
    "in_progress": "Ditangani",
    "on_hold": "Ditunda",
    "completed": "Selesai",
    "returned": "Dikembalikan",
    "rerouted": "Dialihkan",
    "recalled": "Ditarik",
    "cancelled": "Dibatalkan",
    "entered_in_error": "Salah entri",
}
REASONS = [{"code": "capacity", "label": "Sedang penuh"}, {"code": "other", "label": "Lainnya"}]
OUTCOMES = [
    {"code": "need_met", "label": "Kebutuhan terpenuhi"},
    {"code": "no_show", "label": "Tidak hadir"},
]


@dataclass(frozen=True, slots=True)
class Call:
    """One request a service got."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Neighbours:
    """What the services answer, by `METHOD /service/path`, and what they were asked."""

    url: str = ""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    events: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    is_down: set[str] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None

    def tell(self, event: str, number: int) -> None:
        """Send an event on the open stream."""
        assert self._loop is not None, "no service was called yet"
        frame = f"event: {event}\nid: {number}\ndata: {{}}\n\n".encode()
        self._loop.call_soon_threadsafe(self.events.put_nowait, frame)

    def answer(self, call: str, body: Any, status: int = 200) -> None:
        """From now on, answer this call so."""
        self.answers[call] = (status, body)

    def refuse(self, call: str, code: str, status: int, **members: Any) -> None:
        """From now on, refuse this call with a problem document."""
        problem = {"type": f"urn:sinergi:problem:{code}", "title": "Ditolak layanan", **members}
        self.answers[call] = (status, problem)

    def of(self, call: str) -> list[Call]:
        """Every request of this kind so far."""
        method, _, path = call.partition(" ")
        return [one for one in self.calls if one.method == method and one.path == path]

    def reset(self) -> None:
        """Back to ordinary answers."""
        self.calls.clear()
        self.is_down.clear()
        self.answers = ordinary_answers()
        self.events = asyncio.Queue()

    async def serve(self, request: Request) -> Response:
        """Answer as scripted."""
        self._loop = asyncio.get_running_loop()
        raw = await request.body()
        is_json = request.headers.get("content-type") == "application/json"
        body: Any = raw
        if is_json or not request.headers.get("content-type", "").startswith("multipart/"):
            body = json.loads(raw) if raw and is_json else dict(parse_qsl(raw.decode()))
        path = request.url.path
        self.calls.append(
            Call(request.method, path, dict(request.query_params), dict(request.headers), body)
        )
        if path.split("/")[1] in self.is_down:
            return Response(status_code=503)
        if path == "/notifications/stream":
            return StreamingResponse(self._stream(), media_type="text/event-stream")
        status, answer = self.answers.get(
            f"{request.method} {path}", (404, {"type": "urn:sinergi:problem:not-found"})
        )
        if isinstance(answer, Response):
            return answer
        if callable(answer):
            answer = answer(body)
        if status == 204:
            return Response(status_code=204)
        kind = "application/problem+json" if status >= 400 else "application/json"
        return JSONResponse(answer, status_code=status, media_type=kind)

    async def _stream(self) -> AsyncIterator[bytes]:
        yield b"event: hello\nid: 7\ndata: {}\n\n"
        while True:
            yield await self.events.get()


@contextlib.contextmanager
def running_neighbours() -> Iterator[Neighbours]:
    """Serve all four on one port until the block ends."""
    neighbours = Neighbours(answers=ordinary_answers())
    port = free_port()
    neighbours.url = f"http://127.0.0.1:{port}"
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", neighbours.serve, methods=methods)])
    config = uvicorn.Config(
        app, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield neighbours
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def in_hours(hours: float) -> str:
    """A moment from now, as the services write it."""
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def reference() -> dict[str, Any]:
    """What cases says of its codes."""

    def verb(code: str, label: str, *needs: dict[str, Any]) -> dict[str, Any]:
        return {"code": code, "label": label, "needs": list(needs)}

    def text(name: str, label: str, *, required: bool) -> dict[str, Any]:
        return {"field": name, "kind": "text", "label": label, "required": required}

    def choice(name: str, label: str, options: list[dict[str, str]]) -> dict[str, Any]:
        shared = {"field": name, "kind": "choice", "label": label, "required": True}
        return {**shared, "options": options}

    return {
        "statuses": [
            {"code": one, "label": LABELS[one], "final": one == "completed"}
            for one in ReferralStatus
        ],
        "verbs": [
            verb("send", "Kirim"),
            verb("see", "Buka"),
            verb("accept", "Terima"),
            verb("start", "Mulai tangani"),
            verb("note", "Tambah catatan", text("text", "Catatan", required=True)),
            verb("complete", "Selesaikan", choice("outcome", "Hasil", OUTCOMES),
                 text("note", "Catatan hasil", required=False)),
            verb("return", "Kembalikan", choice("reason", "Alasan", REASONS),
                 text("note", "Keterangan", required=False)),
            verb("assign", "Tugaskan",
                 {"field": "worker_id", "kind": "worker", "label": "Petugas", "required": True}),
            verb("hold", "Tunda", text("reason", "Alasan", required=True),
                 {"field": "until", "kind": "datetime", "label": "Sampai", "required": True}),
            verb("resume", "Lanjutkan"),
            verb("reroute", "Alihkan",
                 {"field": "target", "kind": "target", "label": "Tujuan baru", "required": True},
                 text("note", "Keterangan", required=False)),
        ],
        "return_reasons": REASONS,
        "outcomes": OUTCOMES,
        "urgencies": [
            {"code": "emergency", "label": "Darurat"},
            {"code": "high", "label": "Segera"},
            {"code": "normal", "label": "Biasa"},
            {"code": "low", "label": "Rendah"},
        ],
        "legal_bases": [
            {"code": "consent", "label": "Persetujuan yang bersangkutan atau wali"},
            {"code": "vital_interest", "label": "Menyelamatkan jiwa"},
            {"code": "public_task", "label": "Tugas pelayanan publik"},
        ],
        "categories": [
            {"code": one.code, "name": one.name, "number": one.number,
             "sensitivity": one.sensitivity}
            for one in CATEGORIES.values()
        ],
        "situations": [{"code": one.code, "name": one.name} for one in SITUATIONS.values()],
        "flags": [{"code": "FAMILY_TRACING", "label": "Telusuri keluarganya."}],
        "pillars": [{"code": one.code, "name": one.name} for one in PILLARS.values()],
    }  # fmt: skip


def work(referral_id: str = REFERRAL, status: str = "sent", **changes: Any) -> dict[str, Any]:
    """A row of a worklist."""
    return {
        "referral_id": referral_id,
        "case_id": referral_id,
        "case_number": "RJ-35.08-2026-000123",
        "beneficiary_id": PERSON,
        "status": status,
        "version": 1,
        "pillar": "TKSK",
        "area": "35.08.03",
        "category": "LUT",
        "situation": "NEGLECT",
        "urgency": "high",
        "confidentiality": "C1",
        "worker_id": None,
        "holder_id": None,
        "sender_id": SARI,
        "reply_by": in_hours(2),
        "act_by": in_hours(24),
        "close_by": in_hours(240),
        "due_at": in_hours(2),
        "sent_at": in_hours(-1),
        "seen_at": None,
        "overdue": False,
        "escalation_level": 0,
        **changes,
    }


def referral(status: str = "sent", **changes: Any) -> dict[str, Any]:
    """One referral in full."""
    row = work(status=status)
    del row["referral_id"], row["case_id"], row["case_number"]
    return {
        **row,
        "id": REFERRAL,
        "case": {"id": REFERRAL, "number": "RJ-35.08-2026-000123"},
        "need": "Mbah Sumi tinggal sendiri, dua hari belum makan.",
        "legal_basis": "vital_interest",
        "reasons": ["Lanjut usia telantar tanpa keluarga ditangani TKSK kecamatan."],
        "flags": ["SAFE_CONTACT_ONLY"],
        "advice": ["Hubungi hanya lewat kontak yang aman."],
        "allowed": ["accept", "return"],
        "history": [
            {
                "version": 1,
                "verb": "send",
                "status": "sent",
                "at": in_hours(-1),
                "occurred_at": in_hours(-2),
                "actor_id": SARI,
                "acting_as": {"pillar": "PSM", "area": VILLAGE},
                "note": None,
                "reason": None,
                "outcome": None,
                "service": None,
            }
        ],
        **changes,
    }


def person(**changes: Any) -> dict[str, Any]:
    """One record of the registry."""
    return {
        "id": PERSON,
        "version": 1,
        "kind": "person",
        "name": "Sumi Astuti",
        "sex": "F",
        "birth": {"precision": "age", "date": None, "year": 1948, "age": 78},
        "nik": "3508********0001",
        "area": VILLAGE,
        "address": "RT 3 RW 1, sebelah musala",
        "phone": "0812 0000 0001",
        "safe_contact": True,
        "categories": ["LUT"],
        "confidentiality": "C1",
        "services_received": [],
        **changes,
    }


def colleague(worker_id: str, name: str, **duty: Any) -> dict[str, Any]:
    """A worker as directory lists them, with one duty."""
    held = {"pillar": "TKSK", "area": "35.08.03", "role": "worker", "active": True, **duty}
    return {"id": worker_id, "name": name, "duties": [held], "absent_until": None}


def candidate(worker_id: str, **changes: Any) -> dict[str, Any]:
    """Somebody who could take a referral, as cases ranks them."""
    where = {"pillar": "TKSK", "area": "35.08.03", "absent": False, "open_load": 3}
    why = ["Bertugas di Kec. Candipuro, tepat di wilayah rujukan.", "Sedang memegang 3 rujukan."]
    return {"worker_id": worker_id, **where, "holds_it": False, "reasons": why, **changes}


def plan(**changes: Any) -> dict[str, Any]:
    """What sending would do."""
    leg = {
        "role": "primary",
        "pillar": "TKSK",
        "area": "35.08.03",
        "worker_id": None,
        "people": [
            {"worker_id": BUDI, "pillar": "TKSK", "area": "35.08.03", "absent": False},
            {"worker_id": SARI, "pillar": "TKSK", "area": "35.08.03", "absent": True},
        ],
        "urgency": "high",
        "confidentiality": "C1",
        "reply_by": in_hours(4),
        "act_by": in_hours(24),
        "close_by": in_hours(240),
        "reasons": ["Lanjut usia telantar ditangani TKSK kecamatan."],
        "flags": [],
    }
    return {
        "rule_id": "R021",
        "legs": [leg, {**leg, "role": "supporting", "pillar": "PSM", "area": VILLAGE}],
        "external_services": ["PUSKESMAS"],
        "advice": ["Jangan dimediasi."],
        "warnings": [],
        "lowers_urgency": False,
        **changes,
    }


def rule(**changes: Any) -> dict[str, Any]:
    """A routing rule as cases shows it."""
    one = {
        "id": "R026",
        "version": 1,
        "area": None,
        "priority": 41,
        "category": "GLD",
        "situation": "HOMELESS",
        "condition": "",
        "pillar": "TKSK",
        "supporting": ["TAGANA", "PSM"],
        "external_services": ["DINSOS_KABKOTA", "PUSKESMAS"],
        "urgency": "high",
        "confidentiality": "C1",
        "reply_minutes": 120,
        "act_hours": 24,
        "close_days": 7,
        "working": False,
        "flags": ["FAMILY_TRACING"],
        "rationale": "Penjangkauan dahulu.",
        "retired": False,
        "author_id": None,
        "valid_from": in_hours(-1000),
        "valid_to": None,
        **changes,
    }
    return {**one, "versions": [dict(one)]}


def dry_run(**changes: Any) -> dict[str, Any]:
    """What a changed rule would have done."""
    course = {name: rule()[name] for name in (
        "pillar", "urgency", "confidentiality", "reply_minutes", "act_hours", "close_days",
        "working",
    )}  # fmt: skip
    found = {
        "referral_id": REFERRAL,
        "case_number": "RJ-35.08-2026-000123",
        "category": "GLD",
        "situation": "HOMELESS",
        "before": course,
        "after": {**course, "pillar": "PSM"},
    }
    secret = dict.fromkeys(("referral_id", "case_number", "category", "situation"))
    return {
        "area": "35.08",
        "examined": 1200,
        "is_whole": True,
        "differing": 340,
        "elsewhere": 338,
        "pillars": [
            {"pillar": "PSM", "before": 700, "after": 1038},
            {"pillar": "TKSK", "before": 500, "after": 162},
        ],
        "items": [found, {**found, **secret}],
        **changes,
    }


def asked(**changes: Any) -> dict[str, Any]:
    """A request that waits for the officer."""
    return {
        "id": SENT,
        "kind": "access",
        "state": "open",
        "beneficiary_id": PERSON,
        "name": "Siti Aminah",
        "area": VILLAGE,
        "received_at": in_hours(-60),
        "due_at": in_hours(12),
        "words": "Minta salinan.",
        "taken_by": SARI,
        **changes,
    }


def protection(**changes: Any) -> dict[str, Any]:
    """How the data of the person is protected."""
    agreed = {
        "id": SENT,
        "purpose": "service",
        "basis": "consent",
        "text_version": "2026-1",
        "at": in_hours(-500),
        "taken_by": SARI,
        "guardian": None,
    }
    return {
        "id": PERSON,
        "name": "Siti Aminah",
        "area": VILLAGE,
        "confidentiality": "C1",
        "retain_until": "2031-11-28",
        "grounds": [agreed],
        "requests": [asked()],
        **changes,
    }


def trace(**changes: Any) -> dict[str, Any]:
    """Somebody opened the record."""
    return {
        "id": 7,
        "at": in_hours(-2),
        "actor_id": SARI,
        "actor_kind": "worker",
        "action": "beneficiary.read",
        "detail": None,
        **changes,
    }


def chain(**changes: Any) -> dict[str, Any]:
    """What checking the audit trail found."""
    return {"rows": 1200, "position": 1200, "broken_at": None, "is_whole": True, **changes}


def personal_file(**changes: Any) -> dict[str, Any]:
    """Everything held about the person."""
    record = {
        "id": PERSON,
        "name": "Siti Aminah",
        "kind": "person",
        "sex": "F",
        "birth_on": "1954-03-12",
        "birth_year": 1954,
        "nik": "3508035203540001",
        "area": VILLAGE,
        "address": "RT 3 RW 1",
        "confidentiality": "C1",
        "registered_by": SARI,
        "registered_at": in_hours(-900),
        "changed_at": in_hours(-800),
    }
    given = {"code": "LUT", "given_at": in_hours(-900), "given_by": SARI}
    received = {"referral_id": REFERRAL, "outcome": "need_met", "at": in_hours(-90)}
    return {
        "records": [record],
        "categories": [given],
        "legal_bases": protection()["grounds"],
        "services_received": [received],
        "requests": [asked()],
        "trail": [trace(), trace(actor_kind="service", action="protection.restricted")],
        "traces": 2,
        "elsewhere": "Isi kasus disimpan terpisah.",
        **changes,
    }


def ordinary_answers() -> dict[str, tuple[int, Any]]:
    """A quiet day."""
    me = {
        "id": ME,
        "name": "Rahmat Hidayat",
        "duties": [{"pillar": "TKSK", "area": "35.08.03", "role": "worker"}],
    }
    names = [
        {"id": BUDI, "name": "Budi Santoso", "pillar": "TKSK", "area": "35.08.03"},
        {"id": SARI, "name": "Sari Wulandari", "pillar": "PSM", "area": VILLAGE},
    ]
    mine = {"pillar": "TKSK", "area": "35.08.03", "role": "worker"}
    dated = {**mine, "from": "2024-01-01", "to": None, "active": True}
    summary = {key: person()[key] for key in ("id", "name", "kind", "sex", "area", "categories")}
    session = {"token": SESSION, "worker_id": ME, "expires_at": in_hours(12)}
    notice = {
        "id": NOTICE,
        "kind": "referral_new",
        "referral_id": REFERRAL,
        "case_number": "RJ-35.08-2026-000123",
        "title": "Rujukan baru RJ-35.08-2026-000123",
        "at": in_hours(-1),
        "read_at": None,
    }
    delivery = {
        "notice_id": NOTICE,
        "recipient_id": BUDI,
        "channel": "in_app",
        "kind": "referral_new",
        "status": "delivered",
        "at": in_hours(-1),
        "detail": None,
    }
    by_id: Callable[[Any], Any] = lambda body: {  # noqa: E731 - one line beside its use
        "items": [one for one in names if one["id"] in body["ids"]]
    }
    return {
        "POST /directory/oauth/token": (200, {"access_token": "service", "expires_in": 300}),
        "POST /directory/sessions": (201, session),
        "POST /directory/sessions/token": (
            200,
            {"access_token": "visitor", "expires_in": 60, "worker": me},
        ),
        "DELETE /directory/sessions/current": (204, None),
        "GET /directory/health/live": (200, {"status": "up"}),
        "POST /directory/workers/lookup": (200, by_id),
        "GET /directory/workers": (200, {"items": [colleague(BUDI, "Budi Santoso")], "next": None}),
        "GET /directory/me": (200, {**me, "active": True, "duties": [dated], "absences": []}),
        "POST /directory/me/password": (204, None),
        f"GET /directory/workers/{ME}": (200, {**me, "active": True, "absent_until": None}),
        f"POST /directory/workers/{ME}/absence": (201, {"id": NOTICE, "worker_id": ME}),
        "GET /registry/beneficiaries": (200, {"items": [summary], "next": None}),
        "POST /registry/beneficiaries": (201, {"id": PERSON, "warnings": []}),
        "POST /registry/beneficiaries/lookup": (200, {"items": [summary]}),
        "POST /registry/beneficiaries/search-nik": (200, summary),
        f"GET /registry/beneficiaries/{PERSON}": (200, person()),
        f"GET /registry/beneficiaries/{OTHER}": (200, {**person(), "id": OTHER}),
        f"GET /registry/beneficiaries/{PERSON}/lookalikes": (
            200,
            {"items": [{"id": OTHER, "score": 0.9, "reasons": ["nama sama", "satu desa"]}]},
        ),
        f"GET /registry/beneficiaries/{PERSON}/families": (200, {"items": []}),
        f"GET /registry/beneficiaries/{PERSON}/members": (200, {"items": []}),
        f"GET /registry/beneficiaries/{PERSON}/categories": (200, {"items": []}),
        f"GET /registry/beneficiaries/{PERSON}/protection": (200, protection()),
        f"POST /registry/beneficiaries/{PERSON}/legal-bases": (201, {"id": SENT, "warnings": []}),
        f"POST /registry/beneficiaries/{PERSON}/legal-bases/{SENT}/withdraw": (201, {"id": SENT}),
        f"POST /registry/beneficiaries/{PERSON}/requests": (201, {"id": SENT, "warnings": []}),
        f"PATCH /registry/beneficiaries/{PERSON}": (200, person()),
        "GET /registry/requests": (200, {"items": [asked()], "next": None}),
        f"POST /registry/requests/{SENT}/handle": (200, {"id": SENT, "state": "done"}),
        "POST /registry/requests/breaches": (201, {"id": SENT, "warnings": []}),
        "GET /registry/audit": (200, {"items": [trace()], "next": None}),
        "GET /registry/audit/chain": (200, chain()),
        f"GET /registry/beneficiaries/{PERSON}/file": (200, personal_file()),
        "GET /cases/reference": (200, reference()),
        "GET /cases/worklist": (200, {"items": [work()], "next": None}),
        "GET /cases/referrals": (200, {"items": [work(SENT, sender_id=ME)], "next": None}),
        f"GET /cases/referrals/{REFERRAL}": (200, referral()),
        f"GET /cases/referrals/{REFERRAL}/candidates": (200, {"items": [candidate(BUDI)]}),
        "POST /cases/referrals/plan": (200, plan()),
        "POST /cases/referrals": (
            201,
            {"case": {"id": SENT, "number": "RJ"}, "referrals": [referral()], "warnings": []},
        ),
        **{
            f"POST /cases/referrals/{REFERRAL}/{verb}": (200, referral("accepted"))
            for verb in VERBS
        },
        "GET /cases/rules": (200, {"area": "35.08", "items": [rule()], "next": None}),
        "GET /cases/rules/R026": (200, rule()),
        "PUT /cases/rules/R026": (200, rule(version=2, area="35.08")),
        "POST /cases/rules/dry-run": (200, dry_run()),
        "GET /notifications/notices": (200, {"items": [notice], "next": None}),
        "GET /notifications/notices/count": (200, {"unread": 3}),
        "POST /notifications/notices/read-all": (200, {"read": 3}),
        f"POST /notifications/notices/{NOTICE}/read": (200, notice),
        f"POST /notifications/notices/of-referral/{REFERRAL}/read": (200, {"read": 1}),
        "GET /notifications/deliveries": (200, {"items": [delivery], "next": None}),
    }
