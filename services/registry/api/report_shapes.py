"""What is asked and answered about reports by other systems."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.registry.api.answers import CandidateOut
from services.registry.api.bodies import (
    Address,
    BirthIn,
    FewCodes,
    LookalikesIn,
)
from services.registry.domain.birth import local_day
from services.registry.domain.lookalike import Lookalike
from services.registry.domain.report import ReportRefusal, ReportState
from services.registry.domain.sex import Sex
from services.registry.storage.reports import Filed, NewReport, Report
from shared.contracts.codes import BeneficiaryKind, Confidentiality
from shared.http import Input
from shared.ids import new_id
from shared.reference.categories import require_category, sensitivity_of

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
_NOT_SAID: Final = {"source", "external_id", "has_nik"}


class ReportIn(LookalikesIn):
    """Somebody in need, as another system knows them.

    `source` and `external_id` together name it once and for all, as an event's `source` and `id`
    do (CloudEvents 1.0). A NIK that cannot be one refuses nothing: the worker reads it as it came.
    """

    source: Label
    """The system that tells, as workers are to read it."""
    external_id: Label
    categories: FewCodes = Field(default_factory=list)
    address: Address | None = None
    words: Words | None = None
    """What is the matter, in the words of who tells."""

    def to_report(self, now: dt.datetime) -> NewReport:
        """The report meant; raises `RuleViolated` for what no person can be."""
        self.to_particulars(now)
        for place, code in enumerate(self.categories):
            require_category(code, f"/categories/{place}", on=local_day(now))
        said = self.model_dump(mode="json", exclude_none=True, exclude=_NOT_SAID)
        return NewReport(
            id=new_id(),
            source=self.source,
            external_id=self.external_id,
            area=self.area,
            confidentiality=sensitivity_of(self.categories),
            said=said,
        )


class SettleIn(Input):
    """Whose report it is, or why nobody is recorded for it: one of the two."""

    beneficiary_id: UUID | None = None
    refusal: ReportRefusal | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.beneficiary_id is None) == (self.refusal is None):
            raise ValueError("give beneficiary_id or refusal")
        return self


class FiledOut(BaseModel):
    """A report that is there, and how far it is."""

    id: UUID
    state: ReportState
    refusal: ReportRefusal | None = None

    @classmethod
    def to_source(cls, filed: Filed) -> Self:
        """As its source is told: that somebody is recorded, and never that it is hidden who."""
        if filed.refusal is ReportRefusal.ALREADY_RECORDED:
            return cls(id=filed.id, state=ReportState.SETTLED)
        return cls(id=filed.id, state=filed.state, refusal=filed.refusal)


class ReportRowOut(BaseModel):
    """A report in a list; of a `layanan khusus` one the name is left out."""

    id: UUID
    source: str
    name: str | None
    area: str
    confidentiality: Confidentiality
    received_at: dt.datetime

    @classmethod
    def of(cls, report: Report) -> Self:
        """The row of one that waits."""
        said = report.said or {}
        is_hidden = report.confidentiality is Confidentiality.C3
        return cls(
            id=report.id,
            source=report.source,
            name=None if is_hidden else said.get("name"),
            area=report.area,
            confidentiality=report.confidentiality,
            received_at=report.received_at,
        )


class ReportListOut(BaseModel):
    """A page of those that wait, the oldest first."""

    items: list[ReportRowOut]
    next: UUID | None


class SaidOut(BaseModel):
    """What a report says, as it came."""

    kind: BeneficiaryKind
    name: str
    area: str
    sex: Sex | None = None
    birth: BirthIn | None = None
    nik: str | None = None
    kk: str | None = None
    address: str | None = None
    phone: str | None = None
    categories: list[str]
    words: str | None = None


class ReportOut(BaseModel):
    """A report in full, with the records that may be the same.

    Once it is settled nothing of what it said is left; what it led to stands instead.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    source: str
    area: str
    confidentiality: Confidentiality
    state: ReportState
    received_at: dt.datetime
    settled_at: dt.datetime | None
    settled_by: UUID | None
    beneficiary_id: UUID | None
    refusal: ReportRefusal | None
    said: SaidOut | None
    candidates: list[CandidateOut] = []

    @classmethod
    def of(cls, report: Report, found: Sequence[Lookalike]) -> Self:
        """The answer to whoever may decide about it."""
        answer = cls.model_validate(report)
        answer.candidates = [CandidateOut.model_validate(one.as_candidate()) for one in found]
        return answer


def asked_of(report: Report) -> LookalikesIn | None:
    """What of a report is compared; None where nothing is left of it."""
    if report.said is None:
        return None
    compared = LookalikesIn.model_fields.keys() & report.said.keys()
    return LookalikesIn.model_validate({name: report.said[name] for name in compared})
