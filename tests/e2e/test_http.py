"""The same job for programs: public HTTP calls with a token of `sinergi token`."""

from collections.abc import Callable
from typing import Any

import httpx2

from tests.e2e.callers import Caller, need, registration
from tests.e2e.events import listening
from tests.e2e.installation import Installation
from tests.e2e.people import Inventor
from tests.fixtures.processes import until

Callers = Callable[[str], Caller]


async def everything(caller: Caller, service: str, path: str, **params: Any) -> list[Any]:
    """All items of a list, page after page."""
    items: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        page = await caller.get(service, path, limit=100, **params, **cursor)
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}


async def test_a_program_does_the_whole_job(caller: Callers, inventor: Inventor) -> None:
    psm, tksk = caller("psm.sumberwuluh"), caller("tksk.candipuro")
    beneficiary = await psm.register(inventor.person())

    plan = await psm.post("cases", "/referrals/plan", need(beneficiary), status=200)
    (primary,) = [leg for leg in plan["legs"] if leg["role"] == "primary"]
    assert primary["pillar"] == "TKSK"
    assert primary["people"]
    assert primary["reasons"]
    assert all(primary[clock] for clock in ("reply_by", "act_by", "close_by"))

    referral = await psm.send(beneficiary)
    path = f"/referrals/{referral['id']}"
    assert referral["status"] == "sent"
    listed = [
        item
        for item in await everything(tksk, "cases", "/worklist")
        if item["referral_id"] == referral["id"]
    ]
    assert [item["status"] for item in listed] == ["sent"]
    assert "name" not in listed[0]

    assert (await tksk.get("cases", path))["allowed"] == ["see", "accept", "return"]
    for verb, body, status in (
        ("see", {}, "sent"),
        ("accept", {}, "accepted"),
        ("start", {}, "in_progress"),
        ("note", {"text": "Sudah dikunjungi."}, "in_progress"),
        ("complete", {"outcome": "need_met"}, "completed"),
    ):
        assert (await tksk.act(referral["id"], verb, **body))["status"] == status
    after = await psm.get("cases", path)
    assert [step["verb"] for step in after["history"]] == [
        "send", "see", "accept", "start", "note", "complete",
    ]  # fmt: skip
    refused = await tksk.post("cases", f"{path}/accept", status=409)
    assert refused["type"] == "urn:sinergi:problem:transition-not-allowed"
    assert refused["status_now"] == "completed"

    async def told() -> bool:
        notices = await everything(psm, "notifications", "/notices")
        kinds = {one["kind"] for one in notices if one["referral_id"] == referral["id"]}
        return {"referral_accepted", "referral_started", "referral_completed"} <= kinds

    await until(told)
    ledger = await psm.get("notifications", "/deliveries", referral_id=referral["id"])
    me = await tksk.get("directory", "/me")
    assert {
        one["status"]
        for one in ledger["items"]
        if one["recipient_id"] == me["id"] and one["kind"] == "referral_new"
    } == {"opened"}


async def test_a_stream_goes_on_after_the_last_id_it_brought(
    caller: Callers, inventor: Inventor
) -> None:
    psm, tksk = caller("psm.sumberwuluh"), caller("tksk.candipuro")
    beneficiary = await psm.register(inventor.person())
    async with listening(tksk) as live:
        first = await psm.send(beneficiary)

        async def heard_first() -> bool:
            return bool(live.of(first["id"]))

        await until(heard_first)
        last = live.heard[-1].id
    missed = [(await psm.send(beneficiary))["id"] for _ in range(3)]

    async def all_told() -> bool:
        notices = await everything(tksk, "notifications", "/notices", unread="true")
        return set(missed) <= {one["referral_id"] for one in notices}

    await until(all_told)
    async with listening(tksk, last) as resumed:

        async def heard_all() -> bool:
            return all(resumed.of(one) for one in missed)

        await until(heard_all)
        assert [len(resumed.of(one)) for one in missed] == [1, 1, 1]
        assert resumed.of(first["id"]) == []
        ids = [int(one.id) for one in resumed.heard]
        assert ids == sorted(set(ids))


async def test_a_repeated_key_has_effect_once(caller: Callers, inventor: Inventor) -> None:
    psm = caller("psm.sumberwuluh")
    person = inventor.person()
    body = registration(person)
    first = await psm.post("registry", "/beneficiaries", body, status=201, key="e2e-" + person.nik)
    again = await psm.post("registry", "/beneficiaries", body, status=200, key="e2e-" + person.nik)
    assert again["id"] == first["id"]
    twin = await psm.post("registry", "/beneficiaries", body, status=409)
    assert twin["type"] == "urn:sinergi:problem:possible-duplicate"
    assert [one["id"] for one in twin["candidates"]] == [first["id"]]
    assert person.name not in str(twin)

    key = f"e2e-{first['id']}"
    sent = await psm.post("cases", "/referrals", need(first["id"]), status=201, key=key)
    same = await psm.post("cases", "/referrals", need(first["id"]), status=200, key=key)
    assert same == sent
    listed = await everything(psm, "cases", "/referrals")
    assert len([one for one in listed if one["beneficiary_id"] == first["id"]]) == 1


async def test_what_lies_outside_a_scope_is_not_found(caller: Callers, inventor: Inventor) -> None:
    psm = caller("psm.sumberwuluh")
    beneficiary = await psm.register(inventor.person())
    referral = (await psm.send(beneficiary))["id"]
    for stranger in ("psm.jarit", "tksk.pronojiwo", "kades.sumberwuluh", "dinsos.jember"):
        them = caller(stranger)
        problem = await them.get("cases", f"/referrals/{referral}", status=404)
        assert problem["type"] == "urn:sinergi:problem:not-found"
        await them.post("cases", f"/referrals/{referral}/accept", status=404)
        status = 403 if stranger.startswith("kades") else 404
        await them.get("registry", f"/beneficiaries/{beneficiary}", status=status)
    for manager in ("koordinator.lumajang", "dinsos.lumajang"):
        assert (await caller(manager).get("cases", f"/referrals/{referral}"))["id"] == referral


async def test_a_role_does_only_what_it_is_for(caller: Callers, inventor: Inventor) -> None:
    kades = caller("kades.sumberwuluh")
    assert (await kades.get("cases", "/worklist"))["items"] == []
    assert (await kades.get("notifications", "/notices"))["items"] == []
    assert (await kades.get("cases", "/reference"))["statuses"]
    refused = await kades.post(
        "registry", "/beneficiaries", registration(inventor.person()), status=403
    )
    assert refused["type"] == "urn:sinergi:problem:forbidden"
    await kades.get("registry", "/beneficiaries", status=403, name="Lestari")
    admin = caller("admin")
    await admin.get("cases", "/worklist", status=403)
    assert (await admin.get("directory", "/workers", area="35.08.03", pillar="TKSK"))["items"]


async def test_no_call_is_answered_without_a_token(installation: Installation) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        for service, path in (
            ("cases", "/worklist"),
            ("registry", "/beneficiaries"),
            ("notifications", "/stream"),
            ("directory", "/me"),
        ):
            answer = await client.get(installation.url(service) + path)
            assert answer.status_code == 401
            assert answer.headers["content-type"].startswith("application/problem+json")
