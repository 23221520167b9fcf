"""Asks a service of this container whether it is ready; the exit code is the answer."""

import sys
from http.client import HTTPConnection, HTTPException

_SECONDS = 3.0


def main(arguments: list[str]) -> int:
    """Return 0 if the service on the given port says that it is ready."""
    connection = HTTPConnection("127.0.0.1", int(arguments[0]), timeout=_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return 0 if connection.getresponse().status == 200 else 1  # noqa: PLR2004 - HTTP's "OK"
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
