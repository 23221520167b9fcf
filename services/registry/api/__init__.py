"""The routes of registry."""

from typing import Final

from fastapi import APIRouter

from services.registry.api import (
    audit,
    batches,
    beneficiaries,
    internal,
    lookups,
    merges,
    vulnerability,
)

ROUTERS: Final[list[APIRouter]] = [
    lookups.router,
    beneficiaries.router,
    batches.router,
    merges.router,
    internal.router,
    audit.router,
    vulnerability.router,
]
