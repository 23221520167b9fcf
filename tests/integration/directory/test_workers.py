import asyncio
import json
import uuid
from typing import Any

import asyncpg
import httpx2
import pytest

from services.directory.storage.organisations import Organisation
from services.directory.use_cases.import_organisations import import_organisations
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.directory.conftest import (
    PASSWORD,
    PORTAL,
    Api,
    Employ,
    EventsOf,
    Person,
    days,
    held,
    sign_in,
    today,
)

OTHER_VILLAGE = "35.08.03.2001"
JEMBER = "35.09"
JSON = {"Content-Type": "application/json"}


def ids(answer: httpx2.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {item["id"] for item in answer.json()["items"]}


def new_worker(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Bambang Sutrisno",
        "username": "Bambang.Sutrisno",
        "password": "kuda-laut-71-terbang",
        "duties": [{"pillar": "PSM", "area": SUMBERWULUH, "role": "worker"}],
        **changes,
    }


@pytest.fixture
async def psm(employ: Employ) -> Person:
    return await employ(held("PSM", SUMBERWULUH))


@pytest.fixture
async def coordinator(employ: Employ) -> Person:
    return await employ(held("PSM", CANDIPURO, Role.COORDINATOR))


@pytest.fixture
async def dinsos(employ: Employ) -> Person:
    return await employ(held("DINSOS", LUMAJANG, Role.DINSOS))


async def test_me_shows_every_duty_and_which_are_in_force(api: Api, employ: Employ) -> None:
    person = await employ(
        held("PSM", SUMBERWULUH),
        held("TKSK", CANDIPURO, ends=-1),
        held("TAGANA", JEMBER, starts=1),
    )
    body = (await api(person.actor).get("/me")).json()
    assert (body["id"], body["name"], body["active"]) == (str(person.id), person.name, True)
    shown = {duty["pillar"]: duty for duty in body["duties"]}
    assert {pillar: duty["active"] for pillar, duty in shown.items()} == {
        "PSM": True,
        "TKSK": False,
        "TAGANA": False,
    }
    assert shown["TKSK"]["from"] == str(days(-30))
    assert shown["TKSK"]["to"] == str(days(-1))
    assert shown["PSM"]["to"] is None
    assert (body["absent_until"], body["absences"]) == (None, [])


async def test_a_list_holds_pillar_and_organisation_apart_not_areas_alone(
    api: Api, employ: Employ, database: Database, psm: Person, dinsos: Person
) -> None:
    """INVARIANT: two bodies that work in one area do not see each other's people."""
    bodies = [Organisation(uuid.uuid4(), f"LKS {n}", "LKS", LUMAJANG) for n in (1, 2)]
    async with database.transaction() as tx:
        await import_organisations(bodies, tx=tx)
    ours, theirs = [await employ(held("LKS", LUMAJANG, organisation_id=body.id)) for body in bodies]
    head = await employ(held("LKS", LUMAJANG, Role.COORDINATOR, organisation_id=bodies[0].id))
    seen = ids(await api(head.actor).get("/workers"))
    assert seen == {str(head.id), str(ours.id)}
    for hidden in (theirs, psm):
        assert (await api(head.actor).get(f"/workers/{hidden.id}")).status_code == 404
    assert {str(theirs.id), str(psm.id)} <= ids(await api(dinsos.actor).get("/workers"))


async def test_a_worker_sees_colleagues_of_the_pillar_in_the_area_and_nobody_else(
    api: Api, employ: Employ, psm: Person, coordinator: Person
) -> None:
    colleague = await employ(held("PSM", SUMBERWULUH))
    elsewhere = await employ(held("PSM", OTHER_VILLAGE))
    other_pillar = await employ(held("KARANG_TARUNA", SUMBERWULUH))
    me = api(psm.actor)
    assert ids(await me.get("/workers")) == {str(psm.id), str(colleague.id)}
    for hidden in (elsewhere, other_pillar, coordinator):
        assert (await me.get(f"/workers/{hidden.id}")).status_code == 404
    assert (await me.get(f"/workers/{uuid.uuid4()}")).status_code == 404
    assert (await me.get(f"/workers/{colleague.id}")).json()["name"] == colleague.name
    assert str(elsewhere.id) in ids(await api(coordinator.actor).get("/workers"))


async def test_a_list_is_narrowed_by_conditions_that_hold_for_one_duty(
    api: Api, employ: Employ, dinsos: Person
) -> None:
    both = await employ(held("PSM", SUMBERWULUH), held("TKSK", CANDIPURO))
    former_psm = await employ(held("PSM", SUMBERWULUH, ends=-1), held("TKSK", CANDIPURO))
    gone = await employ(held("PSM", SUMBERWULUH, ends=-1))
    office = api(dinsos.actor)
    assert ids(await office.get("/workers?pillar=PSM")) == {str(both.id)}
    assert ids(await office.get(f"/workers?pillar=TKSK&area={SUMBERWULUH}")) == set()
    assert ids(await office.get(f"/workers?area={CANDIPURO}")) == {
        str(both.id),
        str(former_psm.id),
    }
    assert ids(await office.get("/workers?role=dinsos")) == {str(dinsos.id)}
    assert ids(await office.get("/workers?active=false")) == {str(gone.id)}


async def test_a_list_shows_of_a_worker_only_the_duties_in_scope(
    api: Api, employ: Employ, coordinator: Person
) -> None:
    person = await employ(held("PSM", SUMBERWULUH), held("TKSK", CANDIPURO), held("PSM", JEMBER))
    caller = api(coordinator.actor)
    listed = (await caller.get(f"/workers?area={SUMBERWULUH}")).json()["items"]
    alone = (await caller.get(f"/workers/{person.id}")).json()
    assert [item["id"] for item in listed] == [str(person.id)]
    for shown in (*listed, alone):
        assert [(duty["pillar"], duty["area"]) for duty in shown["duties"]] == [
            ("PSM", SUMBERWULUH)
        ]


async def test_pages_follow_one_another_without_gap_or_repeat(
    api: Api, employ: Employ, dinsos: Person
) -> None:
    people = {str((await employ(held("PSM", SUMBERWULUH))).id) for _ in range(5)}
    seen: list[str] = []
    after = ""
    for _ in range(3):
        page = (await api(dinsos.actor).get(f"/workers?limit=2{after}")).json()
        seen += [item["id"] for item in page["items"]]
        after = f"&after={page['next']}"
    assert page["next"] is None
    assert len(seen) == 6
    assert set(seen) == people | {str(dinsos.id)}


async def test_any_worker_may_learn_a_colleagues_name_pillar_and_area_and_no_more(
    api: Api, employ: Employ, psm: Person
) -> None:
    far = await employ(held("TKSK", "35.09.01", ends=-1), held("PSM", JEMBER), name="Endang")
    answer = await api(psm.actor).post(
        "/workers/lookup", json={"ids": [str(far.id), str(psm.id), str(uuid.uuid4())]}
    )
    items = {item["id"]: item for item in answer.json()["items"]}
    assert set(items) == {str(far.id), str(psm.id)}
    assert items[str(far.id)] == {
        "id": str(far.id),
        "name": "Endang",
        "pillar": "PSM",
        "area": JEMBER,
    }
    too_many = {"ids": [str(uuid.uuid4()) for _ in range(101)]}
    assert (await api(psm.actor).post("/workers/lookup", json=too_many)).status_code == 422


async def test_a_service_reads_workers_of_all_areas(api: Api, employ: Employ) -> None:
    people = [await employ(held("PSM", area)) for area in (SUMBERWULUH, JEMBER)]
    service = api(PORTAL)
    assert ids(await service.get("/workers")) == {str(person.id) for person in people}
    for person in people:
        assert (await service.get(f"/workers/{person.id}")).status_code == 200
    assert (await service.post("/workers", json=new_worker())).status_code == 403
    assert (await service.get("/me")).status_code == 403


async def test_a_new_worker_can_sign_in_and_is_stated_without_a_name(
    api: Api, dinsos: Person, portal: httpx2.AsyncClient, events_of: EventsOf
) -> None:
    answer = await api(dinsos.actor).post("/workers", json=new_worker())
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["active"]
    assert body["duties"][0]["from"] == str(today())
    signed_in = await portal.post(
        "/sessions", json={"username": "bambang.sutrisno", "password": new_worker()["password"]}
    )
    assert signed_in.json()["worker_id"] == body["id"]
    (event,) = await events_of(uuid.UUID(body["id"]))
    assert event.type == "id.sinergi.directory.worker.joined.v1"
    assert event.subjectversion == 1
    assert event.data["duties"][0]["pillar"] == "PSM"
    assert "bambang" not in event.model_dump_json().lower()


async def test_a_repeat_of_the_key_answers_200_with_the_same_body_and_does_nothing(
    api: Api, dinsos: Person, owner: asyncpg.Connection
) -> None:
    office, key = api(dinsos.actor), {"Idempotency-Key": str(uuid.uuid4())}
    first = await office.post("/workers", json=new_worker(), headers=key)
    again = await office.post("/workers", json=new_worker(), headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert await owner.fetchval("select count(*) from workers where name like 'Bambang%'") == 1
    other = await office.post("/workers", json=new_worker(name="Budi"), headers=key)
    assert other.json()["type"] == "urn:sinergi:problem:idempotency-key-reused"
    worker = first.json()["id"]
    duty = {"pillar": "TKSK", "area": CANDIPURO, "role": "worker"}
    absence = {"from": str(days(1)), "to": str(days(2))}
    for path, body in (
        (f"/workers/{worker}/duties", duty),
        (f"/workers/{worker}/absence", absence),
    ):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        first = await office.post(path, json=body, headers=key)
        again = await office.post(path, json=body, headers=key)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()


async def test_a_username_is_taken_once(api: Api, dinsos: Person) -> None:
    office = api(dinsos.actor)
    assert (await office.post("/workers", json=new_worker())).status_code == 201
    taken = await office.post("/workers", json=new_worker(username="BAMBANG.sutrisno"))
    assert taken.status_code == 409
    assert taken.json()["type"] == "urn:sinergi:problem:username-taken"


@pytest.mark.parametrize(
    ("duty", "status"),
    [
        ({"pillar": "PSM", "area": SUMBERWULUH, "role": "worker"}, 201),
        ({"pillar": "PSM", "area": JEMBER, "role": "worker"}, 403),
        ({"pillar": "PSM", "area": LUMAJANG, "role": "worker"}, 403),
        ({"pillar": "TKSK", "area": SUMBERWULUH, "role": "worker"}, 403),
        ({"pillar": "PSM", "area": SUMBERWULUH, "role": "coordinator"}, 403),
        ({"pillar": "PSM", "area": SUMBERWULUH, "role": "admin"}, 403),
    ],
)
async def test_a_coordinator_gives_field_work_of_the_own_pillar_in_the_own_area(
    api: Api, coordinator: Person, duty: dict[str, str], status: int
) -> None:
    answer = await api(coordinator.actor).post("/workers", json=new_worker(duties=[duty]))
    assert answer.status_code == status


async def test_nobody_gives_a_role_above_the_own(api: Api, employ: Employ, dinsos: Person) -> None:
    admin = await employ(held("DINSOS", "35", Role.ADMIN))
    duty = {"pillar": "DINSOS", "area": LUMAJANG, "role": "admin"}
    refused = await api(dinsos.actor).post(f"/workers/{dinsos.id}/duties", json=duty)
    assert refused.status_code == 403
    given = await api(admin.actor).post(f"/workers/{dinsos.id}/duties", json=duty)
    assert given.status_code == 201


async def test_field_workers_manage_nobody(api: Api, psm: Person) -> None:
    me = api(psm.actor)
    assert (await me.post("/workers", json=new_worker())).status_code == 403
    duty = {"pillar": "PSM", "area": SUMBERWULUH, "role": "worker"}
    assert (await me.post(f"/workers/{psm.id}/duties", json=duty)).status_code == 403
    end = f"/workers/{psm.id}/duties/{psm.duties[0].id}/end"
    assert (await me.post(end)).status_code == 403


async def test_a_duty_more_states_the_whole_worker_even_beyond_the_callers_area(
    api: Api, employ: Employ, dinsos: Person, events_of: EventsOf
) -> None:
    """INVARIANT: an event made from the rows the caller may see would delete the other duties."""
    person = await employ(held("PSM", SUMBERWULUH), held("TKSK", "35.09.01"))
    duty = {"pillar": "TKSK", "area": CANDIPURO, "role": "worker", "from": str(days(3))}
    answer = await api(dinsos.actor).post(f"/workers/{person.id}/duties", json=duty)
    assert answer.status_code == 201, answer.text
    assert {shown["area"] for shown in answer.json()["duties"]} == {SUMBERWULUH, CANDIPURO}
    joined, changed = await events_of(person.id)
    assert (joined.subjectversion, changed.subjectversion) == (1, 2)
    assert changed.type == "id.sinergi.directory.worker.changed.v1"
    assert {one["area"] for one in changed.data["duties"]} == {
        SUMBERWULUH,
        "35.09.01",
        CANDIPURO,
    }


async def test_the_end_of_the_last_duty_ends_sessions_and_states_that_the_worker_left(
    api: Api, coordinator: Person, psm: Person, portal: httpx2.AsyncClient, events_of: EventsOf
) -> None:
    session = await sign_in(portal, psm)
    path = f"/workers/{psm.id}/duties/{psm.duties[0].id}/end"
    ended = await api(coordinator.actor).post(path)
    assert ended.status_code == 200, ended.text
    assert ended.json()["active"] is False
    assert (await events_of(psm.id))[-1].type == "id.sinergi.directory.worker.left.v1"
    assert (await events_of(psm.id))[-1].data["active"] is False
    traded = await portal.post("/sessions/token", headers={"X-Session": session})
    assert traded.json()["type"] == "urn:sinergi:problem:session-ended"
    refused = await portal.post("/sessions", json={"username": psm.username, "password": PASSWORD})
    assert refused.json()["type"] == "urn:sinergi:problem:no-current-duty"
    again = await api(coordinator.actor).post(path)
    assert again.status_code == 409
    assert again.json()["type"] == "urn:sinergi:problem:duty-ended"


async def test_ending_a_duty_keeps_to_the_callers_scope(
    api: Api, employ: Employ, coordinator: Person
) -> None:
    psm, tksk, far = held("PSM", SUMBERWULUH), held("TKSK", CANDIPURO), held("PSM", JEMBER)
    person, other = await employ(psm, tksk, far), await employ(held("PSM", JEMBER))
    caller = api(coordinator.actor)
    for worker, duty, status in (
        (person, tksk, 404),
        (person, far, 404),
        (other, other.duties[0], 404),
        (coordinator, coordinator.duties[0], 403),
        (person, psm, 200),
    ):
        answer = await caller.post(
            f"/workers/{worker.id}/duties/{duty.id}/end", json={"to": str(days(5))}
        )
        assert answer.status_code == status, answer.text


async def test_of_two_changes_at_once_one_is_told_to_reload(
    api: Api, coordinator: Person, dinsos: Person, psm: Person, events_of: EventsOf
) -> None:
    duty = {"pillar": "PSM", "area": OTHER_VILLAGE, "role": "worker"}
    answers = await asyncio.gather(
        *(
            api(person.actor).post(f"/workers/{psm.id}/duties", json=duty)
            for person in (coordinator, dinsos) * 3
        )
    )
    taken = sum(answer.status_code == 201 for answer in answers)
    assert {answer.status_code for answer in answers} <= {201, 409}
    versions = [event.subjectversion for event in await events_of(psm.id)]
    assert versions == list(range(1, taken + 2))
    assert len((await events_of(psm.id))[-1].data["duties"]) == taken + 1


async def test_organisations_are_shown_in_scope_and_duties_name_only_known_ones(
    api: Api, database: Database, employ: Employ, dinsos: Person, psm: Person
) -> None:
    ours = Organisation(uuid.uuid4(), "LKS Kasih Ibu", "LKS", CANDIPURO)
    theirs = Organisation(uuid.uuid4(), "LKS Jember", "LKS", JEMBER)
    async with database.transaction() as tx:
        await import_organisations([ours, theirs], tx=tx)
    office = api(dinsos.actor)
    shown = (await office.get("/organisations")).json()
    assert shown == {
        "items": [
            {"id": str(ours.id), "name": "LKS Kasih Ibu", "pillar": "LKS", "area": CANDIPURO}
        ],
        "next": None,
    }
    assert (await office.get(f"/organisations?area={JEMBER}")).json()["items"] == []
    assert (await api(psm.actor).get("/organisations")).status_code == 403
    duty = {"pillar": "LKS", "area": CANDIPURO, "role": "worker"}
    for organisation, status in ((ours.id, 201), (uuid.uuid4(), 422)):
        body = {**duty, "organisation_id": str(organisation)}
        answer = await office.post(f"/workers/{psm.id}/duties", json=body)
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "Bam\x00bang"}, "/name"),
        ({"name": 7}, "/name"),
        ({"name": "x" * 121}, "/name"),
        ({"username": "a b"}, "/username"),
        ({"username": "\ud800"}, "/username"),
        ({"password": "password1234"}, "/password"),
        ({"duties": []}, "/duties"),
        ({"duties": {}}, "/duties"),
        ({"nik": "3508"}, "/nik"),
    ],
)
async def test_a_bad_worker_is_refused_with_a_pointer(
    api: Api, dinsos: Person, changes: dict[str, Any], pointer: str
) -> None:
    body = json.dumps(new_worker(**changes))
    answer = await api(dinsos.actor).post("/workers", content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"pillar": "POLISI"}, "/pillar"),
        ({"pillar": "\x00"}, "/pillar"),
        ({"pillar": None}, "/pillar"),
        ({"area": "35.99"}, "/area"),
        ({"area": "\x00"}, "/area"),
        ({"area": 3508}, "/area"),
        ({"role": "king"}, "/role"),
        ({"from": "yesterday"}, "/from"),
        ({"from": "0001-01-01"}, "/from"),
        ({"to": "9999-12-31"}, "/to"),
        ({"from": str(days(3)), "to": str(days(2))}, "/to"),
        ({"from": str(days(-3)), "to": str(days(-2))}, "/to"),
        ({"organisation_id": "x"}, "/organisation_id"),
    ],
)
async def test_a_bad_duty_is_refused_with_a_pointer(
    api: Api, dinsos: Person, psm: Person, changes: dict[str, Any], pointer: str
) -> None:
    duty = {"pillar": "PSM", "area": SUMBERWULUH, "role": "worker", **changes}
    alone = await api(dinsos.actor).post(f"/workers/{psm.id}/duties", json=duty)
    within = await api(dinsos.actor).post("/workers", json=new_worker(duties=[duty]))
    for answer, where in ((alone, pointer), (within, f"/duties/0{pointer}")):
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == [where]


@pytest.mark.parametrize(
    "query",
    ["pillar=POLISI", "area=35.99", "area=%00", "role=king", "limit=0", "limit=101", "after=x"],
)
async def test_a_bad_query_is_a_clear_problem(api: Api, dinsos: Person, query: str) -> None:
    answer = await api(dinsos.actor).get(f"/workers?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_worker_id_that_is_none_is_a_clear_problem(api: Api, dinsos: Person) -> None:
    assert (await api(dinsos.actor).get("/workers/not-an-id")).status_code == 422
