"""What brings a record to the end of its time, and what is done with it then."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from services.registry.domain.birth import local_day
from services.registry.storage import anonymising
from services.registry.storage.anonymising import Counts
from services.registry.use_cases.anonymise_records import anonymise_asked, anonymise_due
from shared.auth import Actor
from shared.database import Database
from tests.integration.registry.conftest import Api

YEAR = timedelta(days=365.25)


async def ask_for_erasure(api: Api, who: Actor, officer: Actor, record: UUID) -> None:
    asked = await api(who).post(f"/beneficiaries/{record}/requests", json={"kind": "erasure"})
    assert asked.status_code == 201, asked.text
    answer = await api(officer).post(f"/requests/{asked.json()['id']}/handle", json={})
    assert answer.status_code == 200, answer.text


async def run_asked(worker_db: Database) -> int:
    async with worker_db.transaction() as tx:
        return await anonymise_asked(tx=tx)


async def run_due(worker_db: Database) -> int:
    async with worker_db.transaction() as tx:
        return await anonymise_due(tx=tx)


async def dry_run(worker_db: Database) -> Counts:
    async with worker_db.transaction() as tx:
        return await anonymising.count(tx, local_day(tx.now))


async def grow_old(owner: asyncpg.Connection, years: float) -> None:
    """Let so many years go by since anything happened to any record."""
    for table, columns in {
        "beneficiaries": ("registered_at", "changed_at"),
        "category_periods": ("given_at",),
        "legal_bases": ("at",),
        "services_received": ("at",),
        "requests": ("received_at", "due_at", "handled_at"),
    }.items():
        changes = ", ".join(f"{column} = {column} - $1::interval" for column in columns)
        await owner.execute(f"update {table} set {changes}", years * YEAR)  # noqa: S608 - ours
    await owner.execute(
        "update beneficiaries set review_on = review_on - $1::int", int(years * 365)
    )


async def merge(api: Api, dinsos: Actor, merged: UUID, into: UUID) -> None:
    answer = await api(dinsos).post(f"/beneficiaries/{merged}/merge", json={"into": str(into)})
    assert answer.status_code == 200, answer.text


async def anonymous(owner: asyncpg.Connection) -> set[UUID]:
    rows = await owner.fetch("select id from beneficiaries where anonymised_at is not null")
    return {row["id"] for row in rows}
