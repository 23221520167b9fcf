"""Peta: each area in the table with its number, where it leads, and what is not told."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
import shapely
from fastapi import FastAPI

from deploy.boundaries.store import keep
from deploy.boundaries.topology import encode
from services.portal.boundaries import SHIPPED_CREDIT
from services.portal.main import build
from services.portal.settings import Settings
from shared.reference.areas import children
from tests.integration.portal.answers.known import PERSON, SESSION, in_hours
from tests.integration.portal.answers.registry import person
from tests.integration.portal.conftest import ORIGIN, common_settings
from tests.integration.portal.neighbours import Neighbours

BUDGET = 120_000
COUNTS = "GET /registry/vulnerability"


def counted(area: str, by_areas: list[str], **changes: Any) -> dict[str, Any]:
    """What registry says: one more record in each area than in the one before."""
    items = [
        {
            "area": one,
            "label": one,
            "count": number,
            "suppressed": False,
            "population": 1_000_000,
            "rate": number / 1000,
            "changed_at": in_hours(-1),
            "index": float(number),
        }
        for number, one in enumerate(by_areas)
    ]
    return {
        "area": area,
        "area_label": area,
        "by": "kabupaten",
        "category": None,
        "threshold": 5,
        "note": "Tiap data dihitung sekali.",
        "changed_at": in_hours(-1),
        "total": {"count": 1234, "suppressed": False, "population": 1_000_000, "rate": 1.234},
        "items": items,
        "breakdown": [{"sex": "F", "band": "60+", "count": 7, "suppressed": False},
                      {"sex": "M", "band": "60+", "count": None, "suppressed": True}],
        "index": {
            "version": "kerentanan-1",
            "note": "Ukuran kami sendiri.",
            "inputs": [{"name": "a", "label": "Jumlah data", "weight": 30, "available": True,
                        "why_not": None}],
        },
        **changes,
    }  # fmt: skip


def below(area: str) -> list[str]:
    return [code for code, _ in children(area)]


@pytest.fixture(autouse=True)
def _counts(neighbours: Neighbours) -> None:
    neighbours.answer(COUNTS, counted("35", below("35")))


def rows_of(page: str) -> dict[str, str]:
    """The table's rows by area."""
    found = re.findall(r'<tr data-area="([^"]+)"(.*?)</tr>', page, re.DOTALL)
    return {area: " ".join(row.split()) for area, row in found}


async def test_a_map_opens_with_the_visitors_kabupaten(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(COUNTS, counted("35.08", below("35.08")))
    page = (await browser.get("/peta")).text
    (call,) = neighbours.of(COUNTS)
    assert call.query == {"area": "35.08", "by": "kecamatan"}
    assert list(rows_of(page)) == [*reversed(below("35.08"))]
    assert '<a href="/peta?wilayah=35&amp;ukuran=jumlah">Jawa Timur</a>' in page
    assert 'data-object="kecamatan"' in page
    assert re.search(r'data-file="/static/[0-9a-f]{12}/map/35/35\.08\.topojson"', page)


@pytest.mark.parametrize(
    ("area", "by", "drawn", "file"),
    [
        ("35", "kabupaten", "kabupaten", "kabupaten"),
        ("35.08.03", "desa", "desa", "35.08"),
        ("35.08.03.2005", "desa", "desa", "35.08"),
    ],
)
async def test_each_level_asks_for_the_one_below_and_draws_it(
    browser: httpx2.AsyncClient, neighbours: Neighbours, area: str, by: str, drawn: str, file: str
) -> None:
    page = (await browser.get(f"/peta?wilayah={area}&kategori=LUT")).text
    (call,) = neighbours.of(COUNTS)
    assert call.query == {"area": area, "by": by, "category": "LUT"}
    assert f'data-object="{drawn}"' in page
    assert f"/map/35/{file}.topojson" in page


async def test_a_name_leads_deeper_and_a_number_to_the_records_behind_it(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get("/peta?wilayah=35&kategori=LUT&ukuran=per-1000")).text
    rows = rows_of(page)
    deeper = "/peta?wilayah=35.08&amp;kategori=LUT&amp;ukuran=per-1000"
    assert f'<a href="{deeper}">' in rows["35.08"]
    assert '<a href="/peta/warga?wilayah=35.08&amp;kategori=LUT">7<' in rows["35.08"]
    # Elsewhere the visitor may see no record, so there is no list.
    assert "/peta/warga" not in rows["35.09"]
    assert ">8<" in rows["35.09"]
    found = await browser.get("/peta/warga?wilayah=35.08&kategori=LUT")
    assert "Sumi Astuti" in found.text
    assert f'href="/warga/{PERSON}"' in found.text
    (call,) = neighbours.of("GET /registry/beneficiaries")
    assert call.query == {"area": "35.08", "category": "LUT", "limit": "50"}


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("wilayah=35&kategori=LUT&ukuran=indeks", "Indeks dihitung untuk kabupaten/kota utuh"),
        ("wilayah=35.08&ukuran=indeks", "Indeks dihitung untuk kabupaten/kota utuh"),
        ("wilayah=35.08&ukuran=per-1000", "Ukuran ini memerlukan jumlah penduduk"),
        ("wilayah=35&ukuran=indeks", ""),
    ],
)
async def test_a_map_without_a_value_says_why(
    browser: httpx2.AsyncClient, neighbours: Neighbours, asked: str, why: str
) -> None:
    if why:
        answer = counted("35", below("35"))
        for item in answer["items"]:
            item |= {"index": None, "rate": None, "population": None}
        neighbours.answer(COUNTS, answer)
    page = (await browser.get(f"/peta?{asked}")).text
    words = re.findall(
        r"Indeks dihitung untuk [^.]+utuh|Ukuran ini memerlukan jumlah penduduk", page
    )
    assert words == ([why] if why else [])


