"""The floor of POST /referrals: a bare Starlette route doing the same inserts with asyncpg."""

import contextlib
import os
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.cases.storage.referrals import _OPENED
from shared.trips import written_sql

HOME = "35.08.03.2005"
_ADD_SQL = written_sql((_OPENED,))
_KEY_SQL = """
    insert into idempotency_keys (actor_id, key, fingerprint, status, body)
    values ($1, $2, $3, 201, $4)
"""


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """The pool, as large as the service's."""
    app.state.pool = await asyncpg.create_pool(
        os.environ["FLOOR_URL"],
        min_size=10,
        max_size=10,
        server_settings={"search_path": "floor"},
    )
    yield
    await app.state.pool.close()


async def send(request: Request) -> Response:
    """Two inserts in one transaction: the referral with its events, and the key."""
    body = orjson.loads(await request.body())
    now = datetime.now(UTC)
    case_id, referral_id, sender = uuid.uuid4(), uuid.uuid4(), uuid.UUID(body["sender_id"])
    number = f"RJ-35.08-2026-{case_id}"
    receiver = uuid.UUID(body["receiver_id"])
    answer = orjson.dumps({"id": referral_id, "number": number})
    pool: asyncpg.Pool = request.app.state.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(
            _ADD_SQL,
            *_columns(body, referral_id, case_id, number, sender, receiver, now),
            *_events(body, referral_id, case_id, number, sender, receiver, now),
        )
        await connection.fetch(
            _KEY_SQL, sender, request.headers["idempotency-key"], b"x" * 32, answer
        )
    return Response(answer, status_code=201, media_type="application/json")


def _columns(
    body: dict[str, Any],
    referral_id: uuid.UUID,
    case_id: uuid.UUID,
    number: str,
    sender: uuid.UUID,
    receiver: uuid.UUID,
    now: datetime,
) -> list[Any]:
    day = timedelta(days=1)
    beneficiary = uuid.UUID(body["beneficiary_id"])
    row = [
        referral_id, case_id, number, beneficiary, "TKSK", "35.08.03", None, sender, "PSM", HOME,
        HOME, body["category"], body["situation"], "high", "C1", body["need"],
        body["legal_basis"], "R026", ["Aturan R026"], [], day, day, day, False,
        "primary", "{}", None, None, None, now,
        "sent", 1, None, None, [receiver], [], None, None, None, 0, now + day, now + day, now + day,
        None, None, None, now + day, now + day,
    ]  # fmt: skip
    step = [
        referral_id, 1, "send", "sent", now, now, sender, "PSM", HOME, None, None, None, None, None,
    ]  # fmt: skip
    case = [case_id, number, beneficiary, HOME, sender, now, "intake", True, None, None, 1]
    case_step = [case_id, 1, "open", "intake", now, now, sender, "PSM", HOME, None, None]
    return [*case, *case_step, *row, *step]


def _events(
    body: dict[str, Any],
    referral_id: uuid.UUID,
    case_id: uuid.UUID,
    number: str,
    sender: uuid.UUID,
    receiver: uuid.UUID,
    now: datetime,
) -> list[Any]:
    case = {
        "case_id": case_id, "number": number, "beneficiary_id": body["beneficiary_id"],
        "area": "35.08.03.2005", "is_open": True,
    }  # fmt: skip
    referral = {
        "referral_id": referral_id, "case_id": case_id, "case_number": number,
        "beneficiary_id": body["beneficiary_id"], "status": "sent", "pillar": "TKSK",
        "area": "35.08.03", "organisation_id": None, "category": body["category"],
        "urgency": "high", "confidentiality": "C1", "sender_id": sender, "holder_id": None,
        "actor_id": sender, "pool": [receiver], "reply_by": now, "act_by": now, "close_by": now,
    }  # fmt: skip
    said = [
        ("id.sinergi.cases.case.opened.v1", case_id, case),
        ("id.sinergi.cases.referral.sent.v1", referral_id, referral),
    ]
    ids = [uuid.uuid4(), uuid.uuid4()]
    payloads = [
        orjson.dumps(
            {
                "specversion": "1.0", "id": event_id, "source": "/sinergi/cases", "type": kind,
                "subject": str(subject), "subjectversion": 1, "time": now, "data": data,
            }
        )
        for event_id, (kind, subject, data) in zip(ids, said, strict=True)
    ]  # fmt: skip
    return [
        ids, [kind for kind, _, _ in said], [subject for _, subject, _ in said], [1, 1],
        [now, now], payloads,
    ]  # fmt: skip


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[Route("/referrals", send, methods=["POST"])], lifespan=lifespan),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
