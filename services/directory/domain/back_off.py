"""How long a guesser of passwords has to wait."""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

FREE_PER_ACCOUNT: Final = 5
FREE_PER_ADDRESS: Final = 50
"""Far more than for an account: a whole office may share one address."""
FIRST_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=5)
FORGOTTEN_AFTER: Final = timedelta(hours=1)
_IPV6_NETWORK_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Source:
    """What attempts are counted by, stored as a hash: people type passwords into wrong fields."""

    key: bytes
    free: int

    @classmethod
    def account(cls, username: str) -> Self:
        """All attempts on one username, whether an account has it or not."""
        return cls(_key("account", username.lower()), FREE_PER_ACCOUNT)

    @classmethod
    def address(cls, address: str) -> Self | None:
        """All attempts from one address, an IPv6 network as a whole; None if it is no address."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return None
        if isinstance(parsed, ipaddress.IPv6Address):
            parsed = parsed.ipv4_mapped or parsed
        bits = _IPV6_NETWORK_BITS if parsed.version == 6 else parsed.max_prefixlen  # noqa: PLR2004 - IP's own version number
        network = ipaddress.ip_network((parsed, bits), strict=False)
        return cls(_key("address", str(network)), FREE_PER_ADDRESS)


@dataclass(frozen=True, slots=True)
class Attempts:
    """The failed attempts of one source up to now."""

    failures: int = 0
    last_at: datetime | None = None
    blocked_until: datetime | None = None

    def wait(self, now: datetime) -> timedelta:
        """How long the source still has to wait."""
        return max((self.blocked_until or now) - now, timedelta(0))

    def one_more(self, now: datetime, free: int) -> "Attempts":
        """The record with one more failure; an old record is forgotten first."""
        fresh = self.last_at is not None and now - self.last_at < FORGOTTEN_AFTER
        failures = (self.failures if fresh else 0) + 1
        return Attempts(failures, now, now + pause_after(failures, free))


def pause_after(failures: int, free: int) -> timedelta:
    """Nothing while attempts are free, then twice as long each time up to the longest pause."""
    if failures < free:
        return timedelta(0)
    doublings = min(failures - free, 16)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _key(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}:{value}".encode()).digest()
