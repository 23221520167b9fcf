"""Beban kerja: who has how much in hand. Serah terima: moving it to others."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.forms import Filled, Form
from services.portal.pages.long_lists import Cursor, more
from services.portal.pages.places import see
from services.portal.problems import ClientProblem
from services.portal.rendering import fragment, page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor

router = page_router()

Area = Annotated[str, Query(max_length=13)]
Count = Annotated[int | None, Query(ge=0, le=10_000)]


@router.get("/beban")
async def show_loads(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    wilayah: Area = "",
    kursor: Cursor = None,
) -> Response:
    """Workers, the most laden first."""
    return await page(
        request,
        "workload.html",
        visitor,
        active="pantau",
        area=wilayah,
        **await _loads(clients, visitor, wilayah, kursor),
    )


@router.get("/beban/lagi")
async def more_loads(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    wilayah: Area = "",
    kursor: Cursor = None,
) -> Response:
    """The workers that come next."""
    context = await _loads(clients, visitor, wilayah, kursor)
    return fragment(request, "parts/load_rows.html", visitor=visitor, **context)


@router.get("/serah-terima/{worker_id}")
async def show_hand_over(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    worker_id: UUID,
    pindah: Count = None,
    gagal: Count = None,
) -> Response:
    """What this worker has in hand, and to whom each could go; how many were just moved."""
    done = (pindah, gagal or 0) if pindah is not None else None
    return await _hand_over_page(request, clients, visitor, worker_id, Form(), done=done)


@router.post("/serah-terima/{worker_id}")
async def hand_over(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    worker_id: UUID,
) -> Response:
    """Move what was ticked; what could not be moved stands on the page with its reason."""
    form.require("reason", "Tulis alasan serah terima.")
    if not form.all("referral_ids"):
        form.alert = "Pilih paling sedikit satu rujukan."
    if not form.alert:
        try:
            done = await clients.board.hand_over(
                visitor.token, _body(worker_id, form), preview=False, key=form.key
            )
        except ClientProblem as problem:
            form.refuse(problem)
        else:
            return see(f"/serah-terima/{worker_id}?pindah={done.moved}&gagal={done.failed}")
    code = status.HTTP_422_UNPROCESSABLE_CONTENT
    return await _hand_over_page(request, clients, visitor, worker_id, form, code=code)


def _body(worker_id: UUID, form: Form) -> dict[str, object]:
    body: dict[str, object] = {
        "from_worker": str(worker_id),
        "referral_ids": list(form.all("referral_ids")),
        "reason": form.get("reason"),
    }
    if form.get("to_worker"):
        body["to_worker"] = form.get("to_worker")
    return body


async def _hand_over_page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    worker_id: UUID,
    form: Form,
    *,
    done: tuple[int, int] | None = None,
    code: int = status.HTTP_200_OK,
) -> Response:
    body = {"from_worker": str(worker_id), "reason": "Pratinjau"}
    preview = await clients.board.hand_over(visitor.token, body, preview=True, key=form.key)
    candidates = {one.worker_id: one for item in preview.items for one in item.candidates}
    people = preview.people() | candidates.keys() | {worker_id}
    return await page(
        request,
        "handover.html",
        visitor,
        status=code,
        active="pantau",
        worker_id=worker_id,
        preview=preview,
        done=done,
        candidates=candidates,
        given_to="Diserahkan kepada",
        workers=await worker_names(clients, visitor, people),
        form=form,
    )


async def _loads(
    clients: Clients, visitor: Visitor, area: str, cursor: str | None
) -> dict[str, Any]:
    listed = await clients.board.workload(visitor.token, area=area or None, cursor=cursor)
    ids = {one.worker_id for one in listed.items}
    ids |= {one.stand_in_id for one in listed.items if one.stand_in_id}
    workers = await worker_names(clients, visitor, ids)
    return {
        "loads": listed.items,
        "most": max((one.open for one in listed.items), default=0),
        "workers": workers,
        "more": more("/beban", listed.next, wilayah=area),
    }
