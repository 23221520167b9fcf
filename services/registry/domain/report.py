"""What another system tells of somebody in need, until a worker has decided who it is."""

from enum import StrEnum

from shared.errors import Conflict


class ReportState(StrEnum):
    """How far a report is."""

    OPEN = "open"
    SETTLED = "settled"
    """It led to a record, a new one or one that was there."""
    REFUSED = "refused"


class ReportRefusal(StrEnum):
    """Why nobody is recorded for it."""

    ALREADY_RECORDED = "already_recorded"
    """The person is recorded, and the decider is not shown by whose name."""
    NOT_FOUND = "not_found"
    """Nobody by that description lives there."""
    NOT_IN_NEED = "not_in_need"
    """The person is there and in none of the categories."""
    ELSEWHERE = "elsewhere"
    """The person lives in an area of others."""
    MISTAKEN = "mistaken"
    """It was sent by mistake, or twice."""


class ReportHandled(Conflict):
    """Somebody has decided about the report already."""

    code = "report-handled"
    title = "Laporan ini sudah diselesaikan"
    title_en = "This report was settled already"
