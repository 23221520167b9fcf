"""The routes of registry."""

from typing import Final

from fastapi import APIRouter

from services.registry.api import (
    audit,
    batches,
    beneficiaries,
    internal,
    lookups,
    protection,
    requests,
)

ROUTERS: Final[list[APIRouter]] = [
    lookups.router,
    beneficiaries.router,
    batches.router,
    internal.router,
    audit.router,
    protection.router,
    requests.router,
]
