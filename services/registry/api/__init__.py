"""The routes of registry."""

from typing import Final

from fastapi import APIRouter

from services.registry.api import (
    audit,
    batches,
    beneficiaries,
    categories,
    exports,
    families,
    import_results,
    imports,
    internal,
    lookups,
    merges,
    protection,
    reports,
    requests,
    vulnerability,
)

ROUTERS: Final[list[APIRouter]] = [
    lookups.router,
    imports.router,
    import_results.router,
    exports.router,
    beneficiaries.router,
    batches.router,
    merges.router,
    families.router,
    categories.router,
    internal.router,
    audit.router,
    vulnerability.router,
    protection.router,
    requests.router,
    reports.router,
]
