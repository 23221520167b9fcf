"""Pictures and documents that go with notes: sent along with the form, shown in the history."""

import re
from typing import Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.reference import Verb
from services.portal.forms import Form, files_in
from services.portal.problems import ClientProblem, FieldError
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor

router = page_router()

FILES_AT_ONCE: Final = 3
UPLOADS: Final = {re.compile(r"/rujukan/[^/]+/note"): FILES_AT_ONCE * 10 * 1024 * 1024 + 256 * 1024}
"""Where forms may carry files, and what they may weigh together."""
_UNFIT: Final = {
    status.HTTP_413_CONTENT_TOO_LARGE,
    status.HTTP_422_UNPROCESSABLE_CONTENT,
}
_PASSED_ON: Final = (
    "content-type",
    "content-disposition",
    "cache-control",
    "content-security-policy",
)


@router.get("/lampiran/{attachment_id}")
async def show(visitor: SignedIn, clients: Services, attachment_id: UUID) -> Response:
    """One file of a note."""
    return await _passed_on(clients, visitor, attachment_id)


@router.get("/lampiran/{attachment_id}/kecil")
async def show_small(visitor: SignedIn, clients: Services, attachment_id: UUID) -> Response:
    """Its small picture."""
    return await _passed_on(clients, visitor, attachment_id, small=True)


async def upload_chosen(
    request: Request, clients: Clients, visitor: Visitor, referral_id: UUID, verb: Verb, form: Form
) -> None:
    """Upload what was chosen in the verb's fields for files; refuses the form where one is unfit.

    The ids join the form's own values, so that a form shown again still has what it sent.
    """
    for need in verb.needs:
        if need.kind != "files":
            continue
        chosen = await files_in(request, need.field)
        if len(chosen) > FILES_AT_ONCE:
            form.add(FieldError(need.field, f"Paling banyak {FILES_AT_ONCE} berkas sekaligus."))
            return
        ids = form.all(need.field)
        for one in chosen:
            try:
                file = (one.filename or "", one.file)
                key = f"{form.key}-{len(ids)}"
                ids.append(
                    str(await clients.cases.upload(visitor.token, referral_id, file, key=key))
                )
            except ClientProblem as problem:
                if problem.status not in _UNFIT:
                    raise
                said = problem.errors[0].message if problem.errors else problem.title
                form.add(FieldError(need.field, f"{one.filename}: {said}"))
        form.values = {**form.values, need.field: tuple(dict.fromkeys(ids))}


async def _passed_on(
    clients: Clients, visitor: Visitor, attachment_id: UUID, *, small: bool = False
) -> Response:
    found = await clients.cases.attachment(visitor.token, attachment_id, small=small)
    headers = {name: found.headers[name] for name in _PASSED_ON if name in found.headers}
    # Pictures do not get smaller by being packed once more.
    return Response(found.content, headers=headers | {"content-encoding": "identity"})
