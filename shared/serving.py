"""How an app is run as a process."""

from typing import Any

import uvicorn

from shared.garbage import settle


def serve(app: Any, *, host: str, port: int) -> None:
    """Run an app until told to stop; uvicorn with uvloop and httptools was measured fastest."""
    settle()
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        backlog=2048,
    )
