"""A few outside services, so that a referral can go to one."""

from collections.abc import Sequence
from typing import Final
from uuid import uuid5

from deploy.demo.people import NAMESPACE, DemoWorker
from deploy.demo.referrals import actor_of
from services.cases.domain.outside import OutsideService
from services.cases.use_cases import keep_outside_service
from shared.contracts.codes import Role
from shared.database import Database

_SERVICES: Final = (
    ("PUSKESMAS", "35.08.03", "Puskesmas Penanggal"),
    ("UPTD_PPA", "35.08", "UPTD PPA Kabupaten Lumajang"),
    ("BPBD_KABKOTA", "35.08", "BPBD Kabupaten Lumajang"),
    ("DUKCAPIL", "35.08", "Dinas Dukcapil Kabupaten Lumajang"),
    ("RUMAH_SINGGAH", "35.08", "Rumah Singgah Lumajang"),
)


async def list_services(database: Database, staff: Sequence[DemoWorker]) -> None:
    """Let the Dinsos of the area keep them, as it would by hand."""
    office = next(
        actor_of(worker)
        for worker in staff
        if any(role is Role.DINSOS and area == "35.08" for _, area, role in worker.duties)
    )
    async with database.transaction(office.row_scope()) as tx:
        for kind, area, name in _SERVICES:
            service = OutsideService(
                id=uuid5(NAMESPACE, f"service:{name}"),
                kind=kind,
                area=area,
                name=name,
                phone=None,
                address=None,
                active=True,
            )
            await keep_outside_service(service, is_new=True, tx=tx, actor=office)
