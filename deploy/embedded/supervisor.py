"""Starts Sinergi on one machine, keeps it running and stops it in order."""

import asyncio
import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.embedded.child import last_line
from deploy.embedded.environment import build_environment
from deploy.embedded.keeper import Keeper, Patience, State, Unit
from deploy.embedded.lock import sole_supervisor
from deploy.embedded.nursery import Nursery
from deploy.embedded.own_postgres import needs_kept_keys
from deploy.embedded.ports import require_free
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.problem import Problem
from deploy.embedded.runtime_folder import own_folder, server_account
from deploy.embedded.secrets import load_secrets, write_private
from deploy.embedded.service import ServiceProcess
from deploy.embedded.settings import EmbeddedSettings
from deploy.embedded.valkey import EmbeddedValkey
from deploy.embedded.waiting import until
from deploy.processes import PROCESSES, Process
from shared.ending import end

DATABASE = "sinergi"
ENVIRONMENT_FILE = "environment.json"
PREPARE = "deploy.prepare"
DEMO = "deploy.demo"

_SERVICE_STOP_SECONDS = 20.0
_SERVER_STOP_SECONDS = 30.0
_SERVER_START_SECONDS = 120.0


class Supervisor:
    """Everything that runs for one data folder."""

    def __init__(
        self,
        settings: EmbeddedSettings,
        *,
        given: Mapping[str, str],
        announce: Callable[[str], None],
        processes: Sequence[Process] = PROCESSES,
        steps: Sequence[str] | None = None,
        patience: Patience | None = None,
        binaries: Path | None = None,
    ) -> None:
        self.settings = settings
        self.servers: list[Keeper] = []
        self.services: list[Keeper] = []
        self.demo_password = ""
        self.is_ready = False
        self._nursery: Nursery
        self._given = given
        self._announce = announce
        self._processes = processes
        self._steps = [PREPARE, DEMO] if settings.demo else [PREPARE]
        self._steps = list(steps) if steps is not None else self._steps
        self._patience = patience
        self._binaries = binaries
        self._stop = asyncio.Event()
        self._kill = asyncio.Event()
        self._watches: list[asyncio.Task[None]] = []
        self._logs = settings.folder / "logs"

    async def run(self) -> None:
        """Start everything, keep it running until a stop signal, then stop it in order."""
        self._make_folders()
        with sole_supervisor(self.settings.folder):
            signals = _stop_signals()
            loop = asyncio.get_running_loop()
            for sig in signals:
                loop.add_signal_handler(sig, self._on_signal)
            try:
                await self._run_until_stopped()
            finally:
                await self._stop_all()
                for sig in signals:
                    loop.remove_signal_handler(sig)

    async def _run_until_stopped(self) -> None:
        stop = asyncio.create_task(self._stop.wait())
        start = asyncio.create_task(self._start())
        try:
            await asyncio.wait({start, stop}, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                await start
                await asyncio.wait({stop, *self._watches}, return_when=asyncio.FIRST_COMPLETED)
                for watch in self._watches:
                    if watch.done():
                        await watch
        finally:
            await end([stop, start])

    async def _start(self) -> None:
        started = time.monotonic()
        self._nursery = Nursery()
        folder, postgres_url = self.settings.folder, self.settings.postgres_url
        is_old = bool(postgres_url) and await needs_kept_keys(postgres_url, self._given)
        kept = load_secrets(folder, is_old=is_old)
        for process in self._processes:
            port = self.settings.ports[process.port_setting]
            require_free(port, process.port_setting, process.name)
        environment = build_environment(
            self.settings,
            kept,
            postgres_url=postgres_url or await self._start_postgres(),
            redis_url=self.settings.redis_url or await self._start_valkey(kept.redis_password),
            given=self._given,
        )
        write_private(folder / ENVIRONMENT_FILE, json.dumps(environment, indent=2))
        complete = {**self._given, **environment}
        for module in self._steps:
            await self._run_step(module, complete)
        if self.settings.demo:
            self.demo_password = environment["DEMO_PASSWORD"]
        for process in self._processes:
            port = self.settings.ports[process.port_setting]
            unit = ServiceProcess(
                process, port, nursery=self._nursery, environment=complete, logs=self._logs
            )
            self._watch(self._keeper(unit, self.services, live=process.live))
        await until(self._is_settled)
        for watch in self._watches:
            if watch.done():
                await watch
        self.is_ready = True
        self._announce(f"Sinergi is ready after {time.monotonic() - started:.1f} s.")

    def _is_settled(self) -> bool:
        """Whether all services are up, or one of the processes can never be."""
        is_up = all(keeper.state is State.UP for keeper in self.services)
        return is_up or any(watch.done() for watch in self._watches)

    async def _start_postgres(self) -> str:
        postgres = EmbeddedPostgres(
            self.settings.folder / "postgres",
            self.settings.postgres_port,
            binaries=self._binaries,
        )
        if postgres.notice:
            self._announce(postgres.notice)
        keeper = self._keeper(postgres, self.servers)
        await self._bring_up(postgres)
        postgres.ensure_database(DATABASE)
        self._watch(keeper)
        return postgres.url(DATABASE)

    async def _start_valkey(self, password: str) -> str:
        folder, port = self.settings.folder / "valkey", self.settings.redis_port
        valkey = EmbeddedValkey(folder, port, password=password)
        keeper = self._keeper(valkey, self.servers)
        require_free(port, "REDIS_PORT", "Valkey")
        try:
            await self._bring_up(valkey)
        except Problem as problem:
            # Valkey never holds the only copy, so a damaged file is no reason to stay down.
            self._announce(f"{problem} (its files are removed and made anew)")
            valkey.wipe()
            await self._bring_up(valkey)
        self._watch(keeper)
        return valkey.url

    async def _bring_up(self, server: EmbeddedPostgres | EmbeddedValkey) -> None:
        server.start()
        await until(lambda: server.is_ready or not server.is_running, _SERVER_START_SECONDS)
        server.wait_ready(0)
        self._announce(f"{server.name} is up on port {server.port}.")

    async def _run_step(self, module: str, environment: Mapping[str, str]) -> None:
        name = module.rpartition(".")[2]
        log = self._logs / f"{name}.log"
        log.unlink(missing_ok=True)
        step = self._nursery.start(module, name=name, environment=environment, log=log)
        try:
            await until(lambda: not step.is_alive())
        finally:
            step.kill()
            step.join()
        if step.exitcode != 0:
            raise Problem(f"{module} failed; its log {log} ends with: {last_line(log)}")
        self._announce(f"{module} is done.")

    def _keeper(self, unit: Unit, group: list[Keeper], live: str = "") -> Keeper:
        keeper = Keeper(unit, live=live, announce=self._announce, patience=self._patience)
        group.append(keeper)
        return keeper

    def _watch(self, keeper: Keeper) -> None:
        self._watches.append(asyncio.create_task(keeper.keep()))

    async def _stop_all(self) -> None:
        self._announce("Stopping; press Ctrl-C again to end everything at once.")
        await end(self._watches)
        orderly = asyncio.create_task(self._stop_in_order())
        at_once = asyncio.create_task(self._kill.wait())
        await asyncio.wait({orderly, at_once}, return_when=asyncio.FIRST_COMPLETED)
        await end([at_once])
        if not orderly.done():
            await end([orderly])
            for keeper in (*self.services, *self.servers):
                keeper.unit.kill()
        (self.settings.folder / ENVIRONMENT_FILE).unlink(missing_ok=True)
        self._announce("Sinergi is stopped.")

    async def _stop_in_order(self) -> None:
        """Stop the services first: they still write down what they finish."""
        await asyncio.gather(*(keeper.stop(_SERVICE_STOP_SECONDS) for keeper in self.services))
        for keeper in reversed(self.servers):
            await keeper.stop(_SERVER_STOP_SECONDS)

    def _on_signal(self) -> None:
        if self._stop.is_set():
            self._kill.set()
        self._stop.set()

    def _make_folders(self) -> None:
        own_folder(self.settings.folder, None)
        own_folder(self._logs, None)
        if server_account() is not None:
            # PostgreSQL's own account passes through; the files in it stay unreadable.
            self.settings.folder.chmod(0o711)


def _stop_signals() -> list[signal.Signals]:
    """Leave out the hang-up signal where `nohup` asked to survive it."""
    survives = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if survives else [signal.SIGHUP])]
