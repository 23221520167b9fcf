"""Registry: the file of everything it holds about a person."""

import datetime as dt
from datetime import datetime
from uuid import UUID

from services.portal.clients.answers import Answer
from services.portal.clients.protection import Trace


class FiledRecord(Answer):
    """A record as the person is given it, with the whole NIK."""

    id: UUID
    name: str
    kind: str
    sex: str | None = None
    birth_precision: str | None = None
    birth_year: int | None = None
    birth_on: dt.date | None = None
    nik: str | None = None
    nik_absent_reason: str | None = None
    kk: str | None = None
    aliases: tuple[str, ...] = ()
    disabilities: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    size: int | None = None
    area: str
    address: str | None = None
    phone: str | None = None
    safe_contact: bool | None = None
    confidentiality: str
    registered_by: UUID
    registered_at: datetime
    changed_at: datetime
    restricted_at: datetime | None = None
    granted_to: tuple[UUID, ...] = ()


class FiledCategory(Answer):
    """A category the person has or had."""

    code: str
    given_at: datetime
    given_by: UUID
    since: dt.date | None = None
    until: dt.date | None = None
    evidence: str | None = None
    verified_by: UUID | None = None
    verified_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    end_reason: str | None = None


class FiledFamily(Answer):
    """A family the person belongs or belonged to."""

    family_id: UUID
    relation: str
    joined_on: dt.date | None = None
    left_on: dt.date | None = None
    added_at: datetime
    added_by: UUID


class FiledGrounds(Answer):
    """Why data is or was held."""

    purpose: str
    basis: str
    text_version: str | None = None
    channel: str | None = None
    at: datetime
    taken_by: UUID
    guardian: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None
    stops_at: datetime | None = None
    stopped_at: datetime | None = None


class FiledService(Answer):
    """A service the person received."""

    referral_id: UUID
    outcome: str
    service: str | None = None
    at: datetime


class FiledRequest(Answer):
    """What the person asked before."""

    kind: str
    state: str
    words: str | None = None
    taken_by: UUID
    received_at: datetime
    due_at: datetime
    reminded_at: datetime | None = None
    handled_by: UUID | None = None
    handled_at: datetime | None = None
    refusal: str | None = None
    answer: str | None = None


class FiledReport(Answer):
    """That another system told of the person."""

    source: str
    received_at: datetime
    settled_at: datetime
    settled_by: UUID


class FiledMerge(Answer):
    """That two records were said to be one person."""

    merged_id: UUID
    into_id: UUID
    merged_by: UUID
    merged_at: datetime
    undone_by: UUID | None = None
    undone_at: datetime | None = None


class PersonalFile(Answer):
    """Everything registry holds about a person."""

    records: tuple[FiledRecord, ...]
    categories: tuple[FiledCategory, ...] = ()
    families: tuple[FiledFamily, ...] = ()
    legal_bases: tuple[FiledGrounds, ...] = ()
    services_received: tuple[FiledService, ...] = ()
    requests: tuple[FiledRequest, ...] = ()
    reports: tuple[FiledReport, ...] = ()
    merges: tuple[FiledMerge, ...] = ()
    trail: tuple[Trace, ...] = ()
    traces: int
    elsewhere: str

    def people(self) -> set[UUID]:
        """The workers it names."""
        named: list[UUID | None] = [
            one.actor_id for one in self.trail if one.actor_kind != "service"
        ]
        for record in self.records:
            named += (record.registered_by, *record.granted_to)
        for category in self.categories:
            named += (category.given_by, category.verified_by, category.ended_by)
        named += [family.added_by for family in self.families]
        for basis in self.legal_bases:
            named += (basis.taken_by, basis.withdrawn_by)
        for request in self.requests:
            named += (request.taken_by, request.handled_by)
        named += [report.settled_by for report in self.reports]
        for merge in self.merges:
            named += (merge.merged_by, merge.undone_by)
        return {one for one in named if one is not None}
