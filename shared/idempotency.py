"""Unsafe requests take effect once: a repeat of an Idempotency-Key gets the first answer."""

import hmac
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from shared.auth import Actor
from shared.database import Tx
from shared.errors import Conflict, KeyReused
from shared.http import current_actor, session

_CLAIM_SQL: Final = """
    insert into idempotency_keys (actor_id, key, fingerprint) values ($1, $2, $3)
    on conflict (actor_id, key) do nothing returning true
"""
_STORED_SQL: Final = """
    select fingerprint, status, body from idempotency_keys where actor_id = $1 and key = $2
"""
_STORE_SQL: Final = """
    update idempotency_keys set status = $3, body = $4 where actor_id = $1 and key = $2
"""


class Once:
    """One unsafe request and its transaction.

    `replay` is the answer to give at once when this key was served before; else the route does
    its work in `tx` and answers through `answer`, which keeps the answer for a repeat.
    """

    __slots__ = ("_actor", "_key", "replay", "tx")

    def __init__(self, tx: Tx, actor: Actor, key: str | None, replay: Response | None) -> None:
        self.tx = tx
        self._actor = actor
        self._key = key
        self.replay = replay

    async def answer(self, body: BaseModel | dict[str, Any], *, status: int = 200) -> Response:
        """Answer with `status` and remember the body for a repeat of the key."""
        payload = (
            body.model_dump_json().encode()
            if isinstance(body, BaseModel)
            else orjson.dumps(body, default=str)
        )
        if self._key is not None:
            await self.tx.fetch(_STORE_SQL, self._actor.id, self._key, status, payload)
        return Response(payload, status_code=status, media_type="application/json")


IdempotencyKey = Annotated[str | None, Header(min_length=8, max_length=200)]


async def once(
    request: Request,
    tx: Annotated[Tx, Depends(session, scope="function")],
    actor: Annotated[Actor, Depends(current_actor)],
    idempotency_key: IdempotencyKey = None,
) -> Once:
    """The request's `Once`, in the request's one transaction."""
    return await claim(tx, actor, idempotency_key, request)


async def claim(
    tx: Tx, actor: Actor, key: str | None, request: Request, *, body: bytes | None = None
) -> Once:
    """Claim the request's Idempotency-Key in its transaction, or find what it answered before.

    Two requests with one key at the same time: the second waits at the key's row for the first.
    `body` stands in for the request's own, where that was read as a stream and is gone.
    """
    if key is None:
        return Once(tx, actor, None, None)
    sent = await request.body() if body is None else body
    said = request.method.encode() + request.url.path.encode() + b"\n" + sent
    fingerprint = hmac.digest(request.app.state.secret, said, "sha256")
    if await tx.fetchval(_CLAIM_SQL, actor.id, key, fingerprint):
        return Once(tx, actor, key, None)
    stored = await tx.fetchrow(_STORED_SQL, actor.id, key)
    if stored is None or stored["status"] is None:
        raise Conflict("The first request with this Idempotency-Key is still being served.")
    if stored["fingerprint"] != fingerprint:
        raise KeyReused
    replay = Response(stored["body"], status_code=200, media_type="application/json")
    return Once(tx, actor, key, replay)
