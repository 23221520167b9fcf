"""Workers, their duties and absences."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response
from starlette.status import HTTP_201_CREATED

from services.directory.api.dependencies import After, Limit, PasswordsOf, ReadingSession
from services.directory.api.schemas import (
    AbsenceIn,
    AbsenceOut,
    DutyIn,
    EndDutyIn,
    LookupIn,
    NameOut,
    NamesOut,
    WorkerIn,
    WorkerOut,
    WorkerPage,
)
from services.directory.domain.duty import day_of
from services.directory.storage import queries, workers
from services.directory.storage.queries import WorkerFilter
from services.directory.storage.scope import everywhere
from services.directory.use_cases.add_duty import add_duty
from services.directory.use_cases.announce_absence import AnnounceAbsence, announce_absence
from services.directory.use_cases.create_worker import CreateWorker, create_worker
from services.directory.use_cases.end_duty import EndDuty, end_duty
from services.directory.use_cases.worker_scope import visible_duties
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.http import Session, requires
from shared.idempotency import OncePerKey
from shared.policy import Action
from shared.reference.areas import require_known
from shared.reference.pillars import require_pillar

router = APIRouter(prefix="/workers", tags=["workers"])


@router.get("")
async def list_workers(
    *,
    tx: ReadingSession,
    pillar: Annotated[str | None, Query(max_length=40)] = None,
    area: Annotated[str | None, Query(max_length=13)] = None,
    role: Role | None = None,
    active: Annotated[bool, Query(description="false: those who left")] = True,
    after: After = None,
    limit: Limit = 50,
    actor: Annotated[Actor, requires(Action.WORKER_READ)],
) -> WorkerPage:
    """Workers in scope with a duty not yet ended that meets all conditions."""
    wanted = WorkerFilter(
        pillar=pillar and require_pillar(pillar).code,
        area=area and require_known(area),
        role=role,
        active=active,
    )
    today = day_of(tx.now)
    found = await queries.workers_in_scope(
        tx, actor, wanted, today=today, after=after, limit=limit + 1
    )
    page = found[:limit]
    return WorkerPage(
        items=[WorkerOut.listed(worker, today) for worker in page],
        next=page[-1].id if len(found) > limit else None,
    )


@router.get("/{worker_id}")
async def one_worker(
    worker_id: UUID, tx: ReadingSession, actor: Annotated[Actor, requires(Action.WORKER_READ)]
) -> WorkerOut:
    """One worker in scope."""
    worker = await workers.get(tx, worker_id)
    return WorkerOut.of(worker, visible_duties(actor, worker), day_of(tx.now))


@router.post("/lookup")
async def lookup(
    body: LookupIn, tx: Session, _actor: Annotated[Actor, requires(Action.WORKER_READ)]
) -> NamesOut:
    """Names for display, whatever the area: who refers to whom must see whom."""
    async with everywhere(tx):
        names = await queries.names_of(tx, body.ids, day_of(tx.now))
    return NamesOut(
        items=[
            NameOut(id=found.id, name=found.name, pillar=found.pillar, area=found.area)
            for found in names
        ]
    )


@router.post("", status_code=HTTP_201_CREATED, response_model=WorkerOut)
async def create(
    body: WorkerIn,
    once: OncePerKey,
    passwords: PasswordsOf,
    actor: Annotated[Actor, requires(Action.WORKER_MANAGE)],
) -> Response:
    """Take in a new worker with account and duties."""
    if once.replay:
        return once.replay
    today = day_of(once.tx.now)
    command = CreateWorker(
        name=body.name,
        username=body.username,
        password=body.password,
        duties=[duty.held(today) for duty in body.duties],
    )
    worker = await create_worker(command, tx=once.tx, actor=actor, passwords=passwords)
    answer = WorkerOut.of(worker, visible_duties(actor, worker), today)
    return await once.answer(answer, status=HTTP_201_CREATED)


@router.post("/{worker_id}/duties", status_code=HTTP_201_CREATED, response_model=WorkerOut)
async def give_duty(
    worker_id: UUID,
    body: DutyIn,
    once: OncePerKey,
    actor: Annotated[Actor, requires(Action.WORKER_MANAGE)],
) -> Response:
    """Give one duty more; answers the worker."""
    if once.replay:
        return once.replay
    today = day_of(once.tx.now)
    worker = await add_duty(worker_id, body.held(today), tx=once.tx, actor=actor)
    answer = WorkerOut.of(worker, visible_duties(actor, worker), today)
    return await once.answer(answer, status=HTTP_201_CREATED)


@router.post("/{worker_id}/duties/{duty_id}/end", response_model=WorkerOut)
async def end(
    worker_id: UUID,
    duty_id: UUID,
    once: OncePerKey,
    actor: Annotated[Actor, requires(Action.WORKER_MANAGE)],
    body: EndDutyIn | None = None,
) -> Response:
    """End a duty; answers the worker."""
    if once.replay:
        return once.replay
    command = EndDuty(worker_id, duty_id, body.ends_on if body else None)
    worker = await end_duty(command, tx=once.tx, actor=actor)
    answer = WorkerOut.of(worker, visible_duties(actor, worker), day_of(once.tx.now))
    return await once.answer(answer)


@router.post("/{worker_id}/absence", status_code=HTTP_201_CREATED, response_model=AbsenceOut)
async def absence(
    worker_id: UUID,
    body: AbsenceIn,
    once: OncePerKey,
    actor: Annotated[Actor, requires(Action.ABSENCE_ANNOUNCE)],
) -> Response:
    """Announce days of absence, with a stand-in or without."""
    if once.replay:
        return once.replay
    command = AnnounceAbsence(worker_id, body.starts_on, body.ends_on, body.stand_in_id)
    announced = await announce_absence(command, tx=once.tx, actor=actor)
    return await once.answer(AbsenceOut.of(worker_id, announced), status=HTTP_201_CREATED)
