"""No. KK in lists: people of one card become members of one family, as far as anybody may know."""

import uuid
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from services.registry.domain.birth import local_day
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_sources import BATCH
from shared.auth import Actor
from shared.clock import utc_now
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import SUMBERWULUH
from tests.integration.registry.conftest import PRONOJIWO, Api, Body
from tests.integration.registry.lists import (
    as_csv,
    columns,
    counts,
    go_through,
    results,
    taken_in,
    upload,
)

HEAD = ("Nama", "No. KK", "NIK", "L/P", "Lahir", "Kode Desa", "Kategori", "Bentuk")
KK = "3508031203120007"
OTHER_KK = "3508032501190003"
Take = Callable[..., Any]


def row(name: str, kk: str = KK, **changes: str) -> tuple[str, ...]:
    """A line of somebody on this card."""
    said = {"nik": "", "sex": "P", "born": "1951", "area": SUMBERWULUH, "category": "LUT",
            "kind": "", **changes}  # fmt: skip
    return (name, kk, *said.values())


@pytest.fixture
def take(app: FastAPI, worker_db: Database, vault: NikVault) -> Take:
    """Takes lines in for a client; the id of the import comes back."""

    async def do(client: httpx2.AsyncClient, *rows: tuple[str, ...], **changes: Any) -> str:
        content = as_csv(*rows, head=HEAD)
        return await taken_in(client, app, worker_db, vault, content, **changes)

    return do


async def families(client: httpx2.AsyncClient, owner: asyncpg.Connection) -> dict[str, set[str]]:
    """The names of the members of each family, by the family's name."""
    rows = await owner.fetch("select id, name from beneficiaries where kind = 'family'")
    found = {}
    for one in rows:
        answer = await client.get(f"/beneficiaries/{one['id']}/members")
        found[one["name"]] = {member["name"] for member in answer.json()["items"]}
    return found


async def test_people_of_one_card_become_members_of_one_family(
    api: Api, dinsos: Actor, take: Take, owner: asyncpg.Connection
) -> None:
    client = api(dinsos)
    rows = (
        row("Siti Aminah"),
        row("Budi Hartono", sex="L", born="1948", category="Fakir Miskin"),
        row("Wagiyem Lestari", OTHER_KK, born="1939"),
        row("Paijo Kusumo", "", sex="L", born="1945"),
    )
    number = await take(client, *rows)
    assert [line["status"] for line in await results(client, number)] == ["created"] * 4
    assert await families(client, owner) == {
        "Keluarga Siti Aminah": {"Siti Aminah", "Budi Hartono"},
        "Keluarga Wagiyem Lestari": {"Wagiyem Lestari"},
    }
    home = await owner.fetchval("select id from beneficiaries where name = 'Keluarga Siti Aminah'")
    record = (await client.get(f"/beneficiaries/{home}")).json()
    assert (record["kk"], record["area"]) == ("3508********0007", SUMBERWULUH)
    # What holds for families is the family's too; it is not old because somebody in it is.
    assert record["categories"] == ["FM"]
    assert record["registered_by"] == str(dinsos.id)
    relations = await owner.fetch("select distinct relation, added_by from family_members")
    assert [tuple(one) for one in relations] == [("other", dinsos.id)]
    added = await owner.fetchval(
        "select count(distinct subject_id) from audit_log"
        " where action = 'beneficiary.member_added' and detail = $1", f"import {number}",
    )  # fmt: skip
    assert added == 5

    again = await take(client, *rows)
    assert (await counts(client, again))["matched"] == 4
    assert await owner.fetchval("select count(*) from family_members") == 3
    assert await owner.fetchval("select count(*) from beneficiaries") == 6


async def test_a_card_is_sealed_and_stands_neither_in_results_nor_in_events(
    api: Api, dinsos: Actor, take: Take, owner: asyncpg.Connection
) -> None:
    client = api(dinsos)
    number = await take(client, row("Siti Aminah"))
    sealed = await owner.fetchval("select kk_sealed from family_cards")
    assert (sealed[0], KK.encode() in sealed) == (1, False)
    assert await owner.fetchval("select count(*) from kk_index") == 1
    result = await client.get(f"/imports/{number}/result")
    for text in (
        result.text,
        str(await owner.fetch("select convert_from(data, 'UTF8') from event_log")),
        str(await owner.fetch("select detail from audit_log")),
    ):
        assert KK not in text
    seen = (
        await client.get(f"/imports/{await upload(client, as_csv(row('A'), head=HEAD))}")
    ).json()
    assert seen["columns"][1]["field"] == "kk"
    assert seen["columns"][1]["samples"] == ["3508********0007"]


