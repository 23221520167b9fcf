import logging
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import pytest
import structlog
from fastapi import FastAPI

from services.registry.settings import Settings
from services.registry.storage.field_encryption import NikVault
from shared.auth import Actor
from shared.logging import configure_logging
from tests.integration.registry.conftest import NIK, Api, Body

NAME = "Zulaikha Permatasari"
ADDRESS = "Gang Melati nomor tujuh"
PHONE = "081298761234"
KK = "3508031203120007"
SECRETS = (NIK, KK, NAME, ADDRESS, PHONE, "Zulaikha", "Melati")


def told(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.fixture
def body(person: Body) -> dict[str, Any]:
    return person(name=NAME, address=ADDRESS, phone=PHONE)


@pytest.fixture
def log_as_in_service() -> Iterator[Callable[[], None]]:
    """Starts logging the way a process of ours does; the capture must be running by then."""
    handlers = logging.root.handlers[:]
    yield lambda: configure_logging("registry", "DEBUG")
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers


async def test_neither_logs_nor_events_nor_the_trail_tell_who_it_is(
    *,
    api: Api,
    psm: Actor,
    body: dict[str, Any],
    owner: asyncpg.Connection,
    log_as_in_service: Callable[[], None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    log_as_in_service()
    client = api(psm)
    made = (await client.post("/beneficiaries", json=body)).json()["id"]
    await client.get(f"/beneficiaries/{made}")
    await client.get("/beneficiaries", params={"name": "Zulaikha"})
    await client.post("/beneficiaries/search-nik", json={"nik": NIK})
    await client.post("/beneficiaries", json=body)
    await client.patch(f"/beneficiaries/{made}", json={"address": ADDRESS + " lama"})
    await client.post("/beneficiaries", json={**body, "sex": NIK, "area": ADDRESS})
    words = {"code": "GLD", "evidence": NAME}
    await client.post(f"/beneficiaries/{made}/categories", json=words)
    home = {"kind": "family", "name": NAME, "kk": KK, "area": body["area"], "categories": ["FM"],
            "legal_basis": "public_task", "accept_lookalikes": True}  # fmt: skip
    family = (await client.post("/beneficiaries", json=home)).json()["id"]
    await client.post(f"/beneficiaries/{family}/members",
                      json={"person_id": made, "relation": "head"})  # fmt: skip
    await client.put(f"/beneficiaries/{family}/family-card", json={"kk": KK + "1"})
    await client.put(f"/beneficiaries/{family}/family-card", json={"kk": KK})
    await client.post("/beneficiaries", json={**body, "name": NAME + "\x00"})
    written = capfd.readouterr()
    assert "/beneficiaries/search-nik" in written.out
    assert told(written.out + written.err) == []
    trail = await owner.fetchval("select string_agg(t::text, '') from audit_log t")
    assert made in trail
    assert told(trail) == []
    events = await owner.fetchval(
        "select string_agg(convert_from(data, 'utf8'), '') from event_log"
    )
    assert made in events
    assert told(events) == []


@pytest.mark.parametrize(
    "change",
    [
        {"nik": NIK[:12] + "0000"},
        {"nik": NIK + "1"},
        {"nik": [NIK]},
        {"name": [NAME]},
        {"address": {"street": ADDRESS}},
        {"phone": PHONE + " " + NAME},
        {"area": ADDRESS},
        {"birth": {"date": NAME}},
        {"birth": NIK},
        {"categories": [NAME]},
        {"legal_basis": NAME},
        {},
    ],
)
async def test_an_error_never_repeats_what_was_typed(
    api: Api, psm: Actor, body: dict[str, Any], change: dict[str, Any]
) -> None:
    if not change:
        await api(psm).post("/beneficiaries", json=body)
    answer = await api(psm).post("/beneficiaries", json={**body, **change})
    assert answer.status_code in {409, 422}
    assert told(answer.text) == []
    assert change.get("nik") is None or NIK[:12] not in answer.text


async def test_a_nik_sealed_under_an_old_key_is_read_after_a_rotation(
    api: Api, app: FastAPI, psm: Actor, body: dict[str, Any], vault: NikVault
) -> None:
    made = (await api(psm).post("/beneficiaries", json=body)).json()["id"]
    old = vault._ciphers[1]
    rotated = NikVault({2: secrets.token_bytes(32)}, Settings().nik_index_key)
    rotated._ciphers[1] = old
    app.state.nik_vault = rotated
    answer = await api(psm).get(f"/beneficiaries/{made}")
    assert answer.json()["nik"] == "3508********0001"
    found = await api(psm).post("/beneficiaries/search-nik", json={"nik": NIK})
    assert found.json()["id"] == made


async def test_a_sealed_nik_moved_to_another_row_is_a_fault_that_tells_nothing(
    api: Api, psm: Actor, body: dict[str, Any], owner: asyncpg.Connection
) -> None:
    made = (await api(psm).post("/beneficiaries", json=body)).json()["id"]
    other = {**body, "nik": "3508035203540002", "name": "Lain"}
    await api(psm).post("/beneficiaries", json=other)
    await owner.execute(
        "update beneficiaries set nik_sealed ="
        " (select nik_sealed from beneficiaries where name = 'Lain')"
    )
    answer = await api(psm).get(f"/beneficiaries/{made}")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:sinergi:problem:internal"
    assert told(answer.text) == []
