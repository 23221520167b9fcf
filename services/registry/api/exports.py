"""Beneficiaries as a sheet to take away."""

from collections.abc import AsyncIterator
from datetime import timedelta, timezone
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.api.bodies import AreaCode, CategoryCode
from services.registry.api.dependencies import Exporter, Vault
from services.registry.domain.sex import Sex
from services.registry.storage.exports import Detail
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.lists import Search
from services.registry.storage.summaries import Summary
from services.registry.use_cases.export_beneficiaries import export_beneficiaries
from shared.auth import Actor
from shared.clock import utc_now
from shared.contracts.codes import BeneficiaryKind
from shared.database import Database
from shared.reference.areas import Level, at_level, name_of
from shared.reference.categories import CATEGORIES
from shared.sheets import Cell, Format, Rows, long_sheet

router = APIRouter(prefix="/beneficiaries", tags=["beneficiaries"])

PAGE: Final = 1_000
HEAD: Final = (
    "Nama", "NIK (disamarkan)", "Perorangan/Keluarga", "Jenis kelamin", "Tanggal lahir",
    "Tahun lahir", "Kode desa", "Desa/Kelurahan", "Kecamatan", "Kabupaten/Kota", "Alamat",
    "No HP", "Aman dihubungi", "Kategori PPKS", "Didaftarkan (WIB)", "Nomor data",
)  # fmt: skip
_WIB: Final = timezone(timedelta(hours=7), "WIB")
_KINDS: Final = {
    BeneficiaryKind.PERSON: "Perorangan",
    BeneficiaryKind.FAMILY: "Keluarga",
    BeneficiaryKind.GROUP: "Kelompok",
    BeneficiaryKind.COMMUNITY: "Komunitas",
}
_SEXES: Final = {Sex.MALE: "L", Sex.FEMALE: "P"}
_SAFE: Final = {True: "ya", False: "tidak", None: ""}


@router.get("/export", response_class=Response)
async def export(
    *,
    request: Request,
    actor: Exporter,
    vault: Vault,
    area: AreaCode | None = None,
    category: CategoryCode | None = None,
    format: Format = "csv",  # noqa: A002 - the name in the contract
) -> Response:
    """The list as CSV or XLSX, marked as personal data; each person's trail says who took it.

    It is written while it is read, a transaction for each page, so it may be of any length.
    """
    search = Search(area=area, category=category, limit=PAGE)
    head = [[_mark(actor)], HEAD]
    batches = _pages(search, request.app.state.database, actor, vault)
    return await long_sheet("warga", format, head, batches)


async def _pages(
    search: Search, database: Database, actor: Actor, vault: NikVault
) -> AsyncIterator[Rows]:
    left: Search | None = search
    while left is not None:
        async with database.transaction(actor.row_scope()) as tx:
            taken = await export_beneficiaries(left, tx=tx, actor=actor, vault=vault)
        yield [_row(one, detail) for one, detail in taken.people]
        left = taken.next


def _mark(actor: Actor) -> str:
    at = utc_now().astimezone(_WIB)
    return (
        "DATA PRIBADI, dilindungi UU 27/2022. Hanya untuk tugas; jangan disebarkan. "
        f"Diunduh {at:%d-%m-%Y %H:%M} WIB oleh petugas {actor.id}."
    )


def _row(one: Summary, detail: Detail) -> list[Cell]:
    return [
        one.name,
        detail.nik,
        _KINDS[BeneficiaryKind(one.kind)],
        _SEXES[Sex(one.sex)] if one.sex else None,
        f"{detail.birth_on:%d/%m/%Y}" if detail.birth_on else None,
        one.birth_year,
        one.area,
        name_of(one.area),
        name_of(at_level(one.area, Level.DISTRICT) or ""),
        name_of(at_level(one.area, Level.REGENCY) or ""),
        detail.address,
        detail.phone,
        _SAFE[detail.safe_contact],
        "; ".join(CATEGORIES[code].name for code in one.categories),
        detail.registered_at,
        str(one.id),
    ]
