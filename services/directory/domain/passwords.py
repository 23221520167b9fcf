"""Passwords: what is strong enough, and how they are kept and checked (argon2id)."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from services.directory.domain.errors import SignInBusy, WeakPassword

_T = TypeVar("_T")

AT_ONCE: Final = 2
"""Checks that may run at the same time: a flood of sign-ins must leave the machine to others."""
MOST_WAITING: Final = 40
"""At about 50 ms each and two at once, the last in the queue waits about a second."""
SHORTEST: Final = 12
LONGEST: Final = 128
_FEWEST_OWN: Final = 8
_FEWEST_DISTINCT: Final = 5
_GUESSED_FIRST: Final = (
    "katasandi", "password", "passw0rd", "sinergi", "kemensos", "dinsos", "siks", "sosial",
    "indonesia", "merdeka", "bismillah", "sayang", "rahasia", "qwerty", "asdfgh", "admin",
    "123456789", "12345678", "1234567", "123456", "12345", "abc123",
)  # fmt: skip


def require_strong(password: str, username: str, pointer: str) -> None:
    """Raise `WeakPassword` for a short password, or one made of words an attacker tries first."""
    rest = password.lower()
    for word in (username.lower(), *username.lower().split("."), *_GUESSED_FIRST):
        if word:
            rest = rest.replace(word, "")
    if len(password) < SHORTEST or len(rest) < _FEWEST_OWN or len(set(rest)) < _FEWEST_DISTINCT:
        raise WeakPassword(
            "Sedikitnya 12 karakter, bukan nama pengguna atau kata yang lazim.", pointer
        )


class Passwords:
    """Hashes and checks passwords in threads, a few at once."""

    def __init__(self, *, time_cost: int, memory_kib: int, parallelism: int) -> None:
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism
        )
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """The password as it may be stored."""
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is the one stored; takes as long when there is none."""
        return await self._in_turn(lambda: self._verify(password, password_hash))

    def _verify(self, password: str, password_hash: str | None) -> bool:
        try:
            self._hasher.verify(password_hash or self._nobodys, password)
        except VerifyMismatchError:
            return False
        return password_hash is not None

    async def _in_turn(self, work: Callable[[], _T]) -> _T:
        if self._waiting >= MOST_WAITING:
            raise SignInBusy
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
