"""One connection to one service: time-outs, ids and problems in one place."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, BinaryIO, Final
from uuid import UUID

import httpx2
import orjson

from services.portal.problems import NotSignedIn, problem_of
from shared import calls
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.tracing import trace_header

_UNAUTHENTICATED: Final = 401
_FAULTS: Final = 500
_REFUSALS: Final = 400
_LOOKUP_LIMIT: Final = 100
# Shorter than the services keep an idle connection, so that none is reused while it closes.
_LIMITS: Final = httpx2.Limits(
    max_connections=200, max_keepalive_connections=50, keepalive_expiry=2.0
)
# The stream brings a heartbeat every 20 seconds; silence for longer means it is gone.
# A file is sent, cleaned and stored before the answer comes.
_UPLOAD_TIMEOUT: Final = httpx2.Timeout(calls.SECONDS, read=60.0, write=60.0)
_STREAM_TIMEOUT: Final = httpx2.Timeout(calls.SECONDS, read=60.0)


class Service:
    """Calls one service over HTTP and turns its refusals into `ClientProblem`."""

    def __init__(self, name: str, base_url: str) -> None:
        self.name = name
        self._http = calls.client(
            base_url=base_url,
            limits=_LIMITS,
            headers={"Accept-Language": "id"},
        )

    async def get(self, path: str, token: str, **params: Any) -> Any:
        """The JSON answer to a read; parameters that are None are left out."""
        given = {key: value for key, value in params.items() if value is not None}
        return await self._call("GET", path, bearer(token), params=given)

    async def post(
        self, path: str, token: str, body: Mapping[str, Any], *, key: str | None = None
    ) -> Any:
        """The JSON answer to a write; `key` makes a repeat of it harmless."""
        headers = bearer(token) | ({"Idempotency-Key": key} if key else {})
        return await self._call("POST", path, headers, json=dict(body))

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None
    ) -> Any:
        """The JSON answer to a call that carries its own headers."""
        return await self._call(method, path, headers, json=body)

    async def upload(self, path: str, token: str, file: tuple[str, BinaryIO], *, key: str) -> Any:
        """The JSON answer to a file with its name, sent as it is read from the disk."""
        headers = bearer(token) | {"Idempotency-Key": key}
        files = {"file": file}
        return await self._call("POST", path, headers, files=files, timeout=_UPLOAD_TIMEOUT)

    async def file(self, path: str, token: str) -> httpx2.Response:
        """A whole answer that is a file, with its headers."""
        return await self._answer("GET", path, bearer(token))

    async def answers(self) -> bool:
        """Whether the service is alive."""
        await self._call("GET", "/health/live", {})
        return True

    async def stream(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
        """An answer's bytes as they come; raises like any other call, at its end too."""
        request = self._http.build_request(
            "GET", path, headers={**headers, **trace_header()}, timeout=_STREAM_TIMEOUT
        )
        try:
            answer = await self._http.send(request, stream=True)
            try:
                if answer.status_code >= _REFUSALS:
                    await answer.aread()
                    self._refuse(answer)
                async for chunk in answer.aiter_bytes():
                    yield chunk
            finally:
                await answer.aclose()
        except httpx2.TransportError as error:
            raise Unavailable(f"{self.name} does not answer") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str], **content: Any
    ) -> Any:
        answer = await self._answer(method, path, headers, **content)
        return orjson.loads(answer.content) if answer.content else None

    async def _answer(
        self, method: str, path: str, headers: Mapping[str, str], **content: Any
    ) -> httpx2.Response:
        try:
            answer = await self._http.request(
                method, path, headers={**headers, **trace_header()}, **content
            )
        except httpx2.TransportError as error:
            get_logger().warning(
                "service_unreachable", target=self.name, error=type(error).__name__
            )
            raise Unavailable(f"{self.name} does not answer") from error
        if answer.status_code >= _REFUSALS:
            self._refuse(answer)
        return answer

    def _refuse(self, answer: httpx2.Response) -> None:
        if answer.status_code >= _FAULTS:
            get_logger().warning("service_failed", target=self.name, status=answer.status_code)
            raise Unavailable(f"{self.name} does not answer")
        try:
            body = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            body = None
        problem = problem_of(answer.status_code, body)
        if answer.status_code == _UNAUTHENTICATED:
            raise NotSignedIn(problem.title)
        raise problem


def batches(ids: Iterable[UUID]) -> list[list[str]]:
    """Ids in batches as large as the services look up at once."""
    wanted = [str(one) for one in sorted(set(ids))]
    return [wanted[n : n + _LOOKUP_LIMIT] for n in range(0, len(wanted), _LOOKUP_LIMIT)]


def bearer(token: str) -> dict[str, str]:
    """The header that carries a visitor's token."""
    return {"Authorization": f"Bearer {token}"}
