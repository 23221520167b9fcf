"""The routes of registry."""

from typing import Final

from fastapi import APIRouter

from services.registry.api import audit, beneficiaries, internal, lookups

ROUTERS: Final[list[APIRouter]] = [
    lookups.router,
    beneficiaries.router,
    internal.router,
    audit.router,
]
