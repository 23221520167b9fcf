"""Sessions of people, opened and traded by portal on their behalf."""

from fastapi import APIRouter
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from services.directory.api.dependencies import (
    BrowserAddress,
    DatabaseOf,
    PasswordsOf,
    Portal,
    SessionToken,
    SigningKey,
    UnscopedSession,
)
from services.directory.api.schemas import (
    DutyOut,
    SessionOut,
    SignInIn,
    TokenWorkerOut,
    WorkerTokenOut,
)
from services.directory.use_cases.close_session import close_session
from services.directory.use_cases.issue_worker_token import LIFETIME_SECONDS, issue_worker_token
from services.directory.use_cases.open_session import OpenSession, open_session
from shared.routes import public

router = APIRouter(prefix="/sessions", tags=["sessions"])


@router.post("", status_code=HTTP_201_CREATED)
async def sign_in(
    body: SignInIn,
    _portal: Portal,
    address: BrowserAddress,
    database: DatabaseOf,
    passwords: PasswordsOf,
) -> SessionOut:
    """Sign a person in."""
    opened = await open_session(
        OpenSession(body.username, body.password, address),
        database=database,
        passwords=passwords,
    )
    return SessionOut(token=opened.token, worker_id=opened.worker_id, expires_at=opened.expires_at)


@router.delete(
    "/current",
    status_code=HTTP_204_NO_CONTENT,
    dependencies=[public("whoever holds the session's token may end it")],
)
async def sign_out(session_token: SessionToken, tx: UnscopedSession) -> None:
    """Sign a person out; repeating it does no harm."""
    await close_session(session_token, tx=tx)


@router.post("/token")
async def trade(
    session_token: SessionToken, _portal: Portal, tx: UnscopedSession, key: SigningKey
) -> WorkerTokenOut:
    """Trade a session for a token of one minute."""
    issued = await issue_worker_token(session_token, tx=tx, key=key)
    return WorkerTokenOut(
        access_token=issued.access_token,
        expires_in=LIFETIME_SECONDS,
        worker=TokenWorkerOut(
            id=issued.worker.id,
            name=issued.worker.name,
            duties=[
                DutyOut.of(duty, issued.today)
                for duty in (*issued.worker.current_duties(issued.today), *issued.lent)
            ],
        ),
    )
