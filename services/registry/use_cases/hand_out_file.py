"""Hand a person the file of everything held about them."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from services.registry.storage import access_file, requests
from services.registry.storage.field_encryption import NikVault
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.errors import NotFound, RuleViolated


class HandedTo(StrEnum):
    """Who is given the file, after the officer has made sure of it."""

    PERSON = "person"
    GUARDIAN = "guardian"


async def hand_out_file(
    beneficiary_id: UUID, handed_to: HandedTo, *, tx: Tx, actor: Actor, vault: NikVault
) -> dict[str, Any]:
    """The file, with the whole NIK, for it is the person's own; that it was given is in the trail.

    Of a special services record nobody but the person is given it, for whoever stands near may be
    who did the harm, and nobody opens it who was not asked to. Raises `NotFound` out of scope.
    """
    found = await access_file.whole(tx, vault, actor, beneficiary_id)
    if found is None:
        raise NotFound
    secret = any(one["confidentiality"] == Confidentiality.C3 for one in found["records"])
    if secret and handed_to is not HandedTo.PERSON:
        raise RuleViolated(
            "Berkas layanan khusus hanya diserahkan kepada yang bersangkutan sendiri.",
            "/handed_to",
        )
    ids = [one["id"] for one in found["records"]]
    if secret and not await requests.is_access_asked(tx, ids):
        raise RuleViolated(
            "Catat dahulu permintaan akses dari yang bersangkutan; itu yang dijawab berkas ini."
        )
    await audit.record(tx, actor, "protection.file_handed_out", ids, detail=handed_to)
    return found
