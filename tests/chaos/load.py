"""Workers who register people, send referrals and act on them, until they are answered."""

import asyncio
import contextlib
import itertools
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2

from shared.auth import Actor
from tests.chaos.answers import NONE, Answer, Answers
from tests.chaos.clocks import ALARMS, SECONDS_AHEAD, Clocks
from tests.chaos.people import CATEGORY, SITUATION, People
from tests.conftest import SUMBERWULUH
from tests.fixtures.stack import Stack

STORIES_PER_SECOND: Final = 9
"""Each is about 4 requests."""
MOST_CONNECTIONS: Final = 100
PATIENCE_SECONDS: Final = 3.0
"""After this long an attempt has got no answer."""
LEFT_LYING: Final = 0.3
"""The share of stories that a person leaves to the clock, where there are clocks."""
NEWCOMERS: Final = 0.3
"""The share of stories that begin with somebody registry does not know yet."""
NEWCOMER: Final = "Warga Baru"
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
    # Far enough ahead for any number of retries; the clocks bring it close.
    "hold": {
        "reason": "Menunggu keluarga.",
        "until": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    },
    "return": {"reason": "capacity"},
    "resend": {"change": "Keterangan dilengkapi."},
}
PAST: Final = {
    "send": "sent",
    "accept": "accepted",
    "start": "started",
    "complete": "completed",
    "hold": "held",
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

    def __init__(
        self,
        stack: Stack,
        people: People,
        seed: int,
        *,
        per_second: float = STORIES_PER_SECOND,
        patience: float = PATIENCE_SECONDS,
        clocks: Clocks | None = None,
    ) -> None:
        self.acknowledged: list[Acknowledged] = []
        self.registered: list[uuid.UUID] = []
        """Those registry said it had taken in."""
        self.answers = Answers()
        self.retries: Counter[str] = Counter()
        self.refused: list[str] = []
        self._people = people
        self._per_second = per_second
        self._patience = patience
        self._clocks = clocks
        self._draw = random.Random(seed)  # noqa: S311 - neither is a story
        # Each kind in turn, so that a short run sees them all.
        self._alarms = itertools.cycle(self._draw.sample(ALARMS, len(ALARMS)))
        self._tokens = {worker.id: stack.token(worker) for worker in people.workers}
        self._url = stack.url_of("cases")
        self._registry_url = stack.url_of("registry")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Begin stories while the block is open; return when each has been told to its end."""
        limits = httpx2.Limits(max_connections=MOST_CONNECTIONS)
        async with (
            httpx2.AsyncClient(
                base_url=self._url, timeout=self._patience, trust_env=False, limits=limits
            ) as client,
            asyncio.TaskGroup() as stories,
        ):
            telling = stories.create_task(self._begin(client, stories))
            yield
            telling.cancel()

    async def _begin(self, client: httpx2.AsyncClient, stories: asyncio.TaskGroup) -> None:
        while True:
            stories.create_task(self._story(client))
            await asyncio.sleep(1 / self._per_second)

    async def _story(self, client: httpx2.AsyncClient) -> None:
        sender = self._draw.choice(self._people.senders)
        receiver = self._draw.choice(self._people.receivers)
        try:
            need = {
                "beneficiary_id": await self._somebody(client, sender),
                "category": CATEGORY,
                "situation": SITUATION,
                "area": SUMBERWULUH,
                "need": "Tidur di emper pasar.",
                "legal_basis": "public_task",
            }
            sent = await self._ask(client, sender, "/referrals", need)
            referral = sent["referrals"][0]
            self._note(referral, "send")
            if self._clocks is None or self._draw.random() > LEFT_LYING:
                await self._act(client, referral, sender, receiver, self._draw.choice(ENDS))
                return
            alarm = next(self._alarms)
            await self._act(client, referral, sender, receiver, alarm.after)
            seconds = self._draw.uniform(*SECONDS_AHEAD)
            await self._clocks.bring_close(
                uuid.UUID(referral["id"]),
                alarm,
                sender=sender.id,
                holder=receiver.id,
                seconds=seconds,
            )
            await asyncio.sleep(seconds)
            await self._act(client, referral, sender, receiver, alarm.race)
        except Refused as error:
            self.refused.append(str(error))

    async def _somebody(self, client: httpx2.AsyncClient, sender: Actor) -> str:
        """A person in need: mostly one known long since, else registered now."""
        if self._draw.random() > NEWCOMERS:
            return str(self._draw.choice(self._people.beneficiaries))
        person = {
            "kind": "person",
            "name": NEWCOMER,
            "nik_absent_reason": "unknown",
            "area": SUMBERWULUH,
            "categories": [CATEGORY],
            "legal_basis": "public_task",
            "accept_lookalikes": True,
        }
        made = await self._ask(client, sender, f"{self._registry_url}/beneficiaries", person)
        self.registered.append(uuid.UUID(made["id"]))
        return str(made["id"])

    async def _act(
        self,
        client: httpx2.AsyncClient,
        referral: dict[str, Any],
        sender: Actor,
        receiver: Actor,
        verbs: Sequence[str],
    ) -> None:
        for verb in verbs:
            actor = sender if verb == "resend" else receiver
            path = f"/referrals/{referral['id']}/{verb}"
            self._note(await self._ask(client, actor, path, BODIES.get(verb, {})), verb)

    def _note(self, referral: dict[str, Any], verb: str) -> None:
        self.acknowledged.append(
            Acknowledged(uuid.UUID(referral["id"]), referral["version"], PAST[verb])
        )

    async def _ask(
        self, client: httpx2.AsyncClient, actor: Actor, path: str, body: Mapping[str, Any]
    ) -> Any:
        """The answer, however often it takes to get one; always with the same key."""
        headers = {
            "Authorization": f"Bearer {self._tokens[actor.id]}",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        clock = asyncio.get_running_loop().time
        pause = 0.1
        while True:
            began = clock()
            try:
                answer = await client.post(path, json=body, headers=headers)
            except httpx2.TransportError as error:
                self.answers.note(Answer(began, clock() - began, NONE))
                self.retries[type(error).__name__] += 1
            else:
                again = answer.headers.get("retry-after")
                self.answers.note(Answer(began, clock() - began, answer.status_code, again))
                if answer.is_success:
                    return answer.json()
                if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                    raise Refused(f"{path}: {answer.status_code} {answer.text[:300]}")
                self.retries["503"] += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
