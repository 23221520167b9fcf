"""Makes the demonstration data once: `python -m deploy.demo`, after `deploy.prepare`."""

import asyncio
import sys
from itertools import cycle
from typing import Final
from uuid import UUID

from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.demo.outside import list_services
from deploy.demo.people import NAMESPACE, SINCE, DemoPerson, DemoWorker, people, workers
from deploy.demo.referrals import STORIES, Narrator
from deploy.demo.reports import file_reports
from services.cases.settings import Settings as CasesSettings
from services.cases.storage import known
from services.cases.storage.case_numbers import CaseNumbers
from services.directory.domain.duty import HeldDuty
from services.directory.domain.passwords import Passwords
from services.directory.settings import Settings as DirectorySettings
from services.directory.use_cases.import_workers import ImportedWorker, import_workers
from services.registry.domain.beneficiary import NikAbsentReason, Particulars
from services.registry.domain.birth import Birth
from services.registry.domain.sex import Sex
from services.registry.settings import Settings as RegistrySettings
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.import_beneficiaries import (
    ImportedBeneficiary,
    import_beneficiaries,
)
from shared.auth import Actor
from shared.clock import utc_now
from shared.contracts.codes import LegalBasis
from shared.contracts.directory import WorkerJoined
from shared.database import Database
from shared.logging import configure_logging
from shared.reference.categories import sensitivity_of
from shared.settings import read

IMPORTER: Final = Actor(NAMESPACE, "service", name="demo")
STORY_EVERY: Final = 7
"""Every seventh person has a referral: a few dozen in all."""


class DemoSettings(BaseSettings):
    """The one password of all demo accounts."""

    model_config = SettingsConfigDict(env_prefix="DEMO_", extra="ignore")

    password: str


async def main() -> None:
    """Import workers, people, reports and referrals; a second run finds everything there."""
    staff, needy = workers(), list(people())
    if not await _import_workers(staff):
        return
    await _import_people(staff, needy)
    await _tell_stories(staff, needy)


async def _import_workers(staff: list[DemoWorker]) -> int:
    settings = read(DirectorySettings)
    database = Database(settings.database_url, pool_size=1)
    passwords = Passwords(
        time_cost=settings.argon2_time_cost,
        memory_kib=settings.argon2_memory_kib,
        parallelism=settings.argon2_parallelism,
    )
    # One hash for all: sixty accounts would otherwise cost sixty times fifty milliseconds.
    shared_hash = await passwords.hash(read(DemoSettings).password)
    imported = [
        ImportedWorker(worker.id, worker.name, worker.username, shared_hash, _duties(worker))
        for worker in staff
    ]
    async with database.transaction() as tx:
        changed = await import_workers(imported, tx=tx)
    await database.close()
    return changed


async def _import_people(staff: list[DemoWorker], needy: list[DemoPerson]) -> None:
    settings = read(RegistrySettings)
    registrars = _registrars(staff)
    database = Database(settings.worker_database_url, pool_size=1)
    vault = NikVault(settings.nik_keys, settings.nik_index_key)
    imported = [
        ImportedBeneficiary(
            id=person.id,
            kind=person.kind,
            said=Particulars(
                name=person.name,
                area=person.area,
                categories=(person.category,),
                sex=Sex(person.sex) if person.sex else None,
                birth=_birth(person),
            ),
            registered_by=registrars[person.area],
            legal_basis=LegalBasis.PUBLIC_TASK,
            nik_absent_reason=NikAbsentReason.UNKNOWN if person.born else None,
        )
        for person in needy
    ]
    async with database.transaction() as tx:
        await import_beneficiaries(imported, tx=tx, actor=IMPORTER, vault=vault)
    await file_reports(database, vault, IMPORTER, needy)
    await database.close()


async def _tell_stories(staff: list[DemoWorker], needy: list[DemoPerson]) -> None:
    settings = read(CasesSettings)
    database = Database(settings.worker_database_url, pool_size=1)
    numbers = Database(settings.database_url, pool_size=1)
    # The events say the same a moment later; the stories cannot wait for them.
    async with database.transaction() as tx:
        for worker in staff:
            duties = [duty.state() for duty in _duties(worker)]
            state = WorkerJoined(worker_id=worker.id, active=True, duties=duties)
            await known.remember_worker(tx, state, 1)
        for person in needy:
            await known.remember_beneficiary(
                tx,
                beneficiary_id=person.id,
                version=1,
                area=person.area,
                confidentiality=sensitivity_of([person.category]),
                merged_into=None,
            )
    narrator = Narrator(database, CaseNumbers(numbers), staff)
    await narrator.tell(list(zip(needy[::STORY_EVERY], cycle(STORIES), strict=False)))
    await list_services(numbers, staff)
    await database.close()
    await numbers.close()


def _birth(person: DemoPerson) -> Birth | None:
    if person.born is None:
        return None
    return Birth.said(day=None, year=person.born, age=None, today=utc_now().date())


def _duties(worker: DemoWorker) -> list[HeldDuty]:
    return [
        HeldDuty(worker.duty_id(place), pillar, area, role, SINCE)
        for place, (pillar, area, role) in enumerate(worker.duties)
    ]


def _registrars(staff: list[DemoWorker]) -> dict[str, UUID]:
    return {
        area: worker.id for worker in staff for pillar, area, _ in worker.duties if pillar == "PSM"
    }


if __name__ == "__main__":
    configure_logging("demo", "WARNING")
    sys.exit(asyncio.run(main()))
