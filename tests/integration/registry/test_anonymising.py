"""Records whose time is over: what is forgotten, what stays, and that nothing brings them back."""

import json
import random
import uuid
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registry.domain.birth import local_day
from services.registry.storage import anonymising
from services.registry.storage.anonymising import ANONYMOUS, Counts
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.marks import FIRST, mark_missing
from services.registry.use_cases.anonymise_records import anonymise_due
from services.registry.use_cases.follow_referral import follow_referral
from shared.auth import Actor
from shared.clock import utc_now
from shared.contracts.cases import ReferralCompleted, ReferralSent
from shared.contracts.codes import Role
from shared.database import Database
from shared.reference.categories import CATEGORIES
from shared.reference.retention import RETENTION_YEARS, SHORTEST_YEARS
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.integration.registry.conftest import Api, Body, Register, Step
from tests.integration.registry.lists import SITI, as_csv, counts, results, taken_in
from tests.integration.registry.retention import (
    ask_for_erasure,
    dry_run,
    grow_old,
    run_asked,
    run_due,
)

_SYLLABLES = [a + b for a in "bdgjklmnprstwz" for b in "aeiou"]


@pytest.fixture
def officer(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("DINSOS", LUMAJANG, Role.DATA_PROTECTION)


async def everything(owner: asyncpg.Connection) -> dict[str, str]:
    """All that any table of registry holds, by table, with bytes as text and as digits."""
    tables = await owner.fetch(
        """
        select t.tablename as name,
               array_agg(c.column_name::text) filter (where c.data_type = 'bytea') as bytes
        from pg_tables t join information_schema.columns c
          on c.table_schema = t.schemaname and c.table_name = t.tablename
        where t.schemaname = 'registry' and t.tablename !~ '^event_log_' group by 1
        """
    )
    found = {}
    for table in tables:
        texts = [f"coalesce(encode({name}, 'escape'), '')" for name in table["bytes"] or ()]
        whole = " || ' ' || ".join(["t::text", *texts])
        found[table["name"]] = (
            await owner.fetchval(f"select string_agg({whole}, ' ') from {table['name']} t")  # noqa: S608 - our own names
            or ""
        )
    return found


def told(found: dict[str, str], words: list[str]) -> list[str]:
    return [f"{table}: {word}" for table, text in found.items() for word in words if word in text]


class Words:
    """A person nobody else shares a word with."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same person for the same seed
        self.name, self.street, self.word, self.guardian, self.service, self.answer, self.alias = (
            "".join(chance.sample(_SYLLABLES, k=6)) for _ in range(7)
        )
        self.phone = f"0812{chance.randint(10_000_000, 99_999_999)}"
        self.nik = f"350803520354{chance.randint(1, 9999):04}"

    def secrets(self, vault: NikVault) -> list[str]:
        mark = vault.phone_mark(self.phone)
        assert mark is not None
        return [
            *(self.name, self.street, self.word, self.guardian, self.service, self.answer),
            *(self.alias, self.phone, self.nik, vault.index(self.nik).hex(), mark.hex()),
        ]


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 2**32),
    left_out=st.sets(st.sampled_from(["address", "phone", "birth", "nik"])),
    categories=st.sets(st.sampled_from(sorted(CATEGORIES)), min_size=1, max_size=3),
    by_retention=st.booleans(),
)
async def test_nothing_of_an_anonymised_person_remains_in_any_table(
    *,
    api: Api,
    dinsos: Actor,
    officer: Actor,
    exchange: Actor,
    person: Body,
    vault: NikVault,
    worker_db: Database,
    owner: asyncpg.Connection,
    step: Step,
    seed: int,
    left_out: set[str],
    categories: set[str],
    by_retention: bool,
) -> None:
    """INVARIANT: what is anonymised leads to nobody.

    A table or column with words of a person that `anonymising.FORGOTTEN` does not name breaks it.
    """
    words = Words(seed)
    client = api(dinsos)
    said = person(
        name=words.name,
        nik=words.nik,
        address=words.street,
        phone=words.phone,
        aliases=[words.alias],
        disabilities=["sensory"],
        point={"latitude": -8.13, "longitude": 113.02},
        categories=sorted(categories),
        accept_lookalikes=True,
    )
    said = {name: value for name, value in said.items() if name not in left_out}
    if "nik" in left_out:
        said["nik_absent_reason"] = "lost"
    key = {"Idempotency-Key": str(uuid.uuid4())}
    registered = await client.post("/beneficiaries", json=said, headers=key)
    made = UUID(registered.json()["id"])
    key = {"Idempotency-Key": str(uuid.uuid4())}
    await client.patch(
        f"/beneficiaries/{made}", json={"name": words.name + " " + words.name}, headers=key
    )
    twin = await client.post("/beneficiaries", json=said)
    merged = await client.post(
        f"/beneficiaries/{twin.json()['id']}/merge", json={"into": str(made)}
    )
    assert merged.status_code == 200, merged.text
    family = await client.post(
        "/beneficiaries",
        json={"kind": "family", "name": "Keluarga", "area": SUMBERWULUH, "categories": ["KBSP"],
              "legal_basis": "public_task", "accept_lookalikes": True},
    )  # fmt: skip
    joined = await client.post(
        f"/beneficiaries/{family.json()['id']}/members",
        json={"person_id": str(made), "relation": "wife"},
    )
    assert joined.status_code == 201, joined.text
    await client.post(
        f"/beneficiaries/{made}/legal-bases", json={"basis": "consent", "guardian": words.guardian}
    )
    asked = await client.post(
        f"/beneficiaries/{made}/requests", json={"kind": "access", "words": words.word}
    )
    await client.post(f"/requests/{asked.json()['id']}/handle", json={"answer": words.answer})
    completed = step(
        ReferralCompleted, 1, made, dinsos.id, outcome="need_met", service=words.service
    )
    referral = completed.model_copy(
        update={"data": completed.data.model_copy(update={"referral_id": uuid.uuid4()})}
    )
    async with worker_db.transaction() as tx:
        await follow_referral(referral, tx)
    await owner.execute(
        "update category_periods set evidence = $1 where beneficiary_id = $2", words.word, made
    )
    reported = {
        "source": "Puskesmas", "external_id": f"{words.nik} {uuid.uuid4()}", "name": words.name,
        "nik": words.nik, "area": SUMBERWULUH, "address": words.street, "words": words.word,
    }  # fmt: skip
    report = (await api(exchange).post("/reports", json=reported)).json()["id"]
    settled = await client.post(f"/reports/{report}/settle", json={"beneficiary_id": str(made)})
    assert settled.status_code == 200, settled.text
    secrets = words.secrets(vault)
    before = told(await everything(owner), secrets)
    assert {one.partition(": ")[0] for one in before} >= {
        *("beneficiaries", "category_periods", "legal_bases", "requests", "services_received"),
        "idempotency_keys",
    }
    if by_retention:
        await grow_old(owner, 5.1)
        assert await run_due(worker_db) >= 1
    else:
        await ask_for_erasure(api, dinsos, officer, made)
        assert await run_asked(worker_db) == 1
    async with worker_db.transaction() as tx:
        await mark_missing(tx, vault, FIRST)
    assert told(await everything(owner), secrets) == []
    assert not await owner.fetchval(
        "select exists (select from family_members where person_id = $1)", made
    )
    of_report = "select beneficiary_id from reports where id = $1"
    assert await owner.fetchval(of_report, UUID(report)) is None
    kept = await owner.fetchrow("select * from beneficiaries where id = $1", made)
    assert (kept["name"], kept["area"], kept["sex"]) == (ANONYMOUS, SUMBERWULUH, "F")
    assert set(kept["categories"]) == categories
    assert kept["birth_year"] == (None if "birth" in left_out else 1954)
    assert kept["anonymised_at"] is not None


async def test_a_record_without_any_category_left_is_kept_as_short_as_any(
    *, api: Api, dinsos: Actor, officer: Actor, register: Register, worker_db: Database,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    made = await register(dinsos)
    ended = await api(dinsos).post(
        f"/beneficiaries/{made}/categories/LUT/end", json={"reason": "no_longer"}
    )
    assert ended.is_success, ended.text
    assert (await api(officer).get(f"/beneficiaries/{made}/protection")).is_success
    for years, status in ((SHORTEST_YEARS - 0.1, 200), (0.2, 404)):
        await grow_old(owner, years)
        await owner.execute("update category_periods set ended_at = given_at")
        await owner.execute("update beneficiaries set review_on = current_date")
        assert await run_due(worker_db) == 1
        assert (await api(dinsos).get(f"/beneficiaries/{made}")).status_code == status


async def test_an_anonymised_record_is_gone_for_everybody_and_its_trail_stays(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    officer: Actor,
    register: Register,
    worker_db: Database,
) -> None:
    made = await register(psm)
    await ask_for_erasure(api, psm, officer, made)
    assert await run_asked(worker_db) == 1
    for who in (psm, dinsos):
        assert (await api(who).get(f"/beneficiaries/{made}")).status_code == 404
        assert (await api(who).get("/beneficiaries")).json()["items"] == []
    for who in (dinsos, officer):
        for path in ("protection", "file?handed_to=person"):
            assert (await api(who).get(f"/beneficiaries/{made}/{path}")).status_code == 404
        changed = await api(who).post(
            f"/beneficiaries/{made}/legal-bases", json={"basis": "public_task"}
        )
        assert changed.status_code == 404
    trail = (await api(officer).get("/audit", params={"subject": str(made)})).json()["items"]
    assert trail[0]["action"] == "beneficiary.anonymised"
    assert trail[-1]["action"] == "beneficiary.registered"


async def test_anonymising_is_told_with_codes_alone_under_the_next_version(
    *,
    api: Api,
    psm: Actor,
    officer: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
) -> None:
    made = await register(psm, categories=["LUT", "ODHA"])
    await ask_for_erasure(api, psm, officer, made)
    await run_asked(worker_db)
    events = await owner.fetch(
        "select version, convert_from(data, 'UTF8') as data from event_log"
        " where subject = $1 order by version",
        made,
    )
    assert [row["version"] for row in events] == [1, 2]
    said = json.loads(events[1]["data"])
    assert said["type"] == "id.sinergi.registry.beneficiary.anonymised.v1"
    assert (said["data"]["area"], said["data"]["categories"]) == (SUMBERWULUH, ["LUT"])


@pytest.mark.parametrize(
    ("category", "years", "goes"),
    [("LUT", 4.9, False), ("LUT", 5.1, True), ("PD", 4.9, False), ("ODHA", 1.9, False),
     ("ODHA", 2.1, True)],
)  # fmt: skip
async def test_a_record_is_kept_as_long_as_its_category_says(
    *,
    psm: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
    category: str,
    years: float,
    goes: bool,
) -> None:
    made = await register(psm, categories=[category])
    await grow_old(owner, years)
    counts = await dry_run(worker_db)
    assert counts == Counts(asked_for=0, over=int(goes), waiting=0)
    assert await run_due(worker_db) == 1
    row = await owner.fetchrow("select * from beneficiaries where id = $1", made)
    assert (row["anonymised_at"] is not None) == goes
    assert goes or row["review_on"] > local_day(utc_now())
    assert await run_due(worker_db) == 0


async def test_of_several_categories_the_longest_period_counts(
    psm: Actor, register: Register, worker_db: Database, owner: asyncpg.Connection
) -> None:
    await register(psm, categories=["LUT", "ODHA"])
    await grow_old(owner, 4.9)
    assert (await dry_run(worker_db)).over == 0


async def test_whatever_happens_to_a_record_begins_its_time_anew(
    *,
    api: Api,
    psm: Actor,
    dinsos: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
    step: Step,
) -> None:
    made = await register(psm)
    completed = step(ReferralCompleted, 1, made, psm.id, outcome="need_met", service=None)
    for happens in ("service", "grounds", "request", "change"):
        await grow_old(owner, 5.5)
        assert (await dry_run(worker_db)).over == 1, happens
        match happens:
            case "service":
                async with worker_db.transaction() as tx:
                    await follow_referral(completed, tx)
            case "grounds":
                body: dict[str, Any] = {"basis": "public_task"}
                await api(psm).post(f"/beneficiaries/{made}/legal-bases", json=body)
            case "request":
                await api(psm).post(f"/beneficiaries/{made}/requests", json={"kind": "access"})
            case _:
                await api(psm).patch(f"/beneficiaries/{made}", json={"address": "RT 9"})
        assert (await dry_run(worker_db)).over == 0, happens
        assert await run_due(worker_db) == 1
    assert (await api(dinsos).get(f"/beneficiaries/{made}")).status_code == 200


async def test_an_open_referral_holds_both_retention_and_erasure_back(
    *,
    api: Api,
    psm: Actor,
    officer: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
    step: Step,
) -> None:
    made = await register(psm)
    async with worker_db.transaction() as tx:
        # It waits for a pool: nobody holds it yet.
        await follow_referral(step(ReferralSent, 1, made, None), tx)
    await grow_old(owner, 6)
    assert await dry_run(worker_db) == Counts(asked_for=0, over=0, waiting=1)
    assert await run_due(worker_db) == 1
    await ask_for_erasure(api, psm, officer, made)
    assert await run_asked(worker_db) == 0
    ended = step(ReferralCompleted, 2, made, None, outcome="need_met", service=None)
    async with worker_db.transaction() as tx:
        await follow_referral(ended, tx)
    assert await run_asked(worker_db) == 1


async def test_the_row_of_a_list_leads_to_nobody_any_more_and_registers_the_person_anew(
    *,
    api: Api,
    app: FastAPI,
    dinsos: Actor,
    officer: Actor,
    worker_db: Database,
    vault: NikVault,
    owner: asyncpg.Connection,
) -> None:
    client, content = api(dinsos), as_csv(SITI)
    first = await taken_in(client, app, worker_db, vault, content)
    (line,) = await results(client, first, status="created")
    await ask_for_erasure(api, dinsos, officer, UUID(line["beneficiary_id"]))
    assert await run_asked(worker_db) == 1
    assert await owner.fetchval("select count(*) from registration_keys") == 0
    again = await taken_in(client, app, worker_db, vault, content)
    assert (await counts(client, again))["created"] == 1


async def test_kept_answers_are_looked_through_page_by_page_and_those_of_others_stay(
    *,
    api: Api,
    psm: Actor,
    officer: Actor,
    register: Register,
    worker_db: Database,
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(anonymising, "PAGE", 2)
    made = [await register(psm) for _ in range(2)]
    for one in made * 4:
        changed = await api(psm).patch(
            f"/beneficiaries/{one}",
            json={"address": f"RT {uuid.uuid4()}"},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        assert changed.status_code == 200
    count = "select count(*) from idempotency_keys where convert_from(body, 'UTF8') like $1"
    assert [await owner.fetchval(count, f"%{one}%") for one in made] == [4, 4]
    await ask_for_erasure(api, psm, officer, made[0])
    assert await run_asked(worker_db) == 1
    assert [await owner.fetchval(count, f"%{one}%") for one in made] == [0, 4]


async def test_two_rounds_at_once_anonymise_a_record_once(
    *, psm: Actor, register: Register, worker_db: Database, owner: asyncpg.Connection
) -> None:
    await register(psm)
    await grow_old(owner, 6)
    async with worker_db.transaction() as first, worker_db.transaction() as second:
        assert await anonymise_due(tx=first) == 1
        assert await anonymise_due(tx=second) == 0
    assert await owner.fetchval("select max(version) from beneficiaries") == 2


def test_every_category_has_a_retention_of_whole_years() -> None:
    assert set(RETENTION_YEARS) == set(CATEGORIES)
    assert min(RETENTION_YEARS.values()) >= SHORTEST_YEARS
