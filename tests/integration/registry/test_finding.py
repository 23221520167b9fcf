import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from services.registry.domain.name import HIDDEN
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.marks import FIRST, mark_missing
from services.registry.storage.referral_effects import set_grant
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import CANDIPURO, SUMBERWULUH
from tests.integration.registry.conftest import NIK, PRONOJIWO, Api, Body, Register


async def names(api: Api, actor: Actor, **query: str | int) -> list[str]:
    answer = await api(actor).get("/beneficiaries", params=query)
    assert answer.status_code == 200, answer.text
    by_body = await api(actor).post("/beneficiaries/search", json=query)
    assert by_body.json() == answer.json()
    return [item["name"] for item in answer.json()["items"]]


async def test_names_are_found_without_case_and_accents_in_any_order_the_best_first(
    api: Api, psm: Actor, register: Register
) -> None:
    for name in ("Siti Aminah", "SITI Rahayu", "Sitoh", "Budi Siti", "Síti Zaenab"):
        await register(psm, name=name, accept_lookalikes=True)
    bearers = ["Budi Siti", "Siti Aminah", "SITI Rahayu", "Síti Zaenab"]
    assert await names(api, psm, name="siti") == [*bearers, "Sitoh"]
    assert await names(api, psm, name="siti am") == ["Siti Aminah"]
    assert await names(api, psm, name="aminah siti") == ["Siti Aminah"]
    assert await names(api, psm, name="%i") == []


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Moenawaroh", "munawaroh"),
        ("Djoko Soesilo", "joko susilo"),
        ("Moch. Choirul Anam", "muhammad khoirul anam"),
        ("Hj. Suparmi", "suparmi"),
        ("Sulastri", "sulastry"),
        ("Wagiyem", "wagiyam"),
        ("Ngatini", "ngat"),
    ],
)
async def test_a_name_is_found_however_it_is_spelt(
    api: Api, psm: Actor, register: Register, written: str, asked: str
) -> None:
    for name in (written, "Kasmari", "Endang Rahayu"):
        await register(psm, name=name, accept_lookalikes=True)
    assert await names(api, psm, name=asked) == [written]


@pytest.mark.parametrize(
    "name", ["Hj.", "H.", "Drs", "Drs. H.", "Haji", "Bu Haji", "Mbah", "Pak H"]
)
async def test_a_name_of_titles_alone_is_found_by_itself(
    api: Api, psm: Actor, register: Register, name: str
) -> None:
    for one in (name, "Hj. Suparmi", "Drs. Kasmari", "Mbah Sitoh"):
        await register(psm, name=one, accept_lookalikes=True)
    assert (await names(api, psm, name=name))[:1] == [name]
    assert (await names(api, psm, name=name.lower()))[:1] == [name]


async def test_a_name_is_searched_in_the_area_and_category_asked_for(
    api: Api, psm: Actor, tksk: Actor, register: Register
) -> None:
    for area, codes in ((SUMBERWULUH, ["LUT"]), ("35.08.03.2006", ["LUT"]), (SUMBERWULUH, ["FM"])):
        await register(tksk, name="Paimin", area=area, categories=codes, accept_lookalikes=True)
    assert len(await names(api, tksk, name="paimin")) == 3
    assert len(await names(api, tksk, name="paimin", area=SUMBERWULUH)) == 2
    assert len(await names(api, tksk, name="paimin", area=SUMBERWULUH, category="FM")) == 1
    assert len(await names(api, psm, name="paimin")) == 2


NAMESAKES = 450
"""More of one name than the first look takes in."""


@pytest.fixture
async def namesakes(owner: asyncpg.Connection) -> None:
    """Many of one name in one village, registered before whoever a test registers."""
    await owner.execute(
        """
        with made as (
            insert into beneficiaries (id, version, kind, name, name_key, nik_absent_reason, area,
                categories, confidentiality, registered_by, registered_at, changed_at)
            select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, 'person',
                   'Siti', 'siti', 'lost', $1, case when n % 2 = 0 then '{ODHA}' else '{LUT}' end
                   ::text[], case when n % 2 = 0 then 'C3' else 'C1' end, gen_random_uuid(), now(),
                   now()
            from generate_series(1, $2::int) n
            returning id, kind, area
        )
        insert into marks (beneficiary_id, spelling, kind, regency, area, sound, has_nik)
        select id, 1, kind, left(area, 5), area, 'siti', false from made
        """,
        SUMBERWULUH,
        NAMESAKES,
    )


