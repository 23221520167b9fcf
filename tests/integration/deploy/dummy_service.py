"""A service that answers its probe, for tests of the supervisor."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

BEFORE = frozenset(sys.modules)


class Probe(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        # Whether what all services load was there before this one began.
        is_shared = self.path == "/shared" and "shared.process" in BEFORE
        self.send_response(200 if is_shared or self.path == "/health/live" else 404)
        self.end_headers()
        if self.path == "/end":
            # The answer is out before the process ends by itself, without an error.
            os._exit(0)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if os.environ.get("DUMMY_BROKEN"):
    sys.stderr.write("The setting DUMMY_BROKEN is broken.\n")
    sys.exit(2)
if os.environ.get("DUMMY_STUBBORN"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
HTTPServer(("127.0.0.1", int(os.environ["DUMMY_PORT"])), Probe).serve_forever()
