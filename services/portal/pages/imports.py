"""Impor and unduh: lists of people brought in from a file, and taken away as one."""

import re
from collections.abc import AsyncIterator, Awaitable
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request, status
from starlette.responses import Response, StreamingResponse

from services.portal.clients import Clients
from services.portal.clients.imports import LINES_SHOWN, ImportDetail
from services.portal.forms import Filled, Form, files_in
from services.portal.pages.area_choices import areas_of
from services.portal.pages.places import see
from services.portal.problems import ClientProblem, FieldError
from services.portal.rendering import fragment, page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import Unavailable
from shared.sheets import MEDIA

router = page_router()

HERE: Final = "/warga/impor"
UPLOADS: Final = {re.compile(HERE): 32 * 1024 * 1024 + 128 * 1024}
"""Where forms may carry a list, and what it may weigh."""
STATUSES: Final = {
    "receiving": "belum diterima lengkap",
    "uploaded": "menunggu diperiksa",
    "checking": "sedang diperiksa",
    "checked": "sudah diperiksa",
    "running": "sedang diimpor",
    "done": "selesai",
    "stopped": "dihentikan",
    "failed": "gagal",
}
LINES: Final = {
    "created": ("dicatat", "akan dicatat"),
    "matched": ("sudah tercatat", "sudah tercatat"),
    "similar": ("perlu diperiksa", "perlu diperiksa"),
    "refused": ("ditolak", "akan ditolak"),
    "skipped": ("dilewati", "dilewati"),
}
"""What became of lines, and what would become of them."""
_OVER: Final = frozenset({"done", "stopped", "failed"})
CHOOSE_AGAIN: Final = (
    "Layanan sedang tidak menjawab. Pilih berkasnya lagi, lalu unggah; daftar ini tidak akan masuk "
    "dua kali."
)
_COLUMN: Final = re.compile(r"kolom-(\d{1,3})")


