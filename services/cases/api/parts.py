"""The parts of cases a request needs beside its transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import httpx2
from fastapi import Request

from services.cases.storage.attachment_store import AttachmentStore
from services.cases.storage.case_numbers import CaseNumbers
from services.cases.storage.rules import RuleBook
from shared import calls
from shared.auth import ServiceToken
from shared.contracts.codes import Confidentiality
from shared.errors import Unavailable
from shared.tracing import trace_header

CLEANERS: Final = 2


@dataclass(frozen=True, slots=True)
class FoundBeneficiary:
    """What registry answers about a beneficiary."""

    id: UUID
    version: int
    area: str
    confidentiality: Confidentiality
    merged_into: UUID | None = None


class Neighbours:
    """Questions to other services, never asked inside a transaction."""

    def __init__(self, *, registry_url: str, directory_url: str, token: ServiceToken) -> None:
        self._registry_url = registry_url
        self._directory_url = directory_url
        self._token = token
        self._client = calls.client()

    async def beneficiary(self, beneficiary_id: UUID) -> FoundBeneficiary | None:
        """The beneficiary as registry knows it, or None; raises `Unavailable`."""
        try:
            answer = await self._client.get(
                f"{self._registry_url}/internal/beneficiaries/{beneficiary_id}",
                headers=await self._headers(),
            )
            if answer.status_code == httpx2.codes.NOT_FOUND:
                return None
            answer.raise_for_status()
        except httpx2.HTTPError as error:
            raise Unavailable("registry does not answer") from error
        return _found(answer.json())

    async def beneficiaries(self, ids: Sequence[UUID]) -> list[FoundBeneficiary]:
        """Those of the beneficiaries that registry knows; raises `Unavailable`."""
        try:
            answer = await self._client.post(
                f"{self._registry_url}/internal/beneficiaries",
                json={"ids": [str(one) for one in ids]},
                headers=await self._headers(),
            )
            answer.raise_for_status()
        except httpx2.HTTPError as error:
            raise Unavailable("registry does not answer") from error
        return [_found(body) for body in answer.json()["items"]]

    async def name_of_worker(self, worker_id: UUID) -> str | None:
        """The worker's name for a message to a colleague, or None when directory is silent."""
        try:
            answer = await self._client.post(
                f"{self._directory_url}/workers/lookup",
                json={"ids": [str(worker_id)]},
                headers=await self._headers(),
            )
            answer.raise_for_status()
        except (httpx2.HTTPError, Unavailable):
            return None
        items = answer.json()["items"]
        return items[0]["name"] if items else None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _headers(self) -> dict[str, str]:
        return {**await self._token.header(), **trace_header()}


def _found(body: dict[str, Any]) -> FoundBeneficiary:
    return FoundBeneficiary(
        id=UUID(body["id"]),
        version=body["version"],
        area=body["area"],
        confidentiality=Confidentiality(body["confidentiality"]),
        merged_into=UUID(body["merged_into"]) if body.get("merged_into") else None,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """What the composition root hands to the routes."""

    rules: RuleBook
    numbers: CaseNumbers
    neighbours: Neighbours
    attachments: AttachmentStore
    cleaning: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CLEANERS))
    """Turns at cleaning uploaded files: each takes a core and much memory for a second."""


def parts(request: Request) -> Parts:
    """The parts of this process."""
    found: Parts = request.app.state.parts
    return found
