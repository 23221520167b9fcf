"""The smallest question one can ask a service: are you alive?"""

import asyncio
from contextlib import suppress

from deploy.embedded.ports import LOOPBACK

_SECONDS = 2.0


async def answers_ok(port: int, path: str) -> bool:
    """Say whether a GET on this port of the loopback address is answered with 200 in time."""
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                request = f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n\r\n"
                writer.write(request.encode("ascii"))
                status_line = await reader.readline()
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError, ValueError):
        return False
    return status_line.split()[1:2] == [b"200"]
