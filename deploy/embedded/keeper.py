"""Keeps one process running: restarts what ends or no longer answers, ever more patiently."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from deploy.embedded.child import last_line
from deploy.embedded.logs import limit_log
from deploy.embedded.probe import answers_ok
from deploy.embedded.problem import Problem
from deploy.embedded.waiting import until
from shared.ending import BROKEN_SETTING

_POLL_SECONDS = 0.1


class Unit(Protocol):
    """A process that can be kept running: PostgreSQL, Valkey or a service."""

    name: str
    port: int
    log: Path

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""

    @property
    def exit_code(self) -> int | None:
        """How the process ended, if it did."""

    def start(self) -> None:
        """Start the process."""

    def request_stop(self) -> None:
        """Ask the process to end in order."""

    def kill(self) -> None:
        """End the process at once."""


class State(StrEnum):
    """What a kept process is doing."""

    STARTING = "starting"
    UP = "up"
    WAITING = "waiting to restart"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    first_delay: float = 0.2
    longest_delay: float = 10.0
    calm_after: float = 60.0
    silence: float = 15.0
    start: float = 60.0
    probe_every: float = 2.0


class Keeper:
    """One process and the duty to keep it running until it is told to stop."""

    def __init__(
        self,
        unit: Unit,
        *,
        live: str = "",
        announce: Callable[[str], None],
        patience: Patience | None = None,
    ) -> None:
        self.unit = unit
        self.state = State.STARTING
        self.restarts = 0
        self.since = time.monotonic()
        self._live = live
        self._announce = announce
        self._patience = patience or Patience()
        self._delay = self._patience.first_delay

    async def keep(self) -> None:
        """Run for ever: start the process, watch it, and start it again when it fails.

        Raises `Problem` with its last words where its settings keep it from starting at all.
        """
        while True:
            failure = await self._run_once()
            if self._live and self.unit.exit_code == BROKEN_SETTING:
                raise Problem(f"{self.unit.name} cannot start. {last_line(self.unit.log)}")
            uptime = time.monotonic() - self.since
            if uptime >= self._patience.calm_after:
                self._delay = self._patience.first_delay
            self.state = State.WAITING
            self._announce(f"{self.unit.name} {failure}; it restarts in {self._delay:.1f} s.")
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, self._patience.longest_delay)
            self.restarts += 1

    async def stop(self, seconds: float) -> None:
        """End the process in order, or by force when the time is up."""
        self.unit.request_stop()
        await until(lambda: not self.unit.is_running, seconds)
        self.unit.kill()
        self.state = State.STOPPED

    async def _run_once(self) -> str:
        """Return why the process has to be started again."""
        self.state, self.since = State.STARTING, time.monotonic()
        try:
            if not self.unit.is_running:
                self.unit.start()
        except (Problem, OSError) as error:
            return f"did not start ({error})"
        return await self._until_it_fails()

    async def _until_it_fails(self) -> str:
        heard = next_probe = time.monotonic()
        while self.unit.is_running:
            now = time.monotonic()
            if now >= next_probe:
                limit_log(self.unit.log)
                if await self._answers():
                    heard, self.state = time.monotonic(), State.UP
                starting = self.state is State.STARTING
                allowed = self._patience.start if starting else self._patience.silence
                if now - heard > allowed:
                    self.unit.kill()
                    return f"gave no sign of life for {allowed:.0f} s"
                next_probe = now + (_POLL_SECONDS if starting else self._patience.probe_every)
            await asyncio.sleep(_POLL_SECONDS)
        return f"ended ({_ending(self.unit.exit_code)})"

    async def _answers(self) -> bool:
        return not self._live or await answers_ok(self.unit.port, self._live)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {-code}"
    return f"exit code {code}"
