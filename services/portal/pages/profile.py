"""Profil: who the visitor is, what they may do, and their password."""

from typing import Final

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.forms import Filled, Form
from services.portal.navigation import abilities_of
from services.portal.pages.places import see
from services.portal.problems import ClientProblem, FieldError
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SessionCookie, Sessions, SignedIn, Visitor
from shared.errors import Unavailable

router = page_router()

LONGEST_PASSWORD: Final = 128


@router.get("/profil")
async def show(request: Request, visitor: SignedIn, clients: Services) -> Response:
    """Name, duties, what they allow, and the form for another password."""
    return await _page(request, clients, visitor, Form())


@router.post("/profil/sandi")
async def change_password(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
) -> Response:
    """Change the password; the visitor signs in anew with it, here and everywhere."""
    for name in ("current_password", "new_password", "repeated_password"):
        if not form.raw(name):
            form.add(FieldError(name, "Wajib diisi."))
    if form.raw("new_password") != form.raw("repeated_password"):
        form.add(FieldError("repeated_password", "Tidak sama dengan kata sandi baru."))
    if form.errors:
        return await _page(request, clients, visitor, form)
    try:
        await clients.directory.change_password(
            visitor.token, current=form.raw("current_password"), new=form.raw("new_password")
        )
    except ClientProblem as problem:
        form.refuse(problem)
        return await _page(request, clients, visitor, form)
    except Unavailable:
        form.alert = "Layanan sedang tidak menjawab. Kata sandi belum tentu berganti."
        form.code = status.HTTP_503_SERVICE_UNAVAILABLE
        return await _page(request, clients, visitor, form)
    return _signed_out(request)


def _signed_out(request: Request) -> Response:
    """Directory has ended every session of the worker; the portal and the browser forget this."""
    cookie: SessionCookie = request.app.state.cookie
    sessions: Sessions = request.app.state.sessions
    if token := cookie.read(request):
        sessions.forget(token)
    answer = see("/masuk?sandi=baru")
    cookie.delete(answer)
    return answer


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    form: Form,
) -> Response:
    return await page(
        request,
        "profile.html",
        visitor,
        status=form.code,
        active="profil",
        form=form,
        profile=await clients.directory.me(visitor.token),
        abilities=abilities_of(visitor.worker),
        longest=LONGEST_PASSWORD,
    )
