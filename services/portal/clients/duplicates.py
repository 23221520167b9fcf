"""Records of registry that may be one person: typed calls."""

from uuid import UUID

from services.portal.clients.answers import read, read_list
from services.portal.clients.registry import Beneficiary, Candidate
from services.portal.clients.service import Service


class Duplicates:
    """What registry says and does of records that look alike."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def of(self, token: str, beneficiary_id: UUID) -> list[Candidate]:
        """Who may be the same as a registered person."""
        answer = await self._service.get(f"/beneficiaries/{beneficiary_id}/lookalikes", token)
        return read_list(Candidate, answer)

    async def different(self, token: str, one: UUID, other: UUID, *, key: str) -> None:
        """Say that the two are different people."""
        path = f"/beneficiaries/{one}/different"
        await self._service.post(path, token, {"other": str(other)}, key=key)

    async def merge(self, token: str, merged: UUID, into: UUID, *, key: str) -> Beneficiary:
        """Let one record go on as the other, which comes back."""
        path = f"/beneficiaries/{merged}/merge"
        return read(
            Beneficiary, await self._service.post(path, token, {"into": str(into)}, key=key)
        )

    async def unmerge(self, token: str, merged: UUID, *, key: str) -> Beneficiary:
        """Take a merge back; the record that stands for itself again comes back."""
        path = f"/beneficiaries/{merged}/unmerge"
        return read(Beneficiary, await self._service.post(path, token, {}, key=key))
