"""Stand-ins for the two services that cases asks over HTTP, on the addresses it knows them by."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from joserfc.jwk import OKPKey

from tests.fixtures.stack import Stack


@dataclass
class Neighbours:
    """What the stand-ins answer, by path; whatever is missing is 404."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    traces: dict[str, str | None] = field(default_factory=dict)
    """The trace of the last question, by path."""


@contextmanager
def running_neighbours(
    stack: Stack, names: Sequence[str] = ("directory", "registry")
) -> Iterator[Neighbours]:
    """Serve directory's keys, tokens and names, and registry's beneficiaries."""
    public = OKPKey.import_key(stack.key.as_dict(private=False)).as_dict()
    known = Neighbours(
        {
            "/.well-known/jwks.json": {"keys": [public]},
            "/oauth/token": {"access_token": "of-cases", "expires_in": 300},
            "/workers/lookup": {"items": []},
        }
    )
    servers = [
        ThreadingHTTPServer(("127.0.0.1", urlsplit(stack.url_of(name)).port or 0), _handler(known))
        for name in names
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield known
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _handler(known: Neighbours) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._answer()

        def _answer(self) -> None:
            known.asked.append(self.path)
            known.traces[self.path] = self.headers.get("traceparent")
            answer = known.answers.get(self.path)
            body = json.dumps(answer).encode()
            self.send_response(404 if answer is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Nothing: the test's own output is enough."""

    return Handler
