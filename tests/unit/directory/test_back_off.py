from datetime import UTC, datetime, timedelta

from services.directory.domain.back_off import (
    FORGOTTEN_AFTER,
    FREE_PER_ACCOUNT,
    LONGEST_PAUSE,
    Attempts,
    Source,
    pause_after,
)

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
NONE = timedelta(0)


def test_the_first_attempts_are_free_then_the_pause_doubles_up_to_its_limit() -> None:
    pauses = [pause_after(failures, FREE_PER_ACCOUNT) for failures in range(1, 100)]
    assert pauses[: FREE_PER_ACCOUNT - 1] == [NONE] * (FREE_PER_ACCOUNT - 1)
    assert pauses[FREE_PER_ACCOUNT - 1 : FREE_PER_ACCOUNT + 2] == [
        timedelta(seconds=seconds) for seconds in (2, 4, 8)
    ]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


def test_a_source_waits_from_its_last_failure() -> None:
    attempts = Attempts()
    for _ in range(FREE_PER_ACCOUNT):
        assert attempts.wait(NOW) == NONE
        attempts = attempts.one_more(NOW, FREE_PER_ACCOUNT)
    assert attempts.wait(NOW) == timedelta(seconds=2)
    assert attempts.wait(NOW + timedelta(seconds=2)) == NONE


def test_old_failures_are_forgotten() -> None:
    attempts = Attempts(failures=40, last_at=NOW - FORGOTTEN_AFTER, blocked_until=NOW)
    assert attempts.one_more(NOW, FREE_PER_ACCOUNT).failures == 1


def test_usernames_count_alike_however_they_are_typed_and_are_not_kept() -> None:
    source = Source.account("PSM.Sumberwuluh")
    assert source == Source.account("psm.sumberwuluh")
    assert b"psm" not in source.key


def test_an_ipv6_network_counts_as_one_source() -> None:
    assert Source.address("2001:db8:1:2::1") == Source.address("2001:db8:1:2:ffff::9")
    assert Source.address("2001:db8:1:2::1") != Source.address("2001:db8:1:3::1")
    assert Source.address("::ffff:203.0.113.9") == Source.address("203.0.113.9")
    assert Source.address("203.0.113.9") != Source.address("203.0.113.8")


def test_what_is_no_address_counts_for_nothing() -> None:
    assert Source.address("unknown") is None
