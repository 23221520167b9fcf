"""Unsafe requests take effect once: a repeat of an Idempotency-Key gets the first answer.

What the repeat shows of records is read again, so it stands in the audit trail again.
"""

import contextlib
from collections.abc import AsyncIterator
from hashlib import blake2b
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from shared import audit
from shared.auth import Actor
from shared.database import Database, Tx
from shared.errors import Conflict, KeyReused
from shared.http import current_actor, session
from shared.trips import Opening, Write

_CLAIM_SQL: Final = """
    insert into idempotency_keys (actor_id, key, fingerprint) values ($1, $2, $3)
    on conflict (actor_id, key) do nothing returning true
"""
_STORED_SQL: Final = """
    select fingerprint, status, body, subjects from idempotency_keys
    where actor_id = $1 and key = $2
"""


def _claim_text(first: int) -> str:
    actor_id, key, fingerprint = (f"${first + at}" for at in range(3))
    return f"""
        insert into idempotency_keys (actor_id, key, fingerprint)
        select {actor_id}::uuid, {key}::text, {fingerprint}::bytea from context
        on conflict (actor_id, key) do nothing returning true
    """  # noqa: S608 - parameter numbers


def _answer_text(first: int) -> str:
    actor_id, key, status, body, subjects = (f"${first + at}" for at in range(5))
    return f"""
        answered as (
            update idempotency_keys
            set status = {status}::smallint, body = {body}::bytea, subjects = {subjects}::uuid[]
            where actor_id = {actor_id}::uuid and key = {key}::text
        )
    """  # noqa: S608 - parameter numbers


_ANSWER: Final = Write(_answer_text, 5)


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
        """Answer with `status` and remember the body for a repeat of the key.

        A repeat shows again what is of the records this transaction wrote to the audit trail.
        """
        payload = (
            body.model_dump_json().encode()
            if isinstance(body, BaseModel)
            else orjson.dumps(body, default=str)
        )
        if self._key is not None:
            kept = (self._actor.id, self._key, status, payload, list(self.tx.audited))
            await self.tx.write(_ANSWER, kept)
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


OncePerKey = Annotated[Once, Depends(once, scope="function")]


async def claim(
    tx: Tx, actor: Actor, key: str | None, request: Request, *, body: bytes | None = None
) -> Once:
    """Claim the request's Idempotency-Key in its transaction, or find what it answered before.

    Two requests with one key at the same time: the second waits at the key's row for the first.
    `body` stands in for the request's own, where that was read as a stream and is gone.
    """
    if key is None:
        return Once(tx, actor, None, None)
    fingerprint = await _fingerprint(request, body)
    if await tx.fetchval(_CLAIM_SQL, actor.id, key, fingerprint):
        return Once(tx, actor, key, None)
    return await _repeat(tx, actor, key, fingerprint)


@contextlib.asynccontextmanager
async def claimed(
    request: Request, actor: Actor, key: str | None, *openings: Opening
) -> AsyncIterator[Once]:
    """The same with the transaction itself, for a route that opens its own.

    The key is claimed, and `openings` are asked, in the round trip that begins the transaction.
    """
    database: Database = request.app.state.database
    scope = actor.row_scope()
    if key is None:
        async with database.transaction(scope, openings=openings) as tx:
            yield Once(tx, actor, None, None)
        return
    fingerprint = await _fingerprint(request, None)
    claim = Opening(_claim_text, actor.id, key, fingerprint)
    async with database.transaction(scope, openings=(*openings, claim)) as tx:
        fresh = Once(tx, actor, key, None)
        yield fresh if tx.opened[-1] else await _repeat(tx, actor, key, fingerprint)


async def _fingerprint(request: Request, body: bytes | None) -> bytes:
    sent = await request.body() if body is None else body
    said = request.method.encode() + request.url.path.encode() + b"\n" + sent
    return blake2b(said, key=request.app.state.secret, digest_size=32).digest()


async def _repeat(tx: Tx, actor: Actor, key: str, fingerprint: bytes) -> Once:
    stored = await tx.fetchrow(_STORED_SQL, actor.id, key)
    if stored is None or stored["status"] is None:
        raise Conflict("The first request with this Idempotency-Key is still being served.")
    if stored["fingerprint"] != fingerprint:
        raise KeyReused
    await audit.record(tx, actor, "answer.repeated", stored["subjects"])
    replay = Response(stored["body"], status_code=200, media_type="application/json")
    return Once(tx, actor, key, replay)