async def test_those_of_another_category_and_the_hidden_take_nobodys_place(
    api: Api, tksk: Actor, register: Register, namesakes: None
) -> None:
    for _ in range(3):
        await register(tksk, name="Siti", categories=["FM"])
    answer = (
        await api(tksk).get("/beneficiaries", params={"name": "siti", "category": "FM"})
    ).json()
    assert (len(answer["items"]), answer["next"], answer["cut"]) == (3, None, False)
    shown: list[str] = []
    asked: dict[str, str | int] = {"name": "siti", "limit": 100}
    while True:
        page = (await api(tksk).get("/beneficiaries", params=asked)).json()
        shown += [item["id"] for item in page["items"]]
        assert page["cut"] is False
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert len(shown) == len(set(shown)) == NAMESAKES / 2 + 3


async def test_who_finds_more_than_are_listed_is_told_so(
    api: Api, tksk: Actor, namesakes: None, owner: asyncpg.Connection
) -> None:
    await owner.execute("update beneficiaries set categories = '{LUT}', confidentiality = 'C1'")
    found = await api(tksk).get("/beneficiaries", params={"name": "siti"})
    assert found.json()["cut"] is True


async def test_own_records_elsewhere_are_found_by_name_too(
    api: Api, register: Register, make_actor: Callable[..., Actor]
) -> None:
    mover = make_actor("PSM", SUMBERWULUH)
    made = await register(mover, name="Sulastri")
    there = make_actor("PSM", PRONOJIWO)
    moved = replace(mover, duties=there.duties)
    assert await names(api, moved, name="sulastri") == ["Sulastri"]
    assert await names(api, there, name="sulastri") == []
    assert made


async def test_records_elsewhere_of_a_referral_to_the_caller_are_found_by_name_too(
    api: Api, register: Register, psm: Actor, make_actor: Callable[..., Actor],
    worker_db: Database,
) -> None:  # fmt: skip
    made = await register(psm, name="Sulastri")
    there, referral_id = make_actor("PSM", PRONOJIWO), uuid.uuid4()
    for version, holder, found in ((1, there.id, ["Sulastri"]), (2, None, [])):
        async with worker_db.transaction() as tx:
            await set_grant(
                tx, referral_id=referral_id, beneficiary_id=made,
                worker_id=holder, version=version, is_open=True, safe_contact_only=False,
            )  # fmt: skip
        assert await names(api, there, name="sulastri") == found


async def test_lists_hold_only_what_is_in_scope(
    api: Api, psm: Actor, tksk: Actor, register: Register, make_actor: Callable[..., Actor]
) -> None:
    await register(psm, name="Dari Sumberwuluh")
    await register(make_actor("PSM", PRONOJIWO), name="Dari Pronojiwo", area=PRONOJIWO)
    youth = make_actor("KARANG_TARUNA", SUMBERWULUH)
    await register(psm, name="Dengan Disabilitas", categories=["PD"])
    assert await names(api, youth) == ["Dari Sumberwuluh"]
    assert await names(api, tksk) == ["Dengan Disabilitas", "Dari Sumberwuluh"]
    assert await names(api, tksk, area=PRONOJIWO) == []
    assert await names(api, tksk, category="PD") == ["Dengan Disabilitas"]


