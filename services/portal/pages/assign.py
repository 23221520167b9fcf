"""Tugaskan: giving many waiting referrals to workers at once."""

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.board import Moves
from services.portal.forms import Filled, Form
from services.portal.pages.handover import Count
from services.portal.pages.places import see
from services.portal.problems import ClientProblem
from services.portal.rendering import page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor

router = page_router()

AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """Where the referrals wait, and for which pillar."""

    area: str
    pillar: str

    @property
    def address(self) -> str:
        """This page, narrowed so."""
        return "/tugaskan?" + self._query

    @property
    def watched(self) -> str:
        """The coordinator's page, narrowed so."""
        return "/pantau?" + self._query

    @property
    def _query(self) -> str:
        return urlencode({"wilayah": self.area, "pilar": self.pillar})


def _wish(
    wilayah: Annotated[str, Query(max_length=13)] = "",
    pilar: Annotated[str, Query(max_length=60)] = "",
) -> Wish:
    return Wish(wilayah, pilar)


Wanted = Annotated[Wish, Depends(_wish)]


@router.get("/tugaskan")
async def show(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    wish: Wanted,
    pindah: Count = None,
    gagal: Count = None,
) -> Response:
    """What waits, and to whom each would go; how many were just given."""
    done = (pindah, gagal or 0) if pindah is not None else None
    return await _page(request, clients, visitor, wish, Form(), done=done)


@router.post("/tugaskan")
async def assign(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    wish: Wanted,
    form: Filled,
) -> Response:
    """Give what was ticked; what could not be given stays on the page with its reason."""
    if not form.all("referral_ids"):
        form.alert = "Pilih paling sedikit satu rujukan."
    else:
        body: dict[str, object] = {"referral_ids": list(form.all("referral_ids"))}
        body |= form.filled("to_worker", "reason")
        try:
            done = await clients.board.assign(visitor.token, body, preview=False, key=form.key)
        except ClientProblem as problem:
            form.refuse(problem)
        else:
            return see(f"{wish.address}&pindah={done.moved}&gagal={done.failed}")
    code = status.HTTP_422_UNPROCESSABLE_CONTENT
    return await _page(request, clients, visitor, wish, form, code=code)


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    wish: Wish,
    form: Form,
    *,
    done: tuple[int, int] | None = None,
    code: int = status.HTTP_200_OK,
) -> Response:
    preview = await _preview(clients, visitor, wish, form)
    candidates = {one.worker_id: one for item in preview.items for one in item.candidates}
    return await page(
        request,
        "assign.html",
        visitor,
        status=code,
        active="pantau",
        wish=wish,
        preview=preview,
        done=done,
        candidates=candidates,
        given_to="Diberikan kepada",
        workers=await worker_names(clients, visitor, preview.people() | candidates.keys()),
        form=form,
    )


async def _preview(clients: Clients, visitor: Visitor, wish: Wish, form: Form) -> Moves:
    """The first that wait, the worst first, each with those who could take it."""
    narrowed = {"status": "sent", "area": wish.area, "pillar": wish.pillar}
    waiting = await clients.board.open_list(
        visitor.token,
        narrowed={name: value for name, value in narrowed.items() if value},
        cursor=None,
        limit=AT_ONCE,
    )
    if not waiting.items:
        return Moves(moved=0, failed=0)
    body = {"referral_ids": [str(one.id) for one in waiting.items]}
    return await clients.board.assign(visitor.token, body, preview=True, key=form.key)
