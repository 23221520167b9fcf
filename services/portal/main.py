"""The HTTP process of the portal."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import APIRouter, FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

from services.portal import failures
from services.portal.assets import Assets, answer
from services.portal.boundaries import Boundaries
from services.portal.clients import connect
from services.portal.drafts import Drafts
from services.portal.pages import PAGES, attachments, imports
from services.portal.rendering import templates
from services.portal.routes import require_protection
from services.portal.security import SecurityHeaders
from services.portal.sessions import SessionCookie, Sessions, needs_sign_in
from services.portal.settings import Settings
from shared.auth import ServiceToken
from shared.health import health_routes
from shared.logging import configure_logging
from shared.middleware import RequestMiddleware
from shared.routes import give_routes, public, routes_of
from shared.serving import serve
from shared.settings import CommonSettings, read

SERVICE = "portal"


def build(settings: Settings, common: CommonSettings) -> FastAPI:
    """The app of this process; raises if a page declares no permission or has no protection."""
    own_token = ServiceToken(common.directory_url, SERVICE, settings.client_secret)
    clients = connect(common, own_token)
    assets = Assets()
    boundaries = Boundaries(assets, settings.map_folder)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await clients.close()

    app = FastAPI(
        title="Sinergi portal",
        lifespan=lifespan,
        # Its readers are people; and the generated pages would need scripts from elsewhere.
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.clients = clients
    app.state.sessions = Sessions(clients.directory)
    app.state.cookie = SessionCookie(settings.secure_cookie)
    app.state.drafts = Drafts(settings.client_secret, secure=settings.secure_cookie)
    app.state.templates = templates(assets)
    app.state.boundaries = boundaries
    checks = {"directory": clients.directory.service.answers}
    probes = health_routes(checks, public("probes carry no data"))
    give_routes(app, *PAGES, probes, _files(assets, boundaries))
    for route in routes_of(app):
        needs_sign_in(route)
        require_protection(route)
    failures.install(app)
    app.add_middleware(GZipMiddleware, compresslevel=6)
    app.add_middleware(
        RequestMiddleware,
        service=SERVICE,
        unexpected=failures.unexpected(app),
        uploads=attachments.UPLOADS | imports.UPLOADS,
    )
    app.add_middleware(SecurityHeaders, secure=settings.secure_cookie)
    return app


def _files(assets: Assets, boundaries: Boundaries) -> APIRouter:
    async def serve(request: Request) -> Response:
        """A file of ours, or imported boundaries."""
        url = request.url.path
        return answer(request, assets.at(url) or boundaries.at(url))

    router = APIRouter(dependencies=[public("the portal's own files are the same for everybody")])
    for method in ("GET", "HEAD"):
        router.add_api_route("/static/{file:path}", serve, methods=[method])
    return router


def main() -> None:
    """Serve the pages."""
    settings, common = read(Settings), read(CommonSettings)
    configure_logging(SERVICE, common.log_level)
    serve(build(settings, common), host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
