"""What the database itself refuses, as problem documents."""

from typing import Final

import asyncpg
from fastapi import FastAPI, Request
from starlette.responses import Response

from shared.errors import Unavailable, UnstorableText
from shared.logging import get_logger
from shared.problems import language_of, problem_response

_BUSY: Final = (
    asyncpg.QueryCanceledError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.TooManyConnectionsError,
)
_UNSTORABLE: Final = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)


def install_database_problem_handlers(app: FastAPI) -> None:
    """Turn what a busy database refuses into 503, and text it cannot hold into 422."""

    async def on_busy(request: Request, error: Exception) -> Response:
        get_logger().warning("database_busy", error=type(error).__name__)
        return problem_response(Unavailable(), language_of(request))

    async def on_unstorable(request: Request, _error: Exception) -> Response:
        return problem_response(UnstorableText(), language_of(request))

    for busy in _BUSY:
        app.add_exception_handler(busy, on_busy)
    for unstorable in _UNSTORABLE:
        app.add_exception_handler(unstorable, on_unstorable)
