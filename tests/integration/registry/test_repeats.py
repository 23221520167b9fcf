"""P8 for repeats: an answer that is given again stands in the trail of those it tells of again."""

import uuid
from collections.abc import Callable
from typing import Any, Final

import asyncpg
import httpx2
import pytest

from shared.auth import Actor
from shared.contracts.codes import Role
from tests.conftest import LUMAJANG
from tests.integration.registry.conftest import NIK, Api, Body, Register

KK: Final = "3508031203120007"
KEY: Final = {"Idempotency-Key": "asked-twice-for-it"}
REQUESTS: Final[dict[str, tuple[str, str, dict[str, Any] | None, bool]]] = {
    "change": ("PATCH", "/{one}", {"address": "pindah"}, False),
    "nik": ("PUT", "/{one}/nik", {"nik": NIK}, False),
    "category": ("POST", "/{one}/categories", {"code": "PD"}, False),
    "another person": ("POST", "/{one}/different", {"other": "{other}"}, True),
    "merge": ("POST", "/{one}/merge", {"into": "{other}"}, True),
    "join": ("POST", "/{family}/members", {"person_id": "{one}", "relation": "head"}, True),
    "leave": ("DELETE", "/{family}/members/{other}", None, True),
    "request": ("POST", "/{one}/requests", {"kind": "access", "words": "Minta salinan."}, False),
}
"""What is asked of one record, and whether the answer or its trail tells of two."""


@pytest.mark.parametrize("what", REQUESTS)
async def test_p8_an_answer_given_again_is_read_again(
    *,
    api: Api,
    psm: Actor,
    make_actor: Callable[..., Actor],
    register: Register,
    person: Body,
    owner: asyncpg.Connection,
    what: str,
) -> None:
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    client = api(dinsos)
    ids = {name: str(await register(psm)) for name in ("one", "other")}
    of_family = {"kind": "family", "nik": None, "sex": None, "birth": None}
    card = person(**of_family, categories=["FM"], kk=KK)
    made = await api(psm).post("/beneficiaries", json=card)
    assert made.status_code == 201, made.text
    ids["family"] = made.json()["id"]
    joined = {"person_id": ids["other"], "relation": "child"}
    path = f"/beneficiaries/{ids['family']}/members"
    assert (await client.post(path, json=joined)).status_code == 201
    method, path, body, is_of_two = REQUESTS[what]

    async def ask() -> httpx2.Response:
        sent = None if body is None else {
            name: value.format_map(ids) for name, value in body.items()
        }  # fmt: skip
        return await client.request(
            method, "/beneficiaries" + path.format_map(ids), json=sent, headers=KEY
        )

    async def trail(answer: httpx2.Response) -> list[tuple[str, uuid.UUID]]:
        rows = await owner.fetch(
            "select action, subject_id from audit_log where request_id = $1 and actor_id = $2",
            answer.headers["x-request-id"], dinsos.id,
        )  # fmt: skip
        return [tuple(row) for row in rows]

    first, again = await ask(), await ask()
    assert first.is_success, first.text
    assert (again.status_code, again.content) == (200, first.content)
    of_first = {subject for _, subject in await trail(first)}
    assert len(of_first) == 1 + is_of_two
    assert sorted(await trail(again)) == [("answer.repeated", one) for one in sorted(of_first)]
