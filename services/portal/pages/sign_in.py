"""Signing in and out."""

from typing import Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients.directory import NewSession
from services.portal.drafts import Drafts, KeptDrafts
from services.portal.forms import Filled, Form
from services.portal.navigation import places_for
from services.portal.pages.places import HOME, local, see
from services.portal.problems import ClientProblem, NotSignedIn
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SessionCookie, Sessions, SignedIn
from shared.errors import Unavailable
from shared.ids import new_id
from shared.logging import get_logger
from shared.routes import public

router = page_router()

RESUME_PREFIX: Final = "r."
"""Hidden fields of the sign-in form that carry a form interrupted by the end of a session."""

_SITE_DATA: Final = '"cache", "cookies", "storage"'


@router.get("/")
async def home(visitor: SignedIn) -> Response:
    """Where a visitor's day begins."""
    return see(places_for(visitor.worker)[0].address)


@router.get("/masuk", dependencies=[public("here nobody is anybody yet")])
async def show(
    request: Request, lanjut: str = HOME, *, keluar: bool = False, sandi: str = ""
) -> Response:
    """The sign-in page."""
    form = Form({"lanjut": [local(lanjut) or HOME]})
    said = "Anda sudah keluar." if keluar else ""
    if sandi:
        said = "Kata sandi sudah diganti. Masuk dengan kata sandi yang baru."
    return await _page(request, form, said=said)


@router.post("/masuk", dependencies=[public("the password proves who it is")])
async def sign_in(
    request: Request,
    form: Filled,
    clients: Services,
    drafts: KeptDrafts,
) -> Response:
    """Open a session and go on to where the visitor wanted to be."""
    form.require("username", "Isi nama pengguna.")
    form.require("password", "Isi kata sandi.")
    if form.errors:
        return await _page(request, form, code=status.HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        session = await clients.directory.open_session(
            form.get("username"),
            form.raw("password"),
            address=request.client.host if request.client else None,
        )
    except NotSignedIn as refused:
        form.alert = refused.title
        return await _page(request, form, code=status.HTTP_401_UNAUTHORIZED)
    except Unavailable:
        form.alert = "Layanan masuk sedang tidak menjawab. Coba lagi sebentar."
        return await _page(request, form, code=status.HTTP_503_SERVICE_UNAVAILABLE)
    except ClientProblem as problem:
        if problem.status == status.HTTP_429_TOO_MANY_REQUESTS:
            form.alert = "Terlalu banyak percobaan. Tunggu beberapa menit, lalu coba lagi."
            return await _page(request, form, code=problem.status)
        form.refuse(problem)
        return await _page(request, form, code=problem.status)
    answer = await _after(request, form, session, drafts)
    cookie: SessionCookie = request.app.state.cookie
    cookie.write(answer, session.token, session.expires_at)
    return answer


@router.get("/lanjutkan/{draft_id}")
async def resume(
    request: Request, visitor: SignedIn, drafts: KeptDrafts, draft_id: UUID
) -> Response:
    """A form that the end of a session interrupted, ready to be sent."""
    kept = drafts.find(request, _place_of(draft_id), visitor.worker.id)
    if kept is None:
        return see(HOME)
    return await page(request, "resume.html", None, **kept)


@router.post("/keluar", dependencies=[public("without a session there is none to end")])
async def sign_out(request: Request) -> Response:
    """End the session here and at directory, and empty the browser of it."""
    cookie: SessionCookie = request.app.state.cookie
    sessions: Sessions = request.app.state.sessions
    token = cookie.read(request)
    if token:
        try:
            await sessions.end(token)
        except (ClientProblem, NotSignedIn):
            get_logger().info("session_was_over")
        except Unavailable:
            # The browser forgets it all the same; directory ends it when it expires.
            get_logger().warning("session_not_ended_at_directory")
    answer = see("/masuk?keluar=true")
    cookie.delete(answer)
    answer.headers["Clear-Site-Data"] = _SITE_DATA
    return answer


async def ask_again(request: Request, form: Form) -> Response:
    """The sign-in page for a form that came after its session ended; the form travels along."""
    carried = {
        RESUME_PREFIX + name: values
        for name, values in form.values.items()
        if not name.startswith(RESUME_PREFIX)
    }
    kept = Form({**carried, "lanjut": [request.url.path]})
    kept.alert = "Sesi Anda sudah berakhir. Masuk lagi; isian Anda tetap tersimpan di sini."
    return await _page(request, kept, code=status.HTTP_401_UNAUTHORIZED)


def _place_of(draft_id: UUID) -> str:
    return f"/lanjutkan/{draft_id}"


async def _after(request: Request, form: Form, session: NewSession, drafts: Drafts) -> Response:
    target = local(form.get("lanjut")) or HOME
    carried = {
        name.removeprefix(RESUME_PREFIX): values
        for name, values in form.values.items()
        if name.startswith(RESUME_PREFIX)
    }
    if not carried:
        return see(target)
    # Phones are shared: what one worker typed is never shown to the next.
    if carried.get("_owner") != (str(session.worker_id),):
        return see(HOME)
    place = _place_of(new_id())
    answer = see(place)
    if drafts.keep(answer, place, session.worker_id, {"target": target, "carried": carried}):
        return answer
    return await page(request, "resume.html", None, target=target, carried=carried)


async def _page(
    request: Request, form: Form, *, code: int = status.HTTP_200_OK, said: str = ""
) -> Response:
    carried = {
        name: values for name, values in form.values.items() if name.startswith(RESUME_PREFIX)
    }
    return await page(
        request,
        "sign_in.html",
        None,
        status=code,
        form=form,
        carried=carried,
        said=said,
    )