@router.get("/warga/unduh")
async def export(
    visitor: SignedIn,
    clients: Services,
    bentuk: str = "xlsx",
    wilayah: Annotated[str, Query(max_length=13)] = "",
    kategori: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The people in the visitor's scope as a sheet; registry audits it person by person."""
    kind = _kind(bentuk)
    narrowed = {"area": wilayah, "category": kategori}
    given = {name: value for name, value in narrowed.items() if value}
    return await _file("warga", kind, clients.imports.export(visitor.token, kind, given))


@router.get(HERE)
async def show(request: Request, visitor: SignedIn, clients: Services) -> Response:
    """The form for a list, and the visitor's last ones."""
    return await _begin_page(request, clients, visitor, Form())


@router.post(HERE)
async def upload(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
) -> Response:
    """Upload a list and go on to its columns."""
    chosen = await files_in(request, "file")
    if not chosen:
        form.add(FieldError("file", "Pilih satu berkas CSV atau XLSX."))
        return await _begin_page(request, clients, visitor, form)
    try:
        file = (chosen[0].filename or "daftar", chosen[0].file)
        made = await clients.imports.upload(visitor.token, file, key=form.key)
    except ClientProblem as problem:
        form.refuse(problem)
        return await _begin_page(request, clients, visitor, form)
    except Unavailable:
        # No page can carry a file on, so that this one must say that it has to be chosen again.
        form.alert = CHOOSE_AGAIN
        form.code = status.HTTP_503_SERVICE_UNAVAILABLE
        return await _begin_page(request, clients, visitor, form)
    return see(_place_of(made.id))


@router.get(HERE + "/{import_id}")
async def show_one(
    request: Request, visitor: SignedIn, clients: Services, import_id: UUID
) -> Response:
    """What there is to do with a list now: choose, wait, look, or take the result."""
    one = await clients.imports.get(visitor.token, import_id)
    return await _one_page(request, clients, visitor, one, _form_of(one))


@router.get(HERE + "/{import_id}/bagian")
async def show_progress(
    request: Request, visitor: SignedIn, clients: Services, import_id: UUID
) -> Response:
    """How far it is, for a page that asks again; the whole page once it is through."""
    one = await clients.imports.progress(visitor.token, import_id)
    answer = fragment(request, "parts/import_progress.html", one=one, statuses=STATUSES)
    if not one.is_under_way:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post(HERE + "/{import_id}/periksa")
async def check(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    import_id: UUID,
) -> Response:
    """Let every line be tried by the columns chosen."""
    try:
        await clients.imports.check(visitor.token, import_id, _body(form), key=form.key)
    except ClientProblem as problem:
        one = await clients.imports.get(visitor.token, import_id)
        form.refuse(problem)
        return await _one_page(request, clients, visitor, one, form)
    return see(_place_of(import_id))


@router.post(HERE + "/{import_id}/mulai")
async def start(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    import_id: UUID,
) -> Response:
    """Take the lines in."""
    step = clients.imports.start(visitor.token, import_id, key=form.key)
    return await _after(step, request, clients, visitor, import_id)


@router.post(HERE + "/{import_id}/hentikan")
async def stop(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    import_id: UUID,
) -> Response:
    """Read no more lines; where it came too late, the page says so."""
    step = clients.imports.stop(visitor.token, import_id, key=form.key)
    return await _after(step, request, clients, visitor, import_id)


@router.get(HERE + "/{import_id}/hasil")
async def result(
    visitor: SignedIn, clients: Services, import_id: UUID, bentuk: str = "csv"
) -> Response:
    """What became of every line, as a file."""
    kind = _kind(bentuk)
    return await _file("hasil-impor", kind, clients.imports.result(visitor.token, import_id, kind))


async def _after(
    step: Awaitable[object], request: Request, clients: Clients, visitor: Visitor, import_id: UUID
) -> Response:
    """The list once the step was taken, or with why it was not."""
    try:
        await step
    except ClientProblem as problem:
        one = await clients.imports.get(visitor.token, import_id)
        form = _form_of(one)
        form.refuse(problem)
        return await _one_page(request, clients, visitor, one, form)
    return see(_place_of(import_id))


def _place_of(import_id: UUID) -> str:
    return f"{HERE}/{import_id}"


def _kind(wanted: str) -> str:
    return wanted if wanted in MEDIA else "xlsx"


async def _file(name: str, kind: str, chunks: AsyncIterator[bytes]) -> Response:
    # Asked for before the answer begins, so that a refusal is still told as one.
    first = await anext(chunks, b"")

    async def onward() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(onward(), media_type=MEDIA[kind], headers=headers)


def _form_of(one: ImportDetail) -> Form:
    """The form as the columns are chosen or guessed now."""
    columns = {f"kolom-{column.place}": [column.field or ""] for column in one.columns}
    return Form(
        {
            **columns,
            "area": [one.area or ""],
            "category": [one.category or ""],
            "kind": [one.kind],
            "legal_basis": [one.legal_basis],
            "accept_lookalikes": ["ya"] if one.accept_lookalikes else [],
        }
    )


def _body(form: Form) -> dict[str, Any]:
    """The columns as registry takes them; of two for one field the first counts."""
    columns: dict[str, int] = {}
    for name in form.values:
        found = _COLUMN.fullmatch(name)
        if found and form.get(name):
            columns.setdefault(form.get(name), int(found[1]))
    return {
        "columns": columns,
        "area": form.get("area") or None,
        "category": form.get("category") or None,
        "kind": form.get("kind") or "person",
        "legal_basis": form.get("legal_basis") or "public_task",
        "accept_lookalikes": bool(form.get("accept_lookalikes")),
    }


async def _begin_page(request: Request, clients: Clients, visitor: Visitor, form: Form) -> Response:
    try:
        last = await clients.imports.mine(visitor.token)
    except Unavailable:
        if form.alert is None:
            raise
        last = []
    return await page(
        request,
        "imports.html",
        visitor,
        status=form.code,
        active="warga",
        form=form,
        imports=last,
        over=_OVER,
        statuses=STATUSES,
    )


async def _one_page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    one: ImportDetail,
    form: Form,
) -> Response:
    looked_at = one.status in {"checked", *_OVER}
    odd = []
    for kind in ("refused", "similar") if looked_at else ():
        odd += await clients.imports.lines(visitor.token, one.id, status=kind)
    noted = []
    if looked_at and one.counts["created"]:
        noted = await clients.imports.lines(visitor.token, one.id, status="created", noted=True)
    return await page(
        request,
        "import.html",
        visitor,
        status=form.code,
        active="warga",
        form=form,
        one=one,
        odd=odd,
        noted=noted,
        is_cut=len(noted) == LINES_SHOWN,
        statuses=STATUSES,
        over=_OVER,
        kinds=LINES,
        fields=list(one.fields.items()),
        areas=areas_of(visitor.worker.duties),
        reference=await clients.cases.reference(visitor.token),
    )
