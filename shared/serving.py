"""How an app is run as a process."""

import gc
from typing import Any, Final

import uvicorn

GC_YOUNG_OBJECTS: Final = 50_000
"""How many new objects between two collections; Python's 700 suits programs, not servers."""


def serve(app: Any, *, host: str, port: int) -> None:
    """Run an app until told to stop; uvicorn with uvloop and httptools was measured fastest."""
    # What start-up built lives as long as the process: the collector need not walk it again and
    # again, which cost every tenth request milliseconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_YOUNG_OBJECTS)
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
