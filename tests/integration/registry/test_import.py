import json
import uuid
from dataclasses import replace

import asyncpg
import pytest

from services.registry.domain.beneficiary import NikAbsentReason, Particulars
from services.registry.domain.errors import InvalidNik
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.import_beneficiaries import (
    BATCH,
    ImportedBeneficiary,
    import_beneficiaries,
)
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.database import Database
from tests.conftest import SUMBERWULUH
from tests.integration.registry.conftest import NIK, PRONOJIWO, Api

OPERATOR = Actor(uuid.uuid4(), "service", name="demo")


def people(count: int) -> list[ImportedBeneficiary]:
    return [
        ImportedBeneficiary(
            id=uuid.uuid4(),
            kind=BeneficiaryKind.PERSON,
            said=Particulars(
                name=f"Warga {number}",
                area=(SUMBERWULUH, PRONOJIWO)[number % 2],
                categories=("LUT", "PD")[: number % 2 + 1],
            ),
            registered_by=uuid.uuid4(),
            legal_basis=LegalBasis.PUBLIC_TASK,
            nik=NIK if number == 0 else None,
            nik_absent_reason=None if number == 0 else NikAbsentReason.UNKNOWN,
        )
        for number in range(count)
    ]


async def run(database: Database, vault: NikVault, imported: list[ImportedBeneficiary]) -> int:
    async with database.transaction() as tx:
        return await import_beneficiaries(imported, tx=tx, actor=OPERATOR, vault=vault)


async def test_an_import_stores_records_events_and_trail_across_batches(
    worker_db: Database, vault: NikVault, owner: asyncpg.Connection, api: Api, psm: Actor
) -> None:
    imported = people(BATCH + 3)
    assert await run(worker_db, vault, imported) == BATCH + 3
    for table in ("beneficiaries", "event_log", "audit_log", "legal_bases"):
        assert await owner.fetchval(f"select count(*) from {table}") == BATCH + 3  # noqa: S608 - ours
    data = await owner.fetchval("select data from event_log where subject = $1", imported[1].id)
    assert json.loads(data)["data"]["categories"] == ["LUT"]
    read = await api(psm).get(f"/beneficiaries/{imported[0].id}")
    assert (read.json()["name"], read.json()["nik"]) == ("Warga 0", "3508********0001")


async def test_an_import_repeated_adds_nothing_and_a_longer_one_only_what_is_new(
    worker_db: Database, vault: NikVault, owner: asyncpg.Connection
) -> None:
    imported = people(5)
    assert await run(worker_db, vault, imported[:3]) == 3
    assert await run(worker_db, vault, imported) == 2
    assert await run(worker_db, vault, imported) == 0
    assert await owner.fetchval("select count(*) from event_log") == 5
    assert await owner.fetchval("select count(*) from nik_index") == 1
    assert await owner.fetchval("select count(*) from category_periods") == 7


async def test_an_import_holds_to_the_rules_of_a_registration(
    worker_db: Database, vault: NikVault, owner: asyncpg.Connection
) -> None:
    wrong = replace(people(1)[0], nik="0" * 16)
    with pytest.raises(InvalidNik):
        await run(worker_db, vault, [*people(2), wrong])
    assert await owner.fetchval("select count(*) from beneficiaries") == 0


async def test_an_empty_import_is_no_work(worker_db: Database, vault: NikVault) -> None:
    assert await run(worker_db, vault, []) == 0
