"""Workers who send referrals and act on them, and try again until they are answered."""

import asyncio
import random
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from shared.auth import Actor
from tests.chaos.people import CATEGORY, SITUATION, People
from tests.conftest import SUMBERWULUH
from tests.fixtures.stack import Stack

STORIES_PER_SECOND: Final = 9
"""Each is about 3.5 requests."""
ENDS: Final = (
    ("accept", "start", "complete"),
    ("accept", "complete"),
    ("return", "resend", "accept", "start", "complete"),
    ("accept", "start"),
    ("accept",),
    (),
)
BODIES: Final[dict[str, dict[str, str]]] = {
    "complete": {"outcome": "need_met"},
    "return": {"reason": "capacity"},
    "resend": {"change": "Keterangan dilengkapi."},
}
PAST: Final = {
    "send": "sent",
    "accept": "accepted",
    "start": "started",
    "complete": "completed",
    "return": "returned",
    "resend": "resent",
}


@dataclass(frozen=True)
class Acknowledged:
    """A step a service said "done" to."""

    referral_id: uuid.UUID
    version: int
    event: str


class Refused(Exception):
    """An answer that no fault excuses."""


class Load:
    """Stories at a fixed rate, whether or not earlier ones were answered."""

    def __init__(self, stack: Stack, people: People, seed: int) -> None:
        self.acknowledged: list[Acknowledged] = []
        self.retries: Counter[str] = Counter()
        self.refused: list[str] = []
        self._people = people
        self._draw = random.Random(seed)  # noqa: S311 - neither is a story
        self._tokens = {worker.id: stack.token(worker) for worker in people.workers}
        self._url = stack.url_of("cases")

    async def run(self, seconds: float) -> None:
        """Return when every story begun within the time has been told to its end."""
        limits = httpx2.Limits(max_connections=100)
        async with (
            httpx2.AsyncClient(
                base_url=self._url, timeout=3.0, trust_env=False, limits=limits
            ) as client,
            asyncio.TaskGroup() as stories,
        ):
            for _ in range(int(seconds * STORIES_PER_SECOND)):
                stories.create_task(self._story(client))
                await asyncio.sleep(1 / STORIES_PER_SECOND)

    async def _story(self, client: httpx2.AsyncClient) -> None:
        sender = self._draw.choice(self._people.senders)
        receiver = self._draw.choice(self._people.receivers)
        need = {
            "beneficiary_id": str(self._draw.choice(self._people.beneficiaries)),
            "category": CATEGORY,
            "situation": SITUATION,
            "area": SUMBERWULUH,
            "need": "Tidur di emper pasar.",
            "legal_basis": "public_task",
        }
        try:
            sent = await self._ask(client, sender, "/referrals", need)
            referral = sent["referrals"][0]
            self._note(referral, "send")
            for verb in self._draw.choice(ENDS):
                actor = sender if verb == "resend" else receiver
                path = f"/referrals/{referral['id']}/{verb}"
                self._note(await self._ask(client, actor, path, BODIES.get(verb, {})), verb)
        except Refused as error:
            self.refused.append(str(error))

    def _note(self, referral: dict[str, Any], verb: str) -> None:
        self.acknowledged.append(
            Acknowledged(uuid.UUID(referral["id"]), referral["version"], PAST[verb])
        )

    async def _ask(
        self, client: httpx2.AsyncClient, actor: Actor, path: str, body: dict[str, str]
    ) -> Any:
        """The answer, however often it takes to get one; always with the same key."""
        headers = {
            "Authorization": f"Bearer {self._tokens[actor.id]}",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        pause = 0.1
        while True:
            try:
                answer = await client.post(path, json=body, headers=headers)
            except httpx2.TransportError as error:
                self.retries[type(error).__name__] += 1
            else:
                if answer.is_success:
                    return answer.json()
                if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                    raise Refused(f"{path}: {answer.status_code} {answer.text[:300]}")
                self.retries["503"] += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
