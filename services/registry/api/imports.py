"""Lists taken in: uploaded, their columns chosen, checked, taken in, and stopped."""

import asyncio
import hashlib
import re
from dataclasses import replace
from typing import Annotated, BinaryIO, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.registry.api.dependencies import Importer
from services.registry.api.import_shapes import (
    ColumnsIn,
    ImportDetailOut,
    ImportListOut,
    ImportOut,
)
from services.registry.domain.list_import import ImportStatus
from services.registry.storage import imports
from services.registry.storage.import_files import FileUnreadable, opened
from services.registry.storage.import_sources import BATCH, put_away
from services.registry.storage.imports import Import
from services.registry.use_cases.go_through_import import check_import, start_import
from services.registry.use_cases.open_import import open_import
from services.registry.use_cases.stop_import import stop_import
from shared.auth import Actor
from shared.database import Database
from shared.errors import NotFound
from shared.http import ONE_FILE, Session
from shared.idempotency import IdempotencyKey, OncePerKey, claim
from shared.sealed_store import SealedStore

router = APIRouter(prefix="/imports", tags=["imports"])

MAX_BYTES: Final = 32 * 1024 * 1024
UPLOADS: Final = {re.compile(r"/imports"): MAX_BYTES + 64 * 1024}
"""Where larger bodies are taken than elsewhere, and how large."""
LISTED: Final = 20


async def _store(request: Request) -> SealedStore:
    store: SealedStore = request.app.state.import_store
    return store


Store = Annotated[SealedStore, Depends(_store)]


@router.post("", status_code=201, response_model=ImportOut, openapi_extra=ONE_FILE)
async def upload(
    request: Request, actor: Importer, store: Store, idempotency_key: IdempotencyKey = None
) -> Response:
    """Upload a CSV or XLSX list of up to 32 MB; nothing is done with it before it is asked for.

    It is read with no transaction open, and kept sealed outside the database until it is done.
    """
    database: Database = request.app.state.database
    async with request.form(max_files=1, max_fields=0) as form:
        file = _file(form.get("file"))
        sha256, total = await asyncio.to_thread(_measured, file)
        async with database.transaction(actor.row_scope()) as tx:
            first = await claim(tx, actor, idempotency_key, request, body=sha256)
            answer = first.replay
            if answer is None:
                one = await open_import(
                    sha256=sha256, parts=-(-total // BATCH), total=total,
                    status=ImportStatus.RECEIVING, tx=tx, actor=actor,
                )  # fmt: skip
                # What is answered is true once the rows are put away, and else never heard.
                one = replace(one, status=ImportStatus.UPLOADED)
                answer = await first.answer(ImportOut.model_validate(one), status=201)
        # A repeat puts it away once more: perhaps the store was what failed the first time.
        kept = ImportOut.model_validate_json(bytes(answer.body))
        file.seek(0)
        await put_away(store, kept.id, await asyncio.to_thread(opened, file))
        async with database.transaction(actor.row_scope()) as tx:
            await imports.received(tx, kept.id)
    return answer


@router.get("")
async def listed(tx: Session, actor: Importer) -> ImportListOut:
    """The caller's last imports."""
    found = await imports.of(tx, actor, LISTED)
    return ImportListOut(items=[ImportOut.model_validate(one) for one in found])


@router.get("/{import_id}")
async def read(import_id: UUID, request: Request, actor: Importer, store: Store) -> ImportDetailOut:
    """One import of the caller's own."""
    return await ImportDetailOut.read(await own(import_id, request, actor), store)


@router.get("/{import_id}/progress")
async def progress(import_id: UUID, request: Request, actor: Importer) -> ImportOut:
    """How far it is: what a page asks for again and again."""
    return ImportOut.model_validate(await own(import_id, request, actor))


@router.post("/{import_id}/check", response_model=ImportOut)
async def check(import_id: UUID, body: ColumnsIn, actor: Importer, once: OncePerKey) -> Response:
    """Try every line by these columns and say what would become of it; nothing is registered."""
    if once.replay:
        return once.replay
    one = await check_import(import_id, body.to_map(), tx=once.tx, actor=actor)
    return await once.answer(ImportOut.model_validate(one))


@router.post("/{import_id}/start", response_model=ImportOut)
async def start(import_id: UUID, actor: Importer, once: OncePerKey) -> Response:
    """Take in the lines as they were checked last."""
    if once.replay:
        return once.replay
    one = await start_import(import_id, tx=once.tx, actor=actor)
    return await once.answer(ImportOut.model_validate(one))


@router.post("/{import_id}/stop", response_model=ImportOut)
async def stop(import_id: UUID, actor: Importer, once: OncePerKey) -> Response:
    """Go on with no more lines; those taken in stay, and the import is not taken up again."""
    if once.replay:
        return once.replay
    one = await stop_import(import_id, tx=once.tx, actor=actor)
    return await once.answer(ImportOut.model_validate(one))


async def own(import_id: UUID, request: Request, actor: Actor) -> Import:
    """The caller's own import, read in a transaction of its own; raises `NotFound`."""
    database: Database = request.app.state.database
    async with database.transaction(actor.row_scope()) as tx:
        one = await imports.get(tx, import_id)
    if one is None:
        raise NotFound
    return one


def _file(given: UploadFile | str | None) -> BinaryIO:
    if not isinstance(given, UploadFile) or not given.size:
        raise FileUnreadable("Pilih satu berkas CSV atau XLSX.", "/file")
    return given.file


def _measured(file: BinaryIO) -> tuple[bytes, int]:
    """What the file is known again by, and how many lines it has below the names of its columns."""
    sha256 = hashlib.sha256()
    while block := file.read(1024 * 1024):
        sha256.update(block)
    file.seek(0)
    total = sum(1 for _ in opened(file).rows)
    if not total:
        raise FileUnreadable("Tidak ada baris di bawah judul kolom.", "/file")
    return sha256.digest(), total
