"""A few dozen invented referrals in different states, made by the real use cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from deploy.demo.people import DemoPerson, DemoWorker
from services.cases.domain.referral import Referral
from services.cases.storage.case_numbers import CaseNumbers
from services.cases.storage.known import surroundings_of
from services.cases.storage.rules import RuleBook
from services.cases.use_cases import (
    accept_referral,
    complete_referral,
    note_referral,
    return_referral,
    see_referral,
    send_referral,
    start_referral,
)
from services.cases.use_cases.access import Act
from services.cases.use_cases.plan_referral import SendReferral, asked_around
from shared.auth import Actor, Duty
from shared.contracts.codes import LegalBasis, Outcome, ReturnReason, Role
from shared.database import Database

_NEEDS: Final[Mapping[str, tuple[str, str, dict[str, Any]]]] = {
    "LUT": ("NEGLECT", "Tinggal sendiri, makan bergantung pada tetangga.", {"has_family": True}),
    "PD": ("DISABILITY_AID", "Membutuhkan kursi roda untuk ke Puskesmas.", {}),
    "ADK": ("DISABILITY_AID", "Perlu terapi dan alat bantu dengar.", {}),
    "PRSE": ("LIVELIHOOD", "Kehilangan pekerjaan, tiga anak masih sekolah.", {}),
    "GLD": ("HOMELESS", "Tidur di emper pasar sejak beberapa hari.", {}),
    "AT": ("EDUCATION_ACCESS", "Berhenti sekolah, tinggal dengan kakeknya.", {}),
    "FM": ("AID_NEEDED", "Belum pernah terdata sebagai penerima bantuan.", {}),
    "KBA": ("NATURAL_DISASTER", "Rumah tertimbun lahar hujan, mengungsi di balai desa.", {}),
}
_DONE_NOTE: Final = "Sudah dikunjungi bersama perangkat desa."


@dataclass(frozen=True, slots=True)
class Story:
    """How far a referral gets, and how many hours ago it was sent."""

    steps: tuple[str, ...]
    hours_ago: float


STORIES: Final = (
    Story((), 0.2),
    Story((), 30),
    Story(("see",), 1),
    Story(("see", "accept"), 5),
    Story(("see", "accept", "start"), 26),
    Story(("see", "accept", "start", "note"), 50),
    Story(("see", "accept", "start", "complete"), 70),
    Story(("see", "return"), 8),
)


def actor_of(worker: DemoWorker) -> Actor:
    """The caller a demo worker would be."""
    duties = tuple(Duty(pillar, area, role) for pillar, area, role in worker.duties)
    return Actor(worker.id, "worker", duties)


class Narrator:
    """Plays the stories, each step in its own transaction and in its own past."""

    def __init__(self, database: Database, numbers: CaseNumbers, workers: list[DemoWorker]) -> None:
        self._database = database
        self._numbers = numbers
        self._rules = RuleBook()
        self._actors = {worker.id: actor_of(worker) for worker in workers}
        self._psm_of = {
            area: actor_of(worker)
            for worker in workers
            for pillar, area, role in worker.duties
            if pillar == "PSM" and role is Role.WORKER
        }

    async def tell(self, tales: Sequence[tuple[DemoPerson, Story]]) -> None:
        """Send a referral for each person and take it as far as the story goes.

        What happened first is told first, so that everybody's news stands in that order too.
        """
        sent: dict[int, Referral] = {}
        moments = [
            (story.hours_ago * (1 - place / (len(story.steps) + 1)), number, place)
            for number, (_, story) in enumerate(tales)
            for place in range(len(story.steps) + 1)
        ]
        for hours_ago, number, place in sorted(moments, key=lambda one: (-one[0], *one[1:])):
            person, story = tales[number]
            if place == 0:
                sent[number] = await self._send(person, hours_ago)
            else:
                await self._take(story.steps[place - 1], sent[number], hours_ago)

    async def _send(self, person: DemoPerson, hours_ago: float) -> Referral:
        sender = self._psm_of[person.area]
        situation, need, attributes = _NEEDS[person.category]
        command = SendReferral(
            beneficiary_id=person.id,
            category=person.category,
            situation=situation,
            area=person.area,
            need=need,
            legal_basis=LegalBasis.PUBLIC_TASK,
            attributes=attributes,
            # A PSM does not refer to herself: her own cases go up to the TKSK.
            target_pillar="TKSK" if person.category != "KBA" else None,
        )
        asked = asked_around(command)
        async with self._database.transaction(sender.row_scope(), openings=[asked]) as tx:
            tx.now -= timedelta(hours=hours_ago)
            _, (referral, *_others), _ = await send_referral(
                command,
                tx=tx,
                actor=sender,
                rules=self._rules,
                numbers=self._numbers,
                around=surroundings_of(tx.opened[0]),
            )
        return referral

    async def _take(self, step: str, referral: Referral, hours_ago: float) -> None:
        actor = self._actors[referral.pool[0]]
        steps: Mapping[str, tuple[Callable[..., Any], dict[str, Any]]] = {
            "see": (see_referral, {}),
            "accept": (accept_referral, {}),
            "start": (start_referral, {}),
            "note": (note_referral, {"text": _DONE_NOTE}),
            "complete": (
                complete_referral,
                {"outcome": Outcome.NEED_MET, "service": None, "note": _DONE_NOTE},
            ),
            "return": (
                return_referral,
                {"reason": ReturnReason.MISSING_INFORMATION, "note": "Mohon lengkapi alamat."},
            ),
        }
        use_case, fields = steps[step]
        async with self._database.transaction(actor.row_scope()) as tx:
            tx.now -= timedelta(hours=hours_ago)
            await use_case(Act(referral.id), tx=tx, actor=actor, **fields)
