"""Addresses inside the portal."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import status
from starlette.responses import RedirectResponse, Response

from services.portal.drafts import Drafts
from services.portal.sessions import Visitor

HOME: Final = "/"


def local(address: str | None) -> str | None:
    """The address if it stays inside the portal, else None."""
    if address and address.startswith("/") and address[1:2] not in {"/", "\\"}:
        return None if any(character in address for character in "\\\r\n") else address
    return None


def see(address: str) -> RedirectResponse:
    """After a form has taken effect: show the result at its own address."""
    return RedirectResponse(address, status.HTTP_303_SEE_OTHER)


def of_person(beneficiary_id: UUID) -> str:
    """The page of a beneficiary."""
    return f"/warga/{beneficiary_id}"


def of_report(report_id: UUID) -> str:
    """The page of a report by another system."""
    return f"/laporan/{report_id}"


def of_duplicates(beneficiary_id: UUID) -> str:
    """The page of those who may be the same as a beneficiary."""
    return f"{of_person(beneficiary_id)}/ganda"


def of_protection(beneficiary_id: UUID) -> str:
    """The page about the protection of a beneficiary's data."""
    return f"/warga/{beneficiary_id}/pelindungan"


def of_referral(referral_id: UUID, done: str | None = None) -> str:
    """The page of a referral; `done` is the verb just done."""
    return f"/rujukan/{referral_id}" + (f"?selesai={quote(done)}" if done else "")


def see_referral(
    referral_id: UUID, done: str, warnings: Sequence[str], visitor: Visitor, drafts: Drafts
) -> Response:
    """After a verb was done: the referral, with what the services warn of once."""
    answer = see(of_referral(referral_id, done=done))
    if warnings:
        drafts.keep(
            answer, of_referral(referral_id), visitor.worker.id, {"warnings": list(warnings)}
        )
    return answer


def of_disaster(disaster_id: UUID) -> str:
    """The page of a disaster."""
    return f"/bencana/{disaster_id}"
