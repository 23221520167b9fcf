"""The routes of registry."""

from typing import Final

from fastapi import APIRouter

from services.registry.api import audit, batches, beneficiaries, internal, lookups, vulnerability

ROUTERS: Final[list[APIRouter]] = [
    lookups.router,
    beneficiaries.router,
    batches.router,
    internal.router,
    audit.router,
    vulnerability.router,
]
