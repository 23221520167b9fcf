"""A person whose record was anonymised: what cases forgets of them, and what it keeps."""

import uuid
from datetime import UTC, datetime
from typing import Any

import asyncpg

from services.cases.reactions import REACTIONS
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, Confidentiality
from shared.contracts.envelope import Event
from shared.contracts.registry import BeneficiaryAnonymised, BeneficiaryChanged
from shared.database import Database
from shared.ids import new_id
from shared.messaging.inbox import Entry, Inbox
from tests.conftest import SUMBERWULUH
from tests.integration.cases.conftest import Api, Employ, Need
from tests.integration.cases.neighbours import Neighbours

WORDS = "Tinggal bersama Mbah Sarinten di belakang pasar."


async def hear(worker_db: Database, kind: type, beneficiary: uuid.UUID, version: int) -> None:
    event = Event.stating(
        kind(
            beneficiary_id=beneficiary,
            kind=BeneficiaryKind.PERSON,
            area=SUMBERWULUH,
            confidentiality=Confidentiality.C1,
            categories=["GLD"],
        ),
        event_id=new_id(),
        subject=beneficiary,
        version=version,
        time=datetime.now(UTC),
        traceparent=None,
    )
    inbox = Inbox("cases", worker_db, REACTIONS)
    assert len(await inbox.apply("test:ev:registry", [Entry("1-0", event.to_json())])) == 1


async def whole(owner: asyncpg.Connection) -> str:
    tables = await owner.fetch(
        "select tablename from pg_tables where schemaname = 'cases' and tablename !~ 'event_log_'"
    )
    found = [
        await owner.fetchval(f"select string_agg(t::text, ' ') from {row['tablename']} t")  # noqa: S608 - our own names
        for row in tables
    ]
    bodies = await owner.fetchval(
        "select string_agg(encode(body, 'escape'), ' ') from idempotency_keys"
    )
    return " ".join(filter(None, [*found, bodies]))


async def test_words_of_an_anonymised_person_go_and_what_became_of_the_case_stays(
    *,
    api: Api,
    psm: Actor,
    tksk: Actor,
    employ: Employ,
    need: Need,
    beneficiary: uuid.UUID,
    worker_db: Database,
    owner: asyncpg.Connection,
    neighbours: Neighbours,
) -> None:
    await employ(psm, tksk)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    sent = await api(psm).post(
        "/referrals", json=need(need=WORDS, target={"pillar": "TKSK"}), headers=key
    )
    assert sent.status_code == 201, sent.text
    referral = sent.json()["referrals"][0]["id"]
    steps: dict[str, dict[str, Any]] = {
        "accept": {},
        "start": {},
        "note": {"text": WORDS},
        "complete": {"outcome": "need_met", "note": WORDS},
    }
    for verb, body in steps.items():
        answer = await api(tksk).post(f"/referrals/{referral}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
    assert "Sarinten" in await whole(owner)
    await hear(worker_db, BeneficiaryAnonymised, beneficiary, 2)
    assert "Sarinten" not in await whole(owner)
    row = await owner.fetchrow("select * from referrals")
    assert (row["status"], row["category"], row["need"]) == ("completed", "GLD", "(dianonimkan)")
    assert await owner.fetchval("select outcome from referral_steps where verb = 'complete'")


async def test_nobody_is_sent_for_an_anonymised_person_whatever_is_heard_later(
    *,
    api: Api,
    psm: Actor,
    tksk: Actor,
    employ: Employ,
    need: Need,
    beneficiary: uuid.UUID,
    worker_db: Database,
    neighbours: Neighbours,
) -> None:
    await employ(psm, tksk)
    await hear(worker_db, BeneficiaryAnonymised, beneficiary, 3)
    await hear(worker_db, BeneficiaryChanged, beneficiary, 2)
    answer = await api(psm).post("/referrals", json=need())
    assert answer.status_code == 404, answer.text
    assert answer.json()["type"] == "urn:sinergi:problem:unknown-beneficiary"
