"""A running Sinergi with a known PSM, TKSK and a thousand people in need, for measuring."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from bench.floor import schema
from services.cases.storage import known
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.contracts.directory import DutyState, WorkerJoined
from shared.database import Database
from tests.fixtures.processes import ROOT, ServiceProcess
from tests.fixtures.stack import Stack, free_port, running_stack

VILLAGE = "35.08.03.2005"
DISTRICT = "35.08.03"
SERVICES = ("directory", "cases", "notifications")


@dataclass
class World:
    """The stack, its processes, and who is in it."""

    stack: Stack
    processes: dict[str, ServiceProcess]
    psm: Actor
    tksk: Actor
    beneficiaries: list[uuid.UUID]
    floor_port: int

    def request(self, number: int) -> tuple[dict[str, str], Any]:
        """One referral by the PSM, for Sinergi and for the floor alike."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        return headers, {
            "beneficiary_id": str(self.beneficiaries[number % len(self.beneficiaries)]),
            "category": "GLD",
            "situation": "HOMELESS",
            "area": VILLAGE,
            "need": "Tidur di emper pasar sejak tiga hari.",
            "legal_basis": "public_task",
        }

    def floor_request(self, number: int) -> tuple[dict[str, str], Any]:
        """The same for the floor, which knows no callers."""
        headers, body = self.request(number)
        people = {"sender_id": str(self.psm.id), "receiver_id": str(self.tksk.id)}
        return {"Idempotency-Key": headers["Idempotency-Key"]}, {**body, **people}

    @property
    def token(self) -> str:
        """The PSM's token."""
        if not hasattr(self, "_token"):
            self._token = self.stack.token(self.psm, minutes=600)
        return self._token

    @contextmanager
    def api_alone(self) -> Iterator[None]:
        """The API of cases in a process of its own, and no message work anywhere."""
        together = [self.processes["cases"], self.processes["notifications"]]
        for process in together:
            process.stop()
        alone = ServiceProcess(
            "services.cases.main",
            together[0].environment,
            self.stack.folder / "cases-api.log",
            together[0].url,
        )
        try:
            alone.start()
            asyncio.run(alone.wait_ready())
            yield
        finally:
            alone.stop()
            for process in together:
                process.start()
            for process in together:
                asyncio.run(process.wait_ready())

    @contextmanager
    def floor(self, *roles: str) -> Iterator[None]:
        """The floor's processes: `app`, `relay`, `consumer`."""
        environment = {
            **os.environ,
            **self.stack.environment,
            "FLOOR_URL": self.stack.owner_url,
        }
        commands = {
            "app": ["-m", "bench.floor.app", str(self.floor_port)],
            "relay": ["-m", "bench.floor.loops", "relay"],
            "consumer": ["-m", "bench.floor.loops", "consumer"],
        }
        running = [
            subprocess.Popen([sys.executable, *commands[role]], cwd=ROOT, env=environment)
            for role in roles
        ]
        try:
            asyncio.run(_answers(self.floor_port)) if "app" in roles else None
            yield
        finally:
            for process in running:
                process.kill()
                process.wait()


async def _answers(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


@contextmanager
def running_world() -> Iterator[World]:
    """Start everything, seed it, stop it at the end."""
    with running_stack() as stack:
        world = World(
            stack=stack,
            processes={
                name: ServiceProcess(
                    f"services.{name}",
                    {**stack.environment, "LOG_LEVEL": "INFO"},
                    stack.folder / f"{name}.log",
                    stack.url_of(name),
                )
                for name in SERVICES
            },
            psm=Actor(uuid.uuid4(), "worker", (Duty("PSM", VILLAGE, Role.WORKER),)),
            tksk=Actor(uuid.uuid4(), "worker", (Duty("TKSK", DISTRICT, Role.WORKER),)),
            beneficiaries=[uuid.uuid4() for _ in range(1000)],
            floor_port=free_port(),
        )
        asyncio.run(_seed(world))
        try:
            for process in world.processes.values():
                process.start()
            for process in world.processes.values():
                asyncio.run(process.wait_ready())
            yield world
        finally:
            for process in world.processes.values():
                process.kill()


async def _seed(world: World) -> None:
    await schema.make(world.stack.owner_url)
    database = Database(world.stack.environment["CASES_WORKER_DATABASE_URL"], pool_size=1)
    async with database.transaction() as tx:
        for actor in (world.psm, world.tksk):
            duties = [
                DutyState(
                    duty_id=uuid.uuid4(),
                    pillar=duty.pillar,
                    area=duty.area,
                    role=duty.role,
                    starts_on=date(2020, 1, 1),
                )
                for duty in actor.duties
            ]
            state = WorkerJoined(worker_id=actor.id, active=True, duties=duties)
            await known.remember_worker(tx, state, 1)
        await tx.fetch(
            "insert into known_beneficiaries select unnest($1::uuid[]), 1, $2, 'C1', null",
            world.beneficiaries,
            VILLAGE,
        )
    await database.close()


async def count(world: World, sql: str, *values: Any) -> int:
    """A number from the database, as its owner."""
    connection = await asyncpg.connect(world.stack.owner_url)
    try:
        number: int = await connection.fetchval(sql, *values)
    finally:
        await connection.close()
    return number
