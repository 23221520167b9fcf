import asyncio
import threading
from types import SimpleNamespace

import pytest

from services.directory.domain import passwords
from services.directory.domain.errors import SignInBusy, WeakPassword
from services.directory.domain.passwords import Passwords, require_strong
from tests.fixtures.processes import until

GOOD = "kuda-laut-71-terbang"


def light() -> Passwords:
    return Passwords(time_cost=1, memory_kib=64, parallelism=1)


async def test_only_the_right_password_fits() -> None:
    keeper = light()
    kept = await keeper.hash(GOOD)
    assert kept.startswith("$argon2id$")
    assert await keeper.fits(GOOD, kept)
    assert not await keeper.fits(GOOD + " ", kept)


async def test_nothing_fits_an_unknown_account() -> None:
    keeper = light()
    assert not await keeper.fits(GOOD, None)


async def test_an_unknown_account_costs_the_same_work_as_a_wrong_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keeper = light()
    kept = await keeper.hash(GOOD)
    checked: list[str] = []
    verify = keeper._hasher.verify

    def noted(stored: str, given: str) -> bool:
        checked.append(stored)
        return bool(verify(stored, given))

    monkeypatch.setattr(keeper, "_hasher", SimpleNamespace(verify=noted))
    for stored in (kept, None):
        assert not await keeper.fits("wrong" + GOOD, stored)
    of_account, of_nobody = checked
    assert of_account == kept
    assert of_nobody.split("$")[:4] == kept.split("$")[:4]


async def test_hashing_runs_in_threads_two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: a flood of sign-ins must neither stop the loop nor take every core."""
    keeper = light()
    kept = await keeper.hash(GOOD)
    release, lock = threading.Event(), threading.Lock()
    running: list[int] = []
    verify = keeper._hasher.verify

    def held(stored: str | bytes, given: str | bytes) -> bool:
        with lock:
            running.append(threading.get_ident())
        assert release.wait(10)
        return bool(verify(stored, given))

    monkeypatch.setattr(keeper, "_hasher", SimpleNamespace(verify=held))
    checks = [asyncio.create_task(keeper.fits(GOOD, kept)) for _ in range(6)]

    async def two_are_running() -> bool:
        return len(running) == 2

    await until(two_are_running)
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(running) == 2
    assert threading.get_ident() not in running
    release.set()
    assert await asyncio.gather(*checks) == [True] * 6


async def test_a_queue_too_long_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = light()
    kept = await keeper.hash(GOOD)
    monkeypatch.setattr(passwords, "MOST_WAITING", 3)
    checks = [keeper.fits(GOOD, kept) for _ in range(5)]
    answers = await asyncio.gather(*checks, return_exceptions=True)
    assert answers.count(True) == 3
    assert sum(isinstance(answer, SignInBusy) for answer in answers) == 2
    assert await keeper.fits(GOOD, kept)


@pytest.mark.parametrize(
    "password",
    ["pendek", "password-sinergi", "psm.sumberwuluh", "sumberwuluh12345", "aaaaaaaaaaaaaaa"],
)
def test_a_password_that_is_short_or_made_of_known_words_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        require_strong(password, "psm.sumberwuluh", "/password")


def test_a_long_sentence_is_strong_enough() -> None:
    require_strong("Sapi kakek lari ke sawah 2 kali", "psm.sumberwuluh", "/password")
