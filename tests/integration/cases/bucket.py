"""A stand-in for an S3-compatible store: one bucket that keeps what it is given."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DELETED = b'<?xml version="1.0" encoding="UTF-8"?><DeleteResult>%b</DeleteResult>'


@dataclass
class Bucket:
    """What it was asked, with the key that signed it, and what it holds."""

    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)


@contextmanager
def running_bucket() -> Iterator[Bucket]:
    """Serve a bucket on a free port."""
    bucket = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(bucket))
    bucket.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()


def _handler(bucket: Bucket) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            bucket.kept[self.path] = self._body()
            self._answer(200)

        def do_GET(self) -> None:
            self._body()
            found = bucket.kept.get(self.path)
            self._answer(404 if found is None else 200, found or b"")

        def do_DELETE(self) -> None:
            self._body()
            bucket.kept.pop(self.path, None)
            self._answer(204)

        def do_POST(self) -> None:
            """Several at once: the keys stand in the body."""
            place = self.path.partition("?")[0].rstrip("/")
            keys = re.findall(rb"<Key>([^<]+)</Key>", self._body())
            for key in keys:
                bucket.kept.pop(f"{place}/{key.decode()}", None)
            said = (b"<Deleted><Key>%b</Key></Deleted>" % key for key in keys)
            self._answer(200, DELETED % b"".join(said))

        def _body(self) -> bytes:
            signed = self.headers.get("Authorization", "")
            bucket.asked.append((f"{self.command} {self.path}", signed))
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", '"1"')
            self.send_header("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            """Quiet."""

    return Handler