async def test_a_long_list_of_records_goes_on(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer("GET /registry/beneficiaries", {"items": [person()], "next": PERSON})
    page = (await browser.get("/peta/warga?wilayah=35.08&kategori=")).text
    assert f"kursor={PERSON}" in page
    await browser.get(f"/peta/warga?wilayah=35.08&kategori=&kursor={PERSON}")
    assert neighbours.of("GET /registry/beneficiaries")[1].query["cursor"] == PERSON


async def test_what_is_withheld_or_unknown_is_said_and_never_a_zero(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    answer = counted("35", below("35"))
    answer["items"][0] |= {"count": None, "suppressed": True, "rate": None, "index": None}
    answer["items"][1] |= {"population": None, "rate": None}
    answer["total"] = {"count": None, "suppressed": True, "population": None, "rate": None}
    neighbours.answer(COUNTS, answer)
    rows = rows_of((await browser.get("/peta?wilayah=35&ukuran=per-1000")).text)
    assert 'data-shade="disembunyikan" data-number="disembunyikan"' in rows["35.01"]
    assert ">0<" not in rows["35.01"]
    assert 'data-shade="kosong" data-number="tidak ada data"' in rows["35.02"]
    assert list(rows)[-2:] == ["35.01", "35.02"]


async def test_numbers_are_coloured_in_five_classes_and_the_legend_says_which(
    browser: httpx2.AsyncClient,
) -> None:
    page = (await browser.get("/peta?wilayah=35")).text
    shades = re.findall(r'data-shade="step-(\d)"', page)
    assert shades == sorted(shades, reverse=True)
    assert set(shades) == {"0", "1", "2", "3", "4", "5"}
    assert re.search(r'step-1"></span>1.7<', page)
    assert re.search(r'step-5"></span>30.37<', page)


async def test_special_services_are_told_down_to_the_kabupaten_alone(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(COUNTS, counted("35.08", ["35.08"]))
    for below in ("35.08.03", "35.08.03.2005"):
        asked = await browser.get(f"/peta?wilayah={below}&kategori=ODHA")
        assert asked.status_code == 303
        assert asked.headers["location"] == "/peta?wilayah=35.08&kategori=ODHA&ukuran=jumlah"
    assert neighbours.of(COUNTS) == [], "no number stands under the name of a smaller area"
    page = (await browser.get(asked.headers["location"])).text
    (call,) = neighbours.of(COUNTS)
    assert call.query == {"area": "35.08", "by": "kabupaten", "category": "ODHA"}
    assert "hanya ditampilkan sampai tingkat kabupaten/kota" in page
    assert 'data-object="kabupaten"' in page
    assert '<th scope="row"><span class="key step-0"></span><span>Kab' in page.replace("\n", "")


async def test_referrals_are_for_those_who_watch_over_them(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get("/peta?wilayah=35.08&ukuran=terbuka")).text
    assert 'value="terbuka"' not in page
    assert neighbours.of("GET /cases/board") == []
    assert len(neighbours.of(COUNTS)) == 1


@pytest.fixture
def coordinator(neighbours: Neighbours) -> None:
    """The visitor watches over the kabupaten."""
    status, session = neighbours.answers["POST /directory/sessions/token"]
    duty = {"pillar": "TKSK", "area": "35.08", "role": "coordinator"}
    worker = {**session["worker"], "duties": [duty]}
    neighbours.answers["POST /directory/sessions/token"] = (status, {**session, "worker": worker})
    line = {"key": None, "open": 9, "overdue": 2, "escalated": 1}
    board = {"area": "35.08", "by": "area", "at": in_hours(0), "total": line,
             "items": [{**line, "key": "35.08.03"}]}  # fmt: skip
    gap = {"pillar": "PSM", "area": "35.08.03.2005", "open": 4, "oldest_sent_at": in_hours(-9)}
    neighbours.answer("GET /cases/board", board)
    neighbours.answer("GET /cases/board/gaps", {"gaps": [gap], "idle_cases": []})


@pytest.mark.parametrize(("measure", "number"), [("terbuka", "9"), ("celah", "4")])
async def test_a_coordinator_sees_open_referrals_and_those_nobody_covers(
    browser: httpx2.AsyncClient,
    neighbours: Neighbours,
    coordinator: None,
    measure: str,
    number: str,
) -> None:
    page = (await browser.get(f"/peta?wilayah=35.08&ukuran={measure}")).text
    rows = rows_of(page)
    assert f'data-number="{number}"' in rows["35.08.03"]
    assert '<a href="/pantau?wilayah=35.08.03">' in rows["35.08.03"]
    assert 'data-number="0"' in rows["35.08.01"]
    assert neighbours.of("GET /cases/board")[0].query == {"area": "35.08", "by": "area"}
    assert neighbours.of(COUNTS) == []
    # Of another kabupaten they are told nothing, which is no zero.
    elsewhere = rows_of((await browser.get(f"/peta?wilayah=35&ukuran={measure}")).text)
    assert 'data-number="tidak ada data"' in elsewhere["35.09"]


@pytest.mark.parametrize("area", ["99", "35.99", "35.08.03.9999", "x"])
async def test_an_area_that_is_none_is_not_found(browser: httpx2.AsyncClient, area: str) -> None:
    assert (await browser.get(f"/peta?wilayah={area}")).status_code == 404
    assert (await browser.get(f"/peta/warga?wilayah={area}")).status_code == 404


async def test_a_province_without_boundaries_has_its_table(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(COUNTS, counted("34", below("34")))
    page = (await browser.get("/peta?wilayah=34")).text
    assert len(rows_of(page)) == len(below("34"))
    assert "Belum ada gambar batas" in page
    assert "leaflet.js" not in page


@pytest.mark.parametrize("area", ["35", "35.08", "35.24.01"])
async def test_the_first_map_weighs_no_more_than_its_budget(
    browser: httpx2.AsyncClient, neighbours: Neighbours, area: str
) -> None:
    neighbours.answer(COUNTS, counted(area, below(area)))
    page = (await browser.get(f"/peta?wilayah={area}")).text
    total = len(gzip.compress(page.encode()))
    files = set(re.findall(r'(?:href|src|data-file)="(/static/[^"#]+)', page))
    assert any(name.endswith(".topojson") for name in files)
    for address in files:
        asset = await browser.get(address, headers={"Accept-Encoding": "gzip"})
        total += int(asset.headers["content-length"])
    assert total <= BUDGET


async def test_imported_boundaries_are_shown_at_once_and_credit_whom_they_are_from(
    tmp_path: Path, neighbours: Neighbours
) -> None:
    settings = Settings(client_secret="x", secure_cookie=False, map_folder=tmp_path / "map")
    app: FastAPI = build(settings, common_settings(neighbours))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
        browser.cookies.set("sinergi", SESSION, domain="portal.test")

        async def shown() -> tuple[str, Any]:
            page = (await browser.get("/peta?wilayah=35")).text
            (address,) = re.findall(r'data-file="([^"]+)"', page)
            return page, json.loads((await browser.get(address)).content)

        page, document = await shown()
        assert SHIPPED_CREDIT in page
        assert "Batas indikatif, tanpa kekuatan hukum" in page
        shipped = document
        for number, credit in enumerate(("BIG 2025", "BIG <2026>"), 1):
            drawn = encode(
                {"kabupaten": {"35.08": shapely.box(112, -8, 113 + number, -7)}}, steps=9
            )
            keep(settings.map_folder, {"map/35/kabupaten.topojson": drawn}, credit)
            page, document = await shown()
            assert "Batas indikatif, tanpa kekuatan hukum" in page
            assert credit.replace("<", "&lt;").replace(">", "&gt;") in page
            assert document == json.loads(drawn)
        # What was not imported is still there.
        neighbours.answer(COUNTS, counted("35.08", below("35.08")))
        assert SHIPPED_CREDIT in (await browser.get("/peta?wilayah=35.08")).text
        (settings.map_folder / "current.json").write_text("{")
        page, document = await shown()
        assert document == shipped
    await app.state.clients.close()
