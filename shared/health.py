"""Probes that tell the truth, and the metrics page."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from shared.errors import Problem

Check = Callable[[], Awaitable[bool]]


def health_routes(checks: Mapping[str, Check], open_to_all: Any) -> APIRouter:
    """Live: the loop turns. Ready: every check holds, each named in the answer."""
    router = APIRouter(tags=["health"], dependencies=[open_to_all])

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        """Answers as long as this process can answer at all."""
        return {"status": "up"}

    @router.get("/health/ready")
    async def ready() -> Response:
        """200 when everything this process needs works, else 503 with what does not."""
        results = {name: await _holds(check) for name, check in checks.items()}
        fine = all(results.values())
        return JSONResponse(
            {
                "status": "ready" if fine else "not ready",
                "checks": {name: "ok" if ok else "failing" for name, ok in results.items()},
            },
            status_code=200 if fine else 503,
        )

    @router.get("/metrics")
    async def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _holds(check: Check) -> bool:
    try:
        return await check()
    except (Problem, OSError):
        return False