async def test_people_of_later_batches_and_lists_join_the_family_that_is_there(
    api: Api, dinsos: Actor, take: Take, owner: asyncpg.Connection
) -> None:
    client = api(dinsos)
    empty = [("",) * len(HEAD)] * BATCH
    await take(client, row("Siti Aminah"), *empty, row("Budi Hartono", sex="L", born="1948"))
    await take(client, row("Ngatini Lestari", born="1930"))
    assert await families(client, owner) == {
        "Keluarga Siti Aminah": {"Siti Aminah", "Budi Hartono", "Ngatini Lestari"}
    }


async def test_who_looks_alike_and_stands_on_the_same_card_is_shown_before_being_registered(
    api: Api, dinsos: Actor, take: Take, owner: asyncpg.Connection
) -> None:
    """Neither name nor consonants alone would have found them, and no birth is known."""
    client = api(dinsos)
    first = await take(client, row("Sutrisno", sex="L", born=""))
    (known,) = await results(client, first)
    others = (
        row("Sutrisno Hadiwijaya", sex="L", born=""),
        row("Sutrisno Prayitno", OTHER_KK, sex="L", born=""),
        row("Wagiyem", born=""),
    )
    alike, elsewhere, mate = await results(client, await take(client, *others))
    assert (alike["status"], alike["beneficiary_id"]) == ("similar", known["beneficiary_id"])
    assert "No. KK sama" in alike["why"]
    assert (elsewhere["status"], mate["status"]) == ("created", "created")

    accepted = await take(client, others[0], accept_lookalikes=True)
    (made,) = await results(client, accepted)
    assert made["status"] == "created"
    page = await client.get(f"/beneficiaries/{known['beneficiary_id']}/lookalikes")
    (found,) = page.json()["items"]
    assert found["id"] == made["beneficiary_id"]
    assert "No. KK sama" in found["reasons"]


async def test_a_family_of_the_registry_or_of_the_list_takes_its_people_in(
    api: Api, dinsos: Actor, take: Take, person: Body, owner: asyncpg.Connection
) -> None:
    client = api(dinsos)
    home = person(kind="family", name="Rumah Aminah", nik=None, sex=None, birth=None, kk=KK,
                  categories=["FM"])  # fmt: skip
    assert (await client.post("/beneficiaries", json=home)).status_code == 201
    own = row("Keluarga Suparno", OTHER_KK, sex="", born="", category="FM", kind="keluarga")
    number = await take(
        client,
        row("Siti Aminah"),
        row("Budi Suparno", OTHER_KK, sex="L", born="1948"),
        own,
        row("Rumah Aminah", sex="", born="", category="FM", kind="keluarga"),
        (*own[:6], "KBSP", "keluarga"),
    )
    lines = await results(client, number)
    assert [line["status"] for line in lines] == [
        "created", "created", "created", "matched", "matched",
    ]  # fmt: skip
    assert lines[3]["why"].startswith("No. KK sudah tercatat di Sumberwuluh")
    assert lines[4]["why"] == "No. KK sama dengan baris 4."
    assert await families(client, owner) == {
        "Rumah Aminah": {"Siti Aminah"},
        "Keluarga Suparno": {"Budi Suparno"},
    }


async def test_who_is_registered_already_is_moved_into_no_family(
    api: Api, dinsos: Actor, take: Take, person: Body, owner: asyncpg.Connection
) -> None:
    client = api(dinsos)
    body = person()
    assert (await client.post("/beneficiaries", json=body)).status_code == 201
    number = await take(client, row("Siti Aminah", nik=body["nik"], born="12/03/1954"))
    assert (await counts(client, number))["matched"] == 1
    assert await families(client, owner) == {}


