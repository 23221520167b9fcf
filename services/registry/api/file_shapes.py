"""Shapes of the file of everything held about a person."""

import datetime as dt
from typing import Any, Final, Self
from uuid import UUID

from pydantic import BaseModel

from services.registry.api.protection_shapes import Out
from services.registry.domain.beneficiary import NikAbsentReason
from services.registry.domain.birth import Precision
from services.registry.domain.consent import ConsentChannel, Purpose
from services.registry.domain.disability import Disability
from services.registry.domain.family import Relation
from services.registry.domain.requests import Refusal, RequestKind, RequestState
from services.registry.domain.sex import Sex
from shared.contracts.codes import BeneficiaryKind, Confidentiality, LegalBasis, Outcome
from shared.reference.areas import label_of

ELSEWHERE: Final = (
    "Isi kasus dan rujukan (kebutuhan, catatan, alasan, jawaban, lampiran) disimpan terpisah dan "
    "tidak ada dalam berkas ini. Salinannya diminta kepada Dinas Sosial."
)
"""What the file does not hold, said in it."""


class FiledRecordOut(Out):
    """A record of the person, with the whole NIK or No. KK."""

    id: UUID
    kind: BeneficiaryKind
    name: str
    sex: Sex | None
    birth_precision: Precision | None
    birth_year: int | None
    birth_on: dt.date | None
    nik: str | None
    nik_absent_reason: NikAbsentReason | None
    kk: str | None
    aliases: list[str]
    disabilities: list[Disability]
    latitude: float | None
    longitude: float | None
    size: int | None
    area: str
    area_label: str
    address: str | None
    phone: str | None
    safe_contact: bool | None
    confidentiality: Confidentiality
    registered_by: UUID
    registered_at: dt.datetime
    changed_at: dt.datetime
    restricted_at: dt.datetime | None
    granted_to: list[UUID]
    """Who reads it now for a referral."""


class FiledCategoryOut(Out):
    """A category the record has or had."""

    code: str
    given_at: dt.datetime
    ended_at: dt.datetime | None
    evidence: str | None
    given_by: UUID
    since: dt.date | None
    until: dt.date | None
    verified_by: UUID | None
    verified_at: dt.datetime | None
    ended_by: UUID | None
    end_reason: str | None


class FiledFamilyOut(Out):
    """A family the person belongs or belonged to."""

    family_id: UUID
    relation: Relation
    joined_on: dt.date | None
    left_on: dt.date | None
    added_at: dt.datetime
    added_by: UUID


class FiledGroundsOut(Out):
    """Grounds on which data is or was held."""

    purpose: Purpose
    basis: LegalBasis
    text_version: str | None
    channel: ConsentChannel | None
    at: dt.datetime
    taken_by: UUID
    guardian: str | None
    withdrawn_at: dt.datetime | None
    withdrawn_by: UUID | None
    stops_at: dt.datetime | None
    stopped_at: dt.datetime | None


class FiledServiceOut(Out):
    """A service the person received."""

    referral_id: UUID
    outcome: Outcome
    service: str | None
    at: dt.datetime


class FiledRequestOut(Out):
    """What the person asked before."""

    kind: RequestKind
    state: RequestState
    words: str | None
    taken_by: UUID
    received_at: dt.datetime
    due_at: dt.datetime
    reminded_at: dt.datetime | None
    handled_by: UUID | None
    handled_at: dt.datetime | None
    refusal: Refusal | None
    answer: str | None


class FiledReportOut(Out):
    """That another system told of the person; what it said is not kept."""

    source: str
    received_at: dt.datetime
    settled_at: dt.datetime
    settled_by: UUID


class FiledMergeOut(Out):
    """That two records were said to be one person."""

    merged_id: UUID
    into_id: UUID
    merged_by: UUID
    merged_at: dt.datetime
    undone_by: UUID | None
    undone_at: dt.datetime | None


class FiledTraceOut(Out):
    """Who read or changed the record."""

    at: dt.datetime
    actor_id: UUID
    actor_kind: str
    action: str
    detail: str | None


class FileOut(BaseModel):
    """Everything this service holds about a person."""

    records: list[FiledRecordOut]
    """The one asked for, and those that are the same person."""
    categories: list[FiledCategoryOut]
    families: list[FiledFamilyOut]
    legal_bases: list[FiledGroundsOut]
    services_received: list[FiledServiceOut]
    requests: list[FiledRequestOut]
    reports: list[FiledReportOut]
    merges: list[FiledMergeOut]
    trail: list[FiledTraceOut]
    """The newest of it."""
    traces: int
    """How many rows the whole trail has."""
    elsewhere: str = ELSEWHERE

    @classmethod
    def of(cls, found: dict[str, Any]) -> Self:
        """The file with the places of the records in words."""
        records = [{**one, "area_label": label_of(one["area"])} for one in found["records"]]
        return cls.model_validate({**found, "records": records})
