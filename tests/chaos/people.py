"""Workers and beneficiaries, brought in by directory's and registry's own imports."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from argon2 import PasswordHasher
from pydantic import TypeAdapter

from services.directory.domain.duty import HeldDuty
from services.directory.use_cases.import_workers import ImportedWorker, import_workers
from services.registry.domain.beneficiary import NikAbsentReason, Particulars
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.import_beneficiaries import (
    ImportedBeneficiary,
    import_beneficiaries,
)
from shared.auth import Actor, Duty
from shared.contracts.codes import BeneficiaryKind, LegalBasis, Role
from shared.database import Database
from shared.settings import Key
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH

SENDERS: Final = 3
RECEIVERS: Final = 3
COORDINATORS: Final = 2
OFFICERS: Final = 2
BENEFICIARIES: Final = 30
CATEGORY: Final = "GLD"
SITUATION: Final = "HOMELESS"
"""By the rules, a homeless person of Sumberwuluh is for the TKSK of Candipuro."""
PASSWORD: Final = "tidur di emper pasar"
IMPORTER: Final = Actor(uuid.UUID(int=1), "service", name="import")


@dataclass(frozen=True)
class People:
    """Who sends, who receives, who stands above them, and for whom."""

    senders: list[Actor]
    receivers: list[Actor]
    coordinators: list[Actor]
    officers: list[Actor]
    """Those of Dinsos, who also get what the receivers leave lying."""
    beneficiaries: list[uuid.UUID]

    @property
    def workers(self) -> list[Actor]:
        return [*self.senders, *self.receivers, *self.coordinators, *self.officers]


def somebody() -> People:
    """A village's PSM, its kecamatan's TKSK, those above them, and people in need."""
    return People(
        [_worker("PSM", SUMBERWULUH) for _ in range(SENDERS)],
        [_worker("TKSK", CANDIPURO) for _ in range(RECEIVERS)],
        [_worker("TKSK", LUMAJANG, Role.COORDINATOR) for _ in range(COORDINATORS)],
        [_worker("DINSOS", LUMAJANG, Role.DINSOS) for _ in range(OFFICERS)],
        [uuid.uuid4() for _ in range(BENEFICIARIES)],
    )


def username_of(worker: Actor) -> str:
    """What the worker types to sign in, with `PASSWORD`."""
    return f"petugas.{worker.id.hex[:12]}"


async def bring_in(people: People, environment: Mapping[str, str]) -> None:
    """Import them; their events go the usual way."""
    # One cheap hash for all: how slow a real one must be is not asked here.
    password_hash = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    directory = Database(environment["DIRECTORY_DATABASE_URL"], pool_size=1)
    async with directory.transaction() as tx:
        await import_workers(
            [
                ImportedWorker(
                    id=worker.id,
                    name="Petugas Contoh",
                    username=username_of(worker),
                    password_hash=password_hash,
                    duties=[
                        HeldDuty(uuid.uuid4(), duty.pillar, duty.area, duty.role, date(2026, 1, 1))
                        for duty in worker.duties
                    ],
                )
                for worker in people.workers
            ],
            tx=tx,
        )
    await directory.close()
    await register(people.beneficiaries, people.senders[0], environment)


async def register(
    beneficiaries: Sequence[uuid.UUID], by: Actor, environment: Mapping[str, str]
) -> None:
    """Import people in need, each with its event, in one transaction."""
    registry = Database(environment["REGISTRY_WORKER_DATABASE_URL"], pool_size=1)
    keys = TypeAdapter(dict[int, Key]).validate_json(environment["REGISTRY_NIK_KEYS"])
    index_key = TypeAdapter(Key).validate_python(environment["REGISTRY_NIK_INDEX_KEY"])
    async with registry.transaction() as tx:
        await import_beneficiaries(
            [
                ImportedBeneficiary(
                    id=beneficiary,
                    kind=BeneficiaryKind.PERSON,
                    said=Particulars(name="Warga Contoh", area=SUMBERWULUH, categories=(CATEGORY,)),
                    registered_by=by.id,
                    legal_basis=LegalBasis.PUBLIC_TASK,
                    nik_absent_reason=NikAbsentReason.UNKNOWN,
                )
                for beneficiary in beneficiaries
            ],
            tx=tx,
            actor=IMPORTER,
            vault=NikVault(keys, {1: index_key}),
        )
    await registry.close()


def _worker(pillar: str, area: str, role: Role = Role.WORKER) -> Actor:
    return Actor(uuid.uuid4(), "worker", (Duty(pillar, area, role),))
