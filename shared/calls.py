"""The client with which one process of ours calls another."""

import functools
import ssl
from typing import Any, Final

import httpx2

SECONDS: Final = 5.0


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The authorities of this machine: reading them takes longer than most of our answers."""
    return httpx2.create_ssl_context(trust_env=False)


def client(*, timeout: float | httpx2.Timeout = SECONDS, **options: Any) -> httpx2.AsyncClient:
    """A client that takes nothing from the environment; `options` are those of `httpx2`."""
    return httpx2.AsyncClient(timeout=timeout, trust_env=False, verify=_trusted(), **options)