async def test_a_family_out_of_reach_is_not_touched_and_the_line_says_so(
    api: Api, make_actor: Callable[..., Actor], take: Take, person: Body, owner: asyncpg.Connection
) -> None:
    away = api(make_actor("PSM", PRONOJIWO))
    home = person(kind="family", name="Rumah Lain", nik=None, sex=None, birth=None, kk=KK,
                  area=PRONOJIWO, categories=["FM"])  # fmt: skip
    made = await away.post("/beneficiaries", json=home)
    client = api(make_actor("TKSK", "35.08.03", Role.COORDINATOR))
    (line,) = await results(client, await take(client, row("Siti Aminah")))
    assert line["status"] == "created"
    assert "di luar jangkauan tugas Anda; belum dihubungkan" in line["why"]
    assert await owner.fetchval("select count(*) from family_members") == 0
    shown = await owner.fetchval(
        "select count(*) from audit_log where action = 'beneficiary.lookalike_shown'"
        " and subject_id = $1", uuid.UUID(made.json()["id"]),
    )  # fmt: skip
    assert shown == 2  # Once checked, once taken in.


@pytest.mark.parametrize("accept", [False, True])
async def test_a_family_that_looks_like_one_of_the_registry_waits_for_a_person(
    *, accept: bool, api: Api, dinsos: Actor, take: Take, person: Body, owner: asyncpg.Connection
) -> None:
    client = api(dinsos)
    home = person(kind="family", name="Keluarga Siti Aminah", nik=None, sex=None, birth=None,
                  categories=["FM"])  # fmt: skip
    assert (await client.post("/beneficiaries", json=home)).status_code == 201
    number = await take(client, row("Siti Aminah"), accept_lookalikes=accept)
    (line,) = await results(client, number)
    assert line["status"] == "created"
    assert ("hubungkan di halaman keluarga itu" in (line["why"] or "")) is not accept
    found = await owner.fetchval("select count(*) from beneficiaries where kind = 'family'")
    assert found == (2 if accept else 1)
    assert await owner.fetchval("select count(*) from family_members") == (1 if accept else 0)


async def test_nobody_of_layanan_khusus_is_named_by_a_family(
    api: Api, dinsos: Actor, take: Take, owner: asyncpg.Connection
) -> None:
    client = api(dinsos)
    number = await take(client, row("Siti Aminah", category="ODHA"), row("Budi Hartono", sex="L"))
    hidden, _ = await results(client, number)
    assert hidden["why"] == "Tidak dihubungkan dengan keluarganya karena layanan khusus."
    assert await families(client, owner) == {"Keluarga Budi Hartono": {"Budi Hartono"}}


async def test_what_no_card_can_be_is_refused_and_what_looks_odd_is_said(
    api: Api, dinsos: Actor, take: Take, owner: asyncpg.Connection
) -> None:
    client = api(dinsos)
    ahead = f"350803{local_day(utc_now()).replace(day=1):%d%m}{utc_now().year % 100 + 1:02}0001"
    number = await take(
        client,
        row("Siti Aminah", "12"),
        row("Budi Hartono", "3508035203540001"),
        row("Ngatini Lestari", "3,50803E+15"),
        row("Paijo Kusumo", ahead),
        row("RT Tiga", "12", sex="", born="", category="KAT", kind="komunitas"),
    )
    short, nik, spoilt, odd, none = await results(client, number)
    for line, words in (
        (short, "Kolom B (No. KK): No. KK harus terdiri dari tepat 16 angka."),
        (nik, "Kolom B (No. KK): Ini tampaknya NIK seorang perempuan, bukan No. KK."),
        (spoilt, "Kolom B (No. KK): No. KK tersimpan sebagai angka"),
    ):
        assert line["status"] == "refused"
        assert line["why"].startswith(words)
    assert odd["status"] == "created"
    assert "Tanggal di No. KK ada di masa depan." in odd["why"]
    assert none["status"] == "created"
    assert await owner.fetchval("select count(*) from family_cards") == 1


async def test_checking_a_list_makes_no_family_and_tells_who_would_stay_without(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    client = api(dinsos)
    content = as_csv(row("Siti Aminah"), row("Budi Hartono", category="ODHA"), head=HEAD)
    number = await upload(client, content)
    await client.post(f"/imports/{number}/check", json=columns(content))
    await go_through(app, worker_db, vault)
    joined, alone = await results(client, number)
    assert (joined["status"], joined["why"]) == ("created", None)
    assert "layanan khusus" in alone["why"]
    assert await owner.fetchval("select count(*) from beneficiaries") == 0
    assert await owner.fetchval("select count(*) from audit_log where subject_id <> $1",
                                uuid.UUID(number)) == 0  # fmt: skip
