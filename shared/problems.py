"""Errors as RFC 9457 problem documents; the one place that knows HTTP's numbers."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.errors import (
    Invalid,
    Kind,
    NotFound,
    Problem,
    RuleViolated,
    TooLarge,
)
from shared.logging import get_logger
from shared.tracing import current_traceparent, request_id, trace_id

STATUS_OF: Final[Mapping[Kind, int]] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.RULE_VIOLATED: 422,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}
_HEADERS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.UNAUTHENTICATED: {"WWW-Authenticate": "Bearer"},
    Kind.UNAVAILABLE: {"Retry-After": "2"},
    Kind.TOO_MANY: {"Retry-After": "30"},
}


class MalformedInput(RuleViolated):
    """The request's shape is wrong; `errors` points at each place."""

    code = "invalid-input"
    title = "Isian tidak sesuai"
    title_en = "The input does not fit"


def problem_response(problem: Problem, language: str = "id") -> Response:
    """The problem document of an expected error."""
    body: dict[str, Any] = {
        "type": f"urn:sinergi:problem:{problem.code}",
        "title": problem.title_en if language.startswith("en") else problem.title,
        "status": STATUS_OF[problem.kind],
    }
    if problem.detail:
        body["detail"] = problem.detail
    reserved = {"type", "title", "status", "detail"}
    body.update({key: value for key, value in problem.extra.items() if key not in reserved})
    return _document(body, STATUS_OF[problem.kind], _HEADERS.get(problem.kind))


def install_problem_handlers(app: FastAPI) -> None:
    """Turn every error of this app into a problem document."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        if error.kind in {Kind.UNAUTHENTICATED, Kind.FORBIDDEN}:
            get_logger().warning("refused", code=error.code, path=_route_of(request))
        return problem_response(error, language_of(request))

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problem = MalformedInput(errors=[_pointed(item) for item in error.errors()])
        return problem_response(problem, language_of(request))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == STATUS_OF[Kind.NOT_FOUND]:
            return problem_response(NotFound(), language_of(request))
        if error.status_code == STATUS_OF[Kind.INVALID]:
            return problem_response(Invalid(), language_of(request))
        if error.status_code == STATUS_OF[Kind.TOO_LARGE]:
            return problem_response(TooLarge(), language_of(request))
        body = {"type": "about:blank", "title": error.detail, "status": error.status_code}
        return _document(body, error.status_code, error.headers)

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)


def faults_of(error: ValidationError) -> list[dict[str, str]]:
    """What a model refused of one part of a body, each with its JSON pointer within that part."""
    return [_pointed({**item, "loc": ("body", *item["loc"])}) for item in error.errors()]


def unexpected_response() -> Response:
    """The answer to a fault of ours: nothing but the ids to find it in the logs."""
    body = {
        "type": "urn:sinergi:problem:internal",
        "title": "Terjadi kesalahan di pihak kami",
        "status": 500,
        "request_id": request_id.get(),
        "trace_id": trace_id(current_traceparent()),
    }
    return _document(body, 500, None)


def _document(body: Mapping[str, Any], status: int, headers: Mapping[str, str] | None) -> Response:
    return Response(
        orjson.dumps(body, default=str),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


def _pointed(item: Mapping[str, Any]) -> dict[str, str]:
    """One fault with its JSON pointer; the value itself is never repeated."""
    where, *path = item["loc"]
    if item["type"] == "json_invalid":
        # Its location is a byte of the text, not a member: the fault is the whole body's.
        path = []
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return {"pointer": pointer, "in": str(where), "code": item["type"], "detail": item["msg"]}


def language_of(request: Request) -> str:
    """What the caller would like to read."""
    return request.headers.get("accept-language", "id")


def _route_of(request: Request) -> str:
    """The route's template: a path itself may hold an id typed by a person."""
    route = request.scope.get("route")
    return getattr(route, "path", "unmatched")
