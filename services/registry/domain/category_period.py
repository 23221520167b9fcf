"""Giving a category and ending it: on which days, on what evidence and why."""

from datetime import date
from enum import StrEnum

from shared.errors import Conflict, RuleViolated


class EndReason(StrEnum):
    """Why a category does not hold any more."""

    NO_LONGER = "no_longer"
    OTHER_CATEGORY = "other_category"
    MISTAKEN = "mistaken"
    MOVED = "moved"
    DIED = "died"


class CategoryHeld(Conflict):
    """The category holds already."""

    code = "category-held"
    title = "Kategori ini sudah berlaku"
    title_en = "This category holds already"


class CategoryNotHeld(Conflict):
    """The category does not hold."""

    code = "category-not-held"
    title = "Kategori ini tidak sedang berlaku"
    title_en = "This category does not hold now"


def require_beginning(since: date | None, *, today: date) -> None:
    """Raises `RuleViolated` for a day that has not come."""
    if since is not None and since > today:
        raise RuleViolated("Tanggal mulai ada di masa depan.", "/since")


def require_end(until: date, *, since: date | None, today: date) -> None:
    """Raises `RuleViolated` for a day that has not come or lies before the beginning."""
    if until > today:
        raise RuleViolated("Tanggal akhir ada di masa depan.", "/until")
    if since is not None and until < since:
        raise RuleViolated("Tanggal akhir sebelum tanggal mulai.", "/until")
