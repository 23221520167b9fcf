"""The caller's own record."""

from typing import Annotated

from fastapi import APIRouter
from starlette.status import HTTP_204_NO_CONTENT

from services.directory.api.dependencies import DatabaseOf, PasswordsOf
from services.directory.api.schemas import AbsenceOut, DutyOut, MeOut, PasswordIn
from services.directory.domain.duty import day_of
from services.directory.storage import workers
from services.directory.use_cases.change_password import ChangePassword, change_password
from shared.auth import Actor
from shared.http import Session, requires
from shared.policy import Action

router = APIRouter(prefix="/me", tags=["me"])


@router.get("")
async def me(tx: Session, actor: Annotated[Actor, requires(Action.ME_READ)]) -> MeOut:
    """Who am I: every duty with its days, in force or not."""
    worker = await workers.get_own(tx, actor.id)
    today = day_of(tx.now)
    return MeOut(
        id=worker.id,
        name=worker.name,
        active=worker.is_active,
        duties=[DutyOut.of(duty, today) for duty in worker.duties],
        absent_until=worker.absent_until(today),
        absences=[AbsenceOut.of(worker.id, absence) for absence in worker.absences],
    )


@router.post("/password", status_code=HTTP_204_NO_CONTENT)
async def password(
    body: PasswordIn,
    database: DatabaseOf,
    passwords: PasswordsOf,
    actor: Annotated[Actor, requires(Action.PASSWORD_CHANGE)],
) -> None:
    """Change my password; every session of mine ends."""
    await change_password(
        ChangePassword(body.current_password, body.new_password),
        actor=actor,
        database=database,
        passwords=passwords,
    )
