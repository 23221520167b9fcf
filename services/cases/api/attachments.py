"""Pictures and documents that go with notes."""

import asyncio
import re
from typing import Final, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.cases.api.parts import Parts, parts
from services.cases.domain.attachments import (
    JPEG,
    MAX_BYTES,
    PDF,
    Attachment,
    FileRefused,
    FileTooLarge,
)
from services.cases.storage.cleaning import Cleaned, clean
from services.cases.use_cases import attach_file, read_attachment
from services.cases.use_cases.attach_file import attachable
from shared.auth import Actor
from shared.database import Database
from shared.errors import NotFound
from shared.http import ONE_FILE, requires
from shared.idempotency import IdempotencyKey, claim
from shared.policy import Action

router = APIRouter(tags=["attachments"])

_AROUND_FILE: Final = 64 * 1024
"""What the form around the file may weigh."""
UPLOADS: Final = {re.compile(r"/referrals/[^/]+/attachments"): MAX_BYTES + _AROUND_FILE}
"""Where larger bodies are taken than elsewhere, and how large."""


class AttachmentOut(BaseModel):
    """An uploaded file as it is kept, cleaned; `sha256` is in hexadecimal digits."""

    id: UUID
    media_type: str
    bytes: int
    sha256: str
    thumbnail: bool
    """Whether there is a small picture of it."""

    @classmethod
    def of(cls, one: Attachment) -> Self:
        """From an attachment."""
        return cls(
            id=one.id,
            media_type=one.media_type,
            bytes=one.size,
            sha256=one.sha256.hex(),
            thumbnail=one.has_thumbnail,
        )


@router.post(
    "/referrals/{referral_id}/attachments",
    status_code=201,
    response_model=AttachmentOut,
    openapi_extra=ONE_FILE,
)
async def upload(
    referral_id: UUID,
    request: Request,
    idempotency_key: IdempotencyKey = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:
    """Upload a JPG, PNG or PDF of up to 10 MB for a note; it waits for a day.

    The file is read only after the caller was found allowed, straight to the disk, and cleaned in
    a thread, with no transaction open meanwhile.
    """
    database: Database = request.app.state.database
    own = parts(request)
    async with database.transaction(actor.row_scope()) as tx:
        await attachable(referral_id, tx=tx, actor=actor)
    cleaned = await _received(request, own)
    async with database.transaction(actor.row_scope()) as tx:
        first = await claim(tx, actor, idempotency_key, request, body=cleaned.content)
        answer = first.replay
        if answer is None:
            one = await attach_file(referral_id, cleaned, tx=tx, actor=actor)
            answer = await first.answer(AttachmentOut.of(one), status=201)
    # A repeat puts it away once more: perhaps the store was what failed the first time.
    kept = AttachmentOut.model_validate_json(bytes(answer.body))
    small = cleaned.thumbnail if kept.thumbnail else None
    await own.attachments.put(kept.id, cleaned.content, small)
    return answer


@router.get("/attachments/{attachment_id}", response_class=Response)
async def read(
    attachment_id: UUID, request: Request, actor: Actor = requires(Action.REFERRAL_READ)
) -> Response:
    """The file, for those who see all of its referral."""
    found = await _found(attachment_id, request, actor)
    content = await parts(request).attachments.get(found.id)
    return _served(content, found.media_type, found.file_name)


@router.get("/attachments/{attachment_id}/thumbnail", response_class=Response)
async def read_thumbnail(
    attachment_id: UUID, request: Request, actor: Actor = requires(Action.REFERRAL_READ)
) -> Response:
    """A small JPEG of a picture, for lists; none of a PDF, and none of a C3 referral."""
    found = await _found(attachment_id, request, actor)
    if not found.has_thumbnail:
        raise NotFound
    content = await parts(request).attachments.get(found.id, small=True)
    return _served(content, JPEG, f"kecil-{found.file_name}")


async def _found(attachment_id: UUID, request: Request, actor: Actor) -> Attachment:
    database: Database = request.app.state.database
    async with database.transaction(actor.row_scope()) as tx:
        return await read_attachment(attachment_id, tx=tx, actor=actor)


def _served(content: bytes, media_type: str, name: str) -> Response:
    # A PDF is never opened inside the portal's own origin.
    shown = "attachment" if media_type == PDF else "inline"
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'{shown}; filename="{name}"',
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


async def _received(request: Request, own: Parts) -> Cleaned:
    async with request.form(max_files=1, max_fields=0) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise FileRefused("Pilih satu berkas.", "/file")
        if not file.size:
            raise FileRefused("Berkas kosong.", "/file")
        if file.size > MAX_BYTES:
            raise FileTooLarge
        async with own.cleaning:
            return await asyncio.to_thread(clean, file.file, file.filename or "")
