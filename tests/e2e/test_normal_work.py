"""A busy quarter of an hour in ten seconds: everything arrives, once, and soon."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.e2e.callers import Caller, need
from tests.e2e.events import listening
from tests.e2e.test_http import everything
from tests.fixtures.processes import until

REFERRALS = 100
PER_SECOND = 10
P99_SECONDS = 1.0
VILLAGE = "35.08.02.2005"
"""Oro-oro Ombo in Kecamatan Pronojiwo, where no other test works."""


@pytest.mark.slow
async def test_a_hundred_referrals_arrive_once_and_within_a_second(
    caller: Callable[[str], Caller], figures: list[str]
) -> None:
    psm, tksk = caller("psm.orooroombo"), caller("tksk.pronojiwo")
    people = [one["id"] for one in await everything(psm, "registry", "/beneficiaries")]
    before = {item["referral_id"] for item in await everything(tksk, "cases", "/worklist")}
    asked: dict[str, float] = {}
    answered: list[float] = []

    async def send(number: int) -> None:
        beneficiary = people[number % len(people)]
        started = time.perf_counter()
        body = need(beneficiary, area=VILLAGE, category="LUT")
        sent = await psm.post("cases", "/referrals", body, status=201)
        answered.append(time.perf_counter() - started)
        asked[sent["referrals"][0]["id"]] = started

    async with listening(tksk) as live:
        began = time.perf_counter()
        sending = []
        for number in range(REFERRALS):
            await asyncio.sleep(max(began + number / PER_SECOND - time.perf_counter(), 0))
            sending.append(asyncio.create_task(send(number)))
        await asyncio.gather(*sending)

        async def all_heard() -> bool:
            return asked.keys() <= {one.data.get("referral_id") for one in live.heard}

        await until(all_heard, 15)
        heard = [one for one in live.heard if one.data.get("referral_id") in asked]

    first: dict[str, float] = {}
    for one in heard:
        first.setdefault(one.data["referral_id"], one.at)
    waits = sorted(first[referral] - started for referral, started in asked.items())
    p50, p99 = waits[REFERRALS // 2], waits[int(REFERRALS * 0.99) - 1]
    answers = sorted(answered)
    figures.append(
        f"{REFERRALS} referrals at {PER_SECOND}/s, from asking to the receiver's stream: "
        f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, worst {waits[-1] * 1000:.0f} ms; "
        f"answer p50 {answers[REFERRALS // 2] * 1000:.0f} ms, worst {answers[-1] * 1000:.0f} ms"
    )
    for kind in ("notice", "worklist"):
        times_heard = Counter(one.data["referral_id"] for one in heard if one.kind == kind)
        assert times_heard == dict.fromkeys(asked, 1), kind
    listed = Counter(item["referral_id"] for item in await everything(tksk, "cases", "/worklist"))
    assert {one: times for one, times in listed.items() if one not in before} == dict.fromkeys(
        asked, 1
    )
    assert p99 < P99_SECONDS
