"""New keys come into use while people work, whatever stops the change midway."""

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import uuid

import asyncpg
import pytest
from fastapi import FastAPI

from deploy.processes import PROJECT
from services.registry.domain.beneficiary import NikAbsentReason, Particulars
from services.registry.settings import Settings
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.import_beneficiaries import (
    ImportedBeneficiary,
    import_beneficiaries,
)
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.database import Database
from shared.ids import new_id
from tests.conftest import SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.integration.registry.conftest import Api, Body

PEOPLE = 40
BATCH = 10
KK = "3508031203120007"
IMPORTER = Actor(uuid.UUID(int=1), "service", name="import")
PHONE = "0812-3456-7890"
VERSIONS = """
    select (select array_agg(distinct get_byte(nik_sealed, 0)) from beneficiaries) as niks,
           (select array_agg(distinct get_byte(kk_sealed, 0)) from family_cards) as cards,
           (select array_agg(distinct get_byte(blind_index, 0)) from nik_index) as nik_index,
           (select array_agg(distinct get_byte(blind_index, 0)) from kk_index) as kk_index,
           (select array_agg(distinct get_byte(phone, 0)) from marks) as phones,
           (select array_agg(distinct get_byte(said_sealed, 0)) from reports) as reports
"""


def nik_of(number: int) -> str:
    return f"350803520354{number:04}"


def key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def rotate(environment: dict[str, str], **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", "registry", "rotate-keys", "--batch", str(BATCH)],
        cwd=PROJECT,
        env=dict(os.environ) | environment | extra,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def old(clean: Stack) -> dict[str, str]:
    """The environment as it was so far; no supervisor of this machine has a say in it."""
    return clean.environment | {"SINERGI_DATA": str(clean.folder / "none")}


@pytest.fixture
def both(old: dict[str, str]) -> dict[str, str]:
    """The same with new keys beside the old ones."""
    keys = json.loads(old["REGISTRY_NIK_KEYS"]) | {"2": key()}
    index = {"1": old["REGISTRY_NIK_INDEX_KEY"], "2": key()}
    return old | {
        "REGISTRY_NIK_KEYS": json.dumps(keys),
        "REGISTRY_NIK_INDEX_KEY": json.dumps(index),
    }


@pytest.fixture
def new(both: dict[str, str]) -> dict[str, str]:
    """The same once the old keys have gone."""
    return both | {
        name: json.dumps({"2": json.loads(both[name])["2"]})
        for name in ("REGISTRY_NIK_KEYS", "REGISTRY_NIK_INDEX_KEY")
    }


@pytest.fixture
async def people(app: FastAPI, worker_db: Database, vault: NikVault) -> None:
    """Forty persons with a NIK and a telephone, under the old keys."""
    imported = [
        ImportedBeneficiary(
            id=new_id(),
            kind=BeneficiaryKind.PERSON,
            said=Particulars(name="Warga", area=SUMBERWULUH, categories=("LUT",), phone=PHONE),
            registered_by=IMPORTER.id,
            legal_basis=LegalBasis.PUBLIC_TASK,
            nik=nik_of(number),
        )
        for number in range(1, PEOPLE + 1)
    ]
    nameless = ImportedBeneficiary(
        id=new_id(),
        kind=BeneficiaryKind.PERSON,
        said=Particulars(name="Warga", area=SUMBERWULUH, categories=("LUT",)),
        registered_by=IMPORTER.id,
        legal_basis=LegalBasis.PUBLIC_TASK,
        nik_absent_reason=NikAbsentReason.LOST,
    )
    async with worker_db.transaction() as tx:
        await import_beneficiaries([*imported, nameless], tx=tx, actor=IMPORTER, vault=vault)


def use(app: FastAPI, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the running service hold the keys of this environment."""
    for name in ("REGISTRY_NIK_KEYS", "REGISTRY_NIK_INDEX_KEY"):
        monkeypatch.setenv(name, environment[name])
    settings = Settings()
    app.state.nik_vault = NikVault(settings.nik_keys, settings.nik_index_key)


async def found(api: Api, actor: Actor, numbers: range) -> int:
    """How many of these people are found by their NIK."""
    answers = [
        await api(actor).post("/beneficiaries/search-nik", json={"nik": nik_of(number)})
        for number in numbers
    ]
    return sum(answer.status_code == 200 for answer in answers)


async def test_a_rotation_killed_midway_goes_on_and_nobody_is_lost_meanwhile(
    *,
    app: FastAPI,
    api: Api,
    psm: Actor,
    tksk: Actor,
    exchange: Actor,
    person: Body,
    people: None,
    both: dict[str, str],
    new: dict[str, str],
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    family = person(
        kind="family", name="Keluarga Aminah", nik=None, sex=None, birth=None, kk=KK,
        categories=["FM"], accept_lookalikes=True,
    )  # fmt: skip
    assert (await api(psm).post("/beneficiaries", json=family)).status_code == 201
    told = {"source": "Puskesmas", "external_id": "1", "name": "Wagirah", "area": SUMBERWULUH}
    report = (await api(exchange).post("/reports", json=told)).json()["id"]
    # The first commit counts what there is to do.
    killed = rotate(both, SINERGI_FAILPOINT="commit.after:kill@3")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    turned = "select count(*) from beneficiaries where get_byte(nik_sealed, 0) = 2"
    assert await owner.fetchval(turned) == 2 * BATCH

    use(app, both, monkeypatch)
    assert await found(api, psm, range(1, PEOPLE + 1, 4)) == PEOPLE / 4
    twice = await api(tksk).post("/beneficiaries", json=person(nik=nik_of(PEOPLE)))
    assert twice.status_code == 409

    done = rotate(both)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == (
        f"{PEOPLE + 1 + 1 - 2 * BATCH} records brought under the newest keys."
    )
    assert dict(await owner.fetchrow(VERSIONS)) == {
        "niks": [2, None],
        "cards": [2],
        "nik_index": [2],
        "kk_index": [2],
        "phones": [2, None],
        "reports": [2],
    }

    use(app, new, monkeypatch)
    await owner.execute("delete from nik_searches")
    assert await found(api, psm, range(1, PEOPLE + 1, 4)) == PEOPLE / 4
    again = await api(tksk).post("/beneficiaries", json={**family, "accept_lookalikes": False})
    assert again.json()["candidates"][0]["reasons"][0] == "No. KK sama persis"
    assert (await api(psm).get(f"/reports/{report}")).json()["said"]["name"] == "Wagirah"
    idle = rotate(new)
    assert (idle.returncode, idle.stdout.split()[0]) == (0, "0")


async def test_what_no_key_opens_is_left_as_it_is_and_told(
    *, people: None, new: dict[str, str], owner: asyncpg.Connection
) -> None:
    before = await owner.fetch("select id, nik_sealed from beneficiaries order by id")
    done = rotate(new)
    assert done.returncode == 1
    assert f"{PEOPLE} records are still under older keys" in done.stderr
    assert await owner.fetch("select id, nik_sealed from beneficiaries order by id") == before


def test_a_command_that_fails_prints_no_key(both: dict[str, str]) -> None:
    broken = both | {"REGISTRY_NIK_INDEX_KEY": '{"1": "short", "2": "c2hvcnQ="}'}
    done = rotate(broken)
    assert done.returncode != 0
    assert "c2hvcnQ" not in done.stdout + done.stderr
    assert all(one not in done.stderr for one in json.loads(both["REGISTRY_NIK_KEYS"]).values())
