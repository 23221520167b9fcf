"""What a Puskesmas tells of two people: one who is recorded already, and one who is not."""

from collections.abc import Sequence
from typing import Any, Final

from deploy.demo.people import CANDIPURO, DemoPerson
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.reports import NewReport
from services.registry.use_cases.file_report import file_report
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Database
from shared.ids import new_id

VILLAGE: Final = f"{CANDIPURO}.2005"
_SOURCE: Final = "Puskesmas Penanggal"
_CATEGORY: Final = "LUT"


async def file_reports(
    database: Database, vault: NikVault, actor: Actor, needy: Sequence[DemoPerson]
) -> None:
    """Let them wait for the workers of the village."""
    recorded = next(one for one in needy if one.area == VILLAGE and one.born)
    people: tuple[dict[str, Any], ...] = (
        {
            "name": f"Bu {recorded.name}" if recorded.sex == "F" else f"Pak {recorded.name}",
            "sex": recorded.sex,
            "birth": {"year": recorded.born},
            "words": "Kontrol tekanan darah tidak datang dua bulan. Tinggal sendiri.",
        },
        {
            "name": "Mbah Karsinah",
            "sex": "F",
            "birth": {"age": 81},
            "address": "RT 4 RW 2, belakang balai dusun",
            "words": "Luka kaki tidak sembuh, tidak ada yang mengantar berobat.",
        },
    )
    async with database.transaction() as tx:
        for number, said in enumerate(people, start=1):
            whole = {"kind": "person", "area": VILLAGE, "categories": [_CATEGORY], **said}
            report = NewReport(
                id=new_id(),
                source=_SOURCE,
                external_id=f"demo-{number}",
                area=VILLAGE,
                confidentiality=Confidentiality.C1,
                said=whole,
            )
            await file_report(report, tx=tx, actor=actor, vault=vault)
