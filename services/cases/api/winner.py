"""Tells the second one who was first, by name."""

from fastapi import Request
from starlette.responses import Response

from services.cases.api.parts import parts
from services.cases.domain.errors import AlreadyAccepted
from shared.problems import problem_response


async def name_the_winner(request: Request, error: Exception) -> Response:
    """Runs after the transaction has ended, so directory can be asked for the holder's name."""
    assert isinstance(error, AlreadyAccepted)
    name = await parts(request).neighbours.name_of_worker(error.holder_id)
    error.extra["holder"]["name"] = name
    return problem_response(error, request.headers.get("accept-language", "id"))
