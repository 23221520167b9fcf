"""Friendly pages for what can go wrong; the one place that knows which number each answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.portal.forms import page_of, submitted
from services.portal.pages.places import HOME, see
from services.portal.pages.sign_in import ask_again
from services.portal.problems import ClientProblem, CrossSite, NotSignedIn
from services.portal.rendering import page, whole_page
from services.portal.security import SAFE_METHODS
from shared.errors import NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class Words:
    """What a page of failure says."""

    title: str
    text: str
    icon: str = "info"
    retry: bool = False


NOT_FOUND: Final = Words(
    "Tidak ditemukan",
    "Halaman atau data ini tidak ada, atau berada di luar wilayah tugas Anda.",
    "search",
)
FORBIDDEN: Final = Words(
    "Tidak diizinkan", "Tugas Anda tidak mencakup halaman atau tindakan ini.", "shield"
)
CROSS_SITE: Final = Words(
    "Permintaan ditolak",
    "Permintaan ini tidak datang dari halaman Sinergi. Buka kembali halamannya, lalu ulangi.",
    "shield",
)
UNAVAILABLE: Final = Words(
    "Layanan sedang tidak tersedia",
    "Sambungan ke layanan terputus. Tunggu sebentar, lalu coba lagi.",
    "refresh-cw",
    retry=True,
)
TOO_MANY: Final = Words(
    "Terlalu banyak percobaan", "Tunggu sebentar, lalu coba lagi.", "clock", retry=True
)
UNEXPECTED: Final = Words(
    "Terjadi kesalahan di pihak kami",
    "Kesalahan ini sudah tercatat. Coba lagi sebentar.",
    "triangle-alert",
    retry=True,
)
_OF_STATUS: Final = {
    status.HTTP_403_FORBIDDEN: FORBIDDEN,
    status.HTTP_404_NOT_FOUND: NOT_FOUND,
    status.HTTP_405_METHOD_NOT_ALLOWED: NOT_FOUND,
    status.HTTP_429_TOO_MANY_REQUESTS: TOO_MANY,
}


def install(app: FastAPI) -> None:
    """Give every failure of this app its page."""

    async def on_not_signed_in(request: Request, _error: Exception) -> Response:
        if _is_part(request):
            return Response(status_code=status.HTTP_401_UNAUTHORIZED)
        if request.method in SAFE_METHODS:
            if request.url.path == HOME:
                return see("/masuk")
            wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return see(f"/masuk?lanjut={quote(wanted)}")
        form = await submitted(request)
        if form.is_secret:
            return see(f"/masuk?lanjut={page_of(request.url.path)}")
        return await ask_again(request, form)

    async def on_refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, ClientProblem)
        words = _OF_STATUS.get(error.status) or Words(error.title, error.detail or "")
        return await _failure(request, words, error.status)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        words = _OF_STATUS.get(error.status_code, NOT_FOUND)
        return await _failure(request, words, error.status_code)

    async def on_unavailable(request: Request, _error: Exception) -> Response:
        code = status.HTTP_503_SERVICE_UNAVAILABLE
        if request.method in SAFE_METHODS or _is_part(request):
            return await _failure(request, UNAVAILABLE, code)
        form = await submitted(request)
        if form.is_secret:
            return await _failure(request, UNAVAILABLE, code)
        return await page(
            request, "held.html", None, status=code, target=request.url.path, carried=form.values
        )

    app.add_exception_handler(NotSignedIn, on_not_signed_in)
    app.add_exception_handler(Unavailable, on_unavailable)
    app.add_exception_handler(ClientProblem, on_refusal)
    app.add_exception_handler(HTTPException, on_http)
    for error, words, code in (
        (CrossSite, CROSS_SITE, status.HTTP_403_FORBIDDEN),
        (NotFound, NOT_FOUND, status.HTTP_404_NOT_FOUND),
        (RequestValidationError, NOT_FOUND, status.HTTP_404_NOT_FOUND),
    ):
        app.add_exception_handler(error, _always(words, code))


def _always(words: Words, code: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, _error: Exception) -> Response:
        return await _failure(request, words, code)

    return answer


async def _failure(request: Request, words: Words, code: int) -> Response:
    if _is_part(request):
        return Response(status_code=code)
    again = request.url.path if request.method in SAFE_METHODS else HOME
    return await page(request, "failure.html", None, status=code, words=words, again=again)


def unexpected(app: FastAPI) -> Callable[[], Response]:
    """The answer to a fault of ours."""

    def answer() -> Response:
        body = whole_page(app.state.templates, "failure.html", words=UNEXPECTED, again=HOME)
        return HTMLResponse(body, status.HTTP_500_INTERNAL_SERVER_ERROR)

    return answer


def _is_part(request: Request) -> bool:
    """Whether only a part of a page asks; it keeps what it shows rather than show a failure."""
    return request.url.path == "/stream" or "hx-request" in request.headers
