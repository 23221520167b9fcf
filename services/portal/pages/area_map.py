"""Peta: who needs help where, down to the village, as a map and as a table."""

import json
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from services.portal import map_view
from services.portal.boundaries import Boundaries
from services.portal.clients import Clients
from services.portal.clients.vulnerability import Vulnerability
from services.portal.map_view import Choice, Measure
from services.portal.pages.long_lists import BATCH
from services.portal.pages.places import see
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.contracts.codes import Confidentiality
from shared.errors import NotFound
from shared.reference.areas import is_known
from shared.reference.categories import CATEGORIES

router = page_router()

FAR_ISLANDS: Final = {
    "35": (
        {"name": "Bawean", "box": [112.5, -5.95, 112.85, -5.65]},
        {"name": "Masalembu", "box": [114.2, -5.7, 114.75, -4.95]},
        {"name": "Kangean dan Sapeken", "box": [115.1, -7.3, 116.4, -6.7]},
    )
}
"""Islands so far away that a map with them would show little else: name, and west to north."""
SEXES: Final = {"F": "Perempuan", "M": "Laki-laki", "unknown": "Belum diketahui"}
BANDS: Final = ("0-4", "5-17", "18-59", "60+", "unknown")

AreaCode = Annotated[str, Query(max_length=13)]
CategoryCode = Annotated[str, Query(max_length=20)]


@router.get("/peta")
async def show(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    wilayah: AreaCode = "",
    kategori: CategoryCode = "",
    ukuran: Measure = Measure.COUNT,
) -> Response:
    """An area by its parts."""
    measures = map_view.measures_for(visitor.worker)
    choice = Choice(
        _known(wilayah or map_view.home_of(visitor.worker)),
        kategori if kategori in CATEGORIES else "",
        ukuran if ukuran in measures else Measure.COUNT,
    )
    if choice.asked != choice.area:
        return see(choice.address(choice.asked))
    boundaries: Boundaries = request.app.state.boundaries
    shown = await _shown(clients, visitor, choice)
    return await page(
        request,
        "map.html",
        visitor,
        active="peta",
        choice=choice,
        scale=map_view.scale_of(shown["rows"]),
        drawing=boundaries.drawing(choice.area[:2], choice.file),
        islands=json.dumps(FAR_ISLANDS.get(choice.area[:2], ())),
        measures=[(one, map_view.WORDS[one]) for one in measures],
        categories=_categories(),
        decimals=map_view.DECIMALS.get(choice.measure, 0),
        **shown,
    )


@router.get("/peta/warga")
async def listed(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    wilayah: AreaCode,
    kategori: CategoryCode = "",
    kursor: UUID | None = None,
) -> Response:
    """The records behind a number, as far as the visitor may see them."""
    choice = Choice(_known(wilayah), kategori if kategori in CATEGORIES else "")
    found = await clients.registry.in_area(
        visitor.token,
        choice.area,
        category=choice.category or None,
        cursor=str(kursor) if kursor else None,
        limit=BATCH,
    )
    return await page(
        request,
        "map_people.html",
        visitor,
        active="peta",
        choice=choice,
        found=found,
        category=CATEGORIES[choice.category].name if choice.category else None,
    )


async def _shown(clients: Clients, visitor: Visitor, choice: Choice) -> dict[str, Any]:
    if choice.measure in map_view.OF_REFERRALS:
        board = await clients.board.board(visitor.token, area=choice.area, by="area")
        gaps = await clients.board.gaps(visitor.token, area=choice.area)
        rows = map_view.referral_rows(choice, board, gaps.gaps, visitor.worker)
        return {"rows": rows, "board": board, "need": None, "groups": None}
    need = await clients.vulnerability.of(
        visitor.token, choice.area, by=choice.by, category=choice.category or None
    )
    rows = map_view.need_rows(choice, need, visitor.worker)
    return {"rows": rows, "board": None, "need": need, "groups": _groups(need)}


def _groups(need: Vulnerability) -> list[tuple[str, list[int | None]]]:
    """Sex by age band: a row of counts per sex that has any."""
    counted = {(one.sex, one.band): one.count for one in need.breakdown}
    rows = [(word, [counted.get((sex, band), 0) for band in BANDS]) for sex, word in SEXES.items()]
    return [(word, row) for word, row in rows if any(count != 0 for count in row)]


def _categories() -> list[tuple[str, list[tuple[str, str]]]]:
    """Under two headings, for those of special services go down to the kabupaten alone."""
    ordinary: list[tuple[str, str]] = []
    special: list[tuple[str, str]] = []
    for code, one in CATEGORIES.items():
        is_special = one.sensitivity is Confidentiality.C3
        (special if is_special else ordinary).append((code, one.name))
    return [("Kategori PPKS", ordinary), ("Layanan khusus, sampai kabupaten/kota", special)]


def _known(area: str) -> str:
    if not is_known(area):
        raise NotFound
    return area