@pytest.mark.parametrize("hits", [6, 7])
async def test_pages_follow_one_another_without_gap_or_repeat_and_none_is_empty(
    api: Api, psm: Actor, register: Register, owner: asyncpg.Connection, hits: int
) -> None:
    made = [f"Sari {number % 3} {number}" for number in range(hits)]
    for name in made:
        await register(psm, name=name, accept_lookalikes=True)
    for query in ({"name": "sari"}, {}):
        seen: list[str] = []
        cursor = None
        while True:
            params: dict[str, str | int] = {**query, "limit": 3}
            if cursor is not None:
                params["cursor"] = cursor
            page = (await api(psm).get("/beneficiaries", params=params)).json()
            assert page["items"]
            seen += [item["name"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert sorted(seen) == sorted(made)
        assert len(seen) == len(made)
    # Who was only asked for to know whether more follows was shown to nobody.
    listed = await owner.fetchval(
        "select count(*) from audit_log where action = 'beneficiary.listed'"
    )
    assert listed == 2 * hits


@pytest.mark.parametrize(
    "query",
    [
        {"area": "99.99"},
        {"area": "35.08.03'--"},
        {"category": "NOPE"},
        {"limit": 0},
        {"limit": 101},
        {"limit": "many"},
        {"cursor": "x"},
        {"name": "x"},
        {"name": "___"},
    ],
)
async def test_a_wrong_question_is_refused(
    api: Api, psm: Actor, query: dict[str, str | int]
) -> None:
    answer = await api(psm).get("/beneficiaries", params=query)
    assert answer.status_code == 422


async def test_confidential_people_are_listed_without_their_name(
    api: Api, psm: Actor, tksk: Actor, register: Register
) -> None:
    made = await register(psm, name="Rahasia Sekali", categories=["ODHA", "LUT"])
    item = (await api(tksk).get("/beneficiaries")).json()["items"][0]
    assert (item["id"], item["name"], item["masked"]) == (str(made), HIDDEN, True)
    assert (item["sex"], item["birth_year"], item["categories"]) == (None, None, ["LUT"])
    own = (await api(psm).get("/beneficiaries")).json()["items"][0]
    assert (own["name"], own["masked"], own["categories"]) == (
        "Rahasia Sekali",
        False,
        ["ODHA", "LUT"],
    )


async def test_what_a_list_hides_cannot_be_searched_for(
    api: Api, psm: Actor, tksk: Actor, register: Register
) -> None:
    made = await register(psm, name="Rahasia Sekali", categories=["ODHA", "LUT"])
    await register(psm, name="Rahmat")
    assert await names(api, tksk, name="rah") == ["Rahmat"]
    assert await names(api, tksk, category="ODHA") == []
    assert await names(api, tksk, category="LUT") == ["Rahmat", HIDDEN]
    assert await names(api, psm, name="rahasia") == ["Rahasia Sekali"]
    assert await names(api, psm, category="ODHA") == ["Rahasia Sekali"]
    behind = await api(tksk).get("/beneficiaries", params={"name": "rah", "cursor": str(made)})
    assert behind.status_code == 400, "the place of a hidden name in the order would tell it"
    await register(psm, name="Lain", categories=["ODHA", "PD"])
    assert await names(api, tksk, category="PD") == [], "the list shows of them what is open"


async def test_lookup_names_those_in_scope_and_leaves_the_others_out(
    api: Api, psm: Actor, tksk: Actor, register: Register, make_actor: Callable[..., Actor]
) -> None:
    mine = await register(psm)
    hidden = await register(psm, name="Rahasia", categories=["KTR"])
    foreign = await register(make_actor("PSM", PRONOJIWO), area=PRONOJIWO)
    ids = [str(made) for made in (mine, mine, hidden, foreign)]
    answer = await api(tksk).post("/beneficiaries/lookup", json={"ids": ids})
    assert answer.json()["items"] == [
        {
            "id": str(mine),
            "name": "Siti Aminah",
            "area": SUMBERWULUH,
            "kind": "person",
            "masked": False,
            "merged_into": None,
        },
        {
            "id": str(hidden),
            "name": HIDDEN,
            "area": SUMBERWULUH,
            "kind": "person",
            "masked": True,
            "merged_into": None,
        },
    ]


@pytest.mark.parametrize("ids", [["x"], "x", None, [None], [1], ["0" * 32] * 101])
async def test_a_wrong_lookup_is_refused(api: Api, psm: Actor, ids: object) -> None:
    assert (await api(psm).post("/beneficiaries/lookup", json={"ids": ids})).status_code == 422


async def test_a_nik_finds_its_record(api: Api, psm: Actor, tksk: Actor, person: Body) -> None:
    made = (await api(psm).post("/beneficiaries", json=person())).json()
    answer = await api(tksk).post("/beneficiaries/search-nik", json={"nik": NIK})
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["name"]) == (made["id"], "Siti Aminah")
    assert NIK not in answer.text


async def test_a_nik_out_of_scope_and_an_unknown_one_look_alike(
    api: Api, psm: Actor, person: Body, make_actor: Callable[..., Actor]
) -> None:
    await api(psm).post("/beneficiaries", json=person(categories=["KTK"]))
    unknown = await api(psm).post("/beneficiaries/search-nik", json={"nik": "3508034101900009"})
    for stranger in (make_actor("PSM", PRONOJIWO), make_actor("PSM", SUMBERWULUH)):
        answer = await api(stranger).post("/beneficiaries/search-nik", json={"nik": NIK})
        assert answer.status_code == 404
        assert answer.json() == unknown.json()
        assert answer.headers["content-type"] == "application/problem+json"


async def test_pillars_without_person_work_search_no_nik(
    api: Api, make_actor: Callable[..., Actor]
) -> None:
    tagana = make_actor("TAGANA", CANDIPURO)
    answer = await api(tagana).post("/beneficiaries/search-nik", json={"nik": NIK})
    assert answer.status_code == 403


@pytest.mark.parametrize("nik", ["", "123", "3508035203540000", 3508035203540001, None])
async def test_what_is_no_nik_is_refused(api: Api, psm: Actor, nik: object) -> None:
    answer = await api(psm).post("/beneficiaries/search-nik", json={"nik": nik})
    assert answer.status_code == 422
    assert str(nik or "-") not in answer.text.replace("/nik", "") or not nik


async def test_vain_and_lucky_searches_are_limited_per_worker_and_minute(
    api: Api, psm: Actor, tksk: Actor, person: Body, owner: asyncpg.Connection
) -> None:
    await api(psm).post("/beneficiaries", json=person())
    tried = [
        (await api(psm).post("/beneficiaries/search-nik", json={"nik": nik})).status_code
        for nik in [NIK, "3508034101900009"] * 10 + [NIK]
    ]
    assert tried == [200, 404] * 10 + [429]
    other = await api(tksk).post("/beneficiaries/search-nik", json={"nik": NIK})
    assert other.status_code == 200
    await owner.execute(
        "update nik_searches set window_started_at = window_started_at - $1::interval",
        timedelta(minutes=1),
    )
    later = await api(psm).post("/beneficiaries/search-nik", json={"nik": NIK})
    assert later.status_code == 200


async def test_people_are_found_by_their_other_names_wherever_they_live_now(
    api: Api, psm: Actor, tksk: Actor, register: Register
) -> None:
    person = await register(psm, name="Sukarti", aliases=["Mbok Tiyem", "Soekarni"])
    await register(psm, name="Ngatinah")
    for name in ("tiyem", "mbok tiyem", "sukarni", "sukarti"):
        assert await names(api, psm, name=name) == ["Sukarti"], name
    moved = {"area": PRONOJIWO, "aliases": ["Bu Wagiyah"]}
    path = f"/beneficiaries/{person}"
    elsewhere = replace(tksk, duties=(*tksk.duties, Duty("TKSK", PRONOJIWO, Role.WORKER)))
    assert (await api(elsewhere).patch(path, json=moved)).is_success
    assert await names(api, elsewhere, name="wagiyah", area=PRONOJIWO) == ["Sukarti"]
    assert await names(api, elsewhere, name="wagiyah", area=SUMBERWULUH) == []
    assert await names(api, elsewhere, name="tiyem") == []


async def test_other_names_of_before_are_marked_by_the_worker_and_gone_with_the_mark(
    api: Api, psm: Actor, register: Register, owner: asyncpg.Connection, worker_db: Database,
    vault: NikVault,
) -> None:  # fmt: skip
    await register(psm, name="Sukarti", aliases=["Mbok Tiyem"])
    await owner.execute("delete from marks")
    assert await owner.fetchval("select count(*) from alias_marks") == 0
    async with worker_db.transaction() as tx:
        await mark_missing(tx, vault, FIRST)
    assert await names(api, psm, name="tiyem") == ["Sukarti"]
