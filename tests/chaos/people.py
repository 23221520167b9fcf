"""Workers and beneficiaries, brought in by directory's and registry's own imports."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import TypeAdapter

from services.directory.domain.duty import HeldDuty
from services.directory.use_cases.import_workers import ImportedWorker, import_workers
from services.registry.domain.beneficiary import NikAbsentReason, Particulars
from services.registry.settings import Key
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.import_beneficiaries import (
    ImportedBeneficiary,
    import_beneficiaries,
)
from shared.auth import Actor, Duty
from shared.contracts.codes import BeneficiaryKind, LegalBasis, Role
from shared.database import Database
from tests.conftest import CANDIPURO, SUMBERWULUH

SENDERS: Final = 3
RECEIVERS: Final = 3
BENEFICIARIES: Final = 30
CATEGORY: Final = "GLD"
SITUATION: Final = "HOMELESS"
"""By the rules, a homeless person of Sumberwuluh is for the TKSK of Candipuro."""
IMPORTER: Final = Actor(uuid.UUID(int=1), "service", name="import")


@dataclass(frozen=True)
class People:
    """Who sends, who receives, and for whom."""

    senders: list[Actor]
    receivers: list[Actor]
    beneficiaries: list[uuid.UUID]

    @property
    def workers(self) -> list[Actor]:
        return [*self.senders, *self.receivers]


def somebody() -> People:
    """A village's PSM, its kecamatan's TKSK, and people in need."""
    return People(
        [_worker("PSM", SUMBERWULUH) for _ in range(SENDERS)],
        [_worker("TKSK", CANDIPURO) for _ in range(RECEIVERS)],
        [uuid.uuid4() for _ in range(BENEFICIARIES)],
    )


async def bring_in(people: People, environment: Mapping[str, str]) -> None:
    """Import them; their events go the usual way."""
    directory = Database(environment["DIRECTORY_DATABASE_URL"], pool_size=1)
    async with directory.transaction() as tx:
        await import_workers(
            [
                ImportedWorker(
                    id=worker.id,
                    name="Petugas Contoh",
                    username=f"petugas.{worker.id.hex[:12]}",
                    password_hash="never signs in",
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
                    registered_by=people.senders[0].id,
                    legal_basis=LegalBasis.PUBLIC_TASK,
                    nik_absent_reason=NikAbsentReason.UNKNOWN,
                )
                for beneficiary in people.beneficiaries
            ],
            tx=tx,
            actor=IMPORTER,
            vault=NikVault(keys, index_key),
        )
    await registry.close()


def _worker(pillar: str, area: str) -> Actor:
    return Actor(uuid.uuid4(), "worker", (Duty(pillar, area, Role.WORKER),))
