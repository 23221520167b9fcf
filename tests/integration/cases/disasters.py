"""Disasters as tests declare them, and families as they send them there."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx2

from tests.conftest import LUMAJANG, SUMBERWULUH

NEIGHBOUR_DISTRICT = "35.08.02"
HEADS = {"male": 2, "female": 3, "children": 2, "elders": 1, "disabled": 0}


class Place:
    """A declared disaster with one site."""

    def __init__(self, disaster: dict[str, Any], site: dict[str, Any]) -> None:
        self.id = disaster["id"]
        self.site = site["id"]
        self.intakes = f"/disasters/{self.id}/intakes"


async def declare(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    body = {
        "name": "Erupsi Semeru",
        "situation": "NATURAL_DISASTER",
        "category": "KBA",
        "area": LUMAJANG,
        "started_at": (datetime.now(UTC) - timedelta(hours=3)).isoformat(),
        **changes,
    }
    answer = await client.post("/disasters", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def add_site(client: httpx2.AsyncClient, disaster: str, **changes: Any) -> dict[str, Any]:
    body = {"name": "Posko Balai Desa", "area": SUMBERWULUH, "kind": "shelter", **changes}
    answer = await client.post(f"/disasters/{disaster}/sites", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def intake(place: Place, family: str, **changes: Any) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "site_id": place.site,
        "beneficiary_id": family,
        "need": "Tenda, makanan, dan air bersih.",
        "head_count": HEADS,
        **changes,
    }


async def send(
    client: httpx2.AsyncClient, place: Place, *items: dict[str, Any]
) -> list[dict[str, Any]]:
    answer = await client.post(place.intakes, json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["items"]
    return results


async def rows(owner: asyncpg.Connection) -> dict[str, int]:
    tables = ("cases", "referrals", "referral_steps", "disaster_intakes", "event_log")
    return {
        table: await owner.fetchval(f"select count(*) from {table}")  # noqa: S608 - our own names
        for table in tables
    }
