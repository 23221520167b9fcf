"""The routes of registry."""

from typing import Final

from fastapi import APIRouter

from services.registry.api import (
    audit,
    batches,
    beneficiaries,
    exports,
    imports,
    internal,
    lookups,
    merges,
)

ROUTERS: Final[list[APIRouter]] = [
    lookups.router,
    imports.router,
    exports.router,
    beneficiaries.router,
    batches.router,
    merges.router,
    internal.router,
    audit.router,
]
