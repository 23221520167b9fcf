"""Shapes of lists taken in."""

import datetime as dt
import re
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from services.registry.api.bodies import AreaCode, CategoryCode
from services.registry.domain.import_columns import (
    LABELS,
    MOST_COLUMNS,
    ColumnMap,
    guessed,
    letter_of,
)
from services.registry.domain.import_columns import Field as ListField
from services.registry.domain.list_import import ImportStatus, LineStatus
from services.registry.domain.nik import mask
from services.registry.storage.import_sources import columns_of
from services.registry.storage.imports import Import
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.http import Input
from shared.sealed_store import SealedStore

_NIK: Final = re.compile(r"\d{16}")


class ColumnsIn(Input):
    """Which column says what, counted from 0, and what holds where a row says nothing."""

    columns: dict[ListField, Annotated[int, Field(ge=0, lt=MOST_COLUMNS)]]
    area: AreaCode | None = None
    category: CategoryCode | None = None
    kind: BeneficiaryKind = BeneficiaryKind.PERSON
    legal_basis: LegalBasis = LegalBasis.PUBLIC_TASK
    accept_lookalikes: StrictBool = False

    def to_map(self) -> ColumnMap:
        """The map it asks for."""
        return ColumnMap(**{name: getattr(self, name) for name in type(self).model_fields})


class ColumnOut(BaseModel):
    """A column of the list: its name, some of its cells, and what it says as far as is known."""

    place: int
    letter: str
    header: str
    samples: list[str]
    field: ListField | None


class ImportOut(BaseModel):
    """An import, how far it is, and the counts of its lines."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    status: ImportStatus
    at: dt.datetime
    total: int
    position: int
    counts: dict[LineStatus, int]


class ImportDetailOut(ImportOut):
    """One import with the columns of its list, for as long as the list is kept."""

    columns: list[ColumnOut]
    fields: dict[ListField, str]
    """What a column can say, in words."""
    area: str | None
    category: str | None
    kind: BeneficiaryKind
    legal_basis: LegalBasis
    accept_lookalikes: bool

    @classmethod
    async def read(cls, one: Import, store: SealedStore) -> Self:
        """The import with what is kept of its list."""
        headers, samples = await columns_of(store, one.id) if one.parts else ([], [])
        chosen = one.columns or ColumnMap(columns=guessed(headers))
        field_at = {place: field for field, place in chosen.columns.items()}
        return cls(
            **ImportOut.model_validate(one).model_dump(),
            columns=[
                ColumnOut(
                    place=place,
                    letter=letter_of(place),
                    header=header,
                    samples=[_shown(row[place]) for row in samples if place < len(row)],
                    field=field_at.get(place),
                )
                for place, header in enumerate(headers)
            ],
            fields=dict(LABELS),
            area=chosen.area,
            category=chosen.category,
            kind=chosen.kind,
            legal_basis=chosen.legal_basis,
            accept_lookalikes=chosen.accept_lookalikes,
        )


class ImportListOut(BaseModel):
    """The caller's own imports, newest first."""

    items: list[ImportOut]


class LineOut(BaseModel):
    """What became of one line."""

    model_config = ConfigDict(from_attributes=True)

    line: int
    status: LineStatus
    beneficiary_id: UUID | None
    why: str | None


class LineListOut(BaseModel):
    """Lines in the order of the file."""

    items: list[LineOut]


def _shown(cell: str) -> str:
    """A cell as screens show it: a NIK is masked, wherever it stands."""
    return _NIK.sub(lambda found: mask(found[0]), cell)
