"""Pages from templates: one environment, one shell around every page."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from services.portal import formats, presentation
from services.portal.assets import Assets
from services.portal.clients import Clients
from services.portal.clients.directory import Worker
from services.portal.clients.reference import Option
from services.portal.forms import Form, page_of
from services.portal.navigation import ON_A_PHONE, places_for
from services.portal.problems import ClientProblem, NotSignedIn
from services.portal.security import SAFE_METHODS
from services.portal.sessions import Visitor
from shared.errors import Unavailable
from shared.reference.areas import label_of

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
HTMX_CONFIG: Final = (
    '{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,'
    # A field the worker resized has a style of its own, which htmx would copy against the policy.
    '"historyCacheSize":0,"attributesToSettle":[]}'
)
SPRITE: Final = "vendor/lucide-static-1.62.0/sprite.svg"
OWN_SCRIPT: Final = "portal.js"
LIVE_SCRIPTS: Final = (
    "vendor/htmx.org-2.0.11/htmx.min.js",
    "vendor/htmx-ext-sse-2.2.4/sse.min.js",
)
"""What pages need that change by themselves: those of somebody signed in."""
SCRIPTS: Final = (*LIVE_SCRIPTS, OWN_SCRIPT)


def templates(assets: Assets) -> Environment:
    """The template environment; a name that a page forgot to give is an error, not a blank."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "asset": assets.url,
        "sprite": assets.url(SPRITE),
        "live_scripts": [assets.url(name) for name in LIVE_SCRIPTS],
        "own_script": assets.url(OWN_SCRIPT),
        "htmx_config": HTMX_CONFIG,
        "look": presentation,
        "blank_form": Form,
        "on_a_phone": ON_A_PHONE,
        "next_clock": presentation.next_clock,
    }
    environment.filters |= {
        "number": formats.number,
        "bytes": formats.size,
        "long_date": formats.long_date,
        "moment": formats.moment,
        "full_moment": formats.full_moment,
        "remaining": formats.remaining,
        "ago": formats.ago,
        "span": formats.duration,
        "area": label_of,
        "pillar": presentation.pillar_name,
        "pairs": _pairs,
    }
    return environment


def _pairs(options: Iterable[Option]) -> list[tuple[str, str]]:
    """Options as a choice field takes them."""
    return [(option.code, option.label) for option in options]


def fragment(request: Request, template: str, **context: Any) -> HTMLResponse:
    """A part of a page, for htmx to put in place."""
    environment: Environment = request.app.state.templates
    body = environment.get_template(template).render(now=datetime.now(UTC), **context)
    return HTMLResponse(body)


async def page(
    request: Request,
    template: str,
    visitor: Visitor | None,
    *,
    status: int = 200,
    active: str = "",
    **context: Any,
) -> HTMLResponse:
    """A whole page inside the shell, with the visitor's unread count."""
    unread = await unread_count(request.app.state.clients, visitor) if visitor else None
    body = whole_page(
        request.app.state.templates,
        template,
        visitor,
        # The address of an answer to a form would send the form again.
        own_address=None if request.method in SAFE_METHODS else page_of(request.url.path),
        unread=unread,
        active=active,
        **context,
    )
    return HTMLResponse(body, status)


def whole_page(
    environment: Environment,
    template: str,
    visitor: Visitor | None = None,
    *,
    own_address: str | None = None,
    unread: int | None = None,
    active: str = "",
    **context: Any,
) -> str:
    """A template inside the shell; `own_address` is the page's own where the browser's is not."""
    return environment.get_template(template).render(
        now=datetime.now(UTC),
        visitor=visitor,
        places=places_for(visitor.worker) if visitor else (),
        own_address=own_address,
        unread=unread,
        active=active,
        **context,
    )


async def unread_count(clients: Clients, visitor: Visitor) -> int | None:
    """How many notices wait; None when that cannot be said now, for a page works without it."""
    try:
        return await clients.notifications.unread(visitor.token)
    except (ClientProblem, NotSignedIn, Unavailable):
        return None


async def worker_names(clients: Clients, visitor: Visitor, ids: set[UUID]) -> Mapping[UUID, Worker]:
    """Names of workers for a page; without directory the page still shows, with fewer names."""
    known = {visitor.worker.id: visitor.worker}
    try:
        return known | await clients.directory.workers_named(visitor.token, ids - known.keys())
    except (ClientProblem, Unavailable):
        return known


async def beneficiary_names(
    clients: Clients, visitor: Visitor, ids: set[UUID]
) -> Mapping[UUID, str]:
    """Display names of beneficiaries for a page; those out of scope or reach are missing."""
    try:
        found = await clients.registry.named(visitor.token, ids)
    except (ClientProblem, Unavailable):
        return {}
    return {key: one.name for key, one in found.items()}
