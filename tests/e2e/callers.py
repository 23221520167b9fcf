"""Programs that speak to the services with a worker's token."""

import uuid
from typing import Any

import httpx2

from tests.conftest import SUMBERWULUH
from tests.e2e.installation import Installation
from tests.e2e.people import BIRTH_YEAR, Person


class Caller:
    """One worker's program."""

    def __init__(self, installation: Installation, username: str) -> None:
        self.token = installation.token(username)
        self._installation = installation
        self._http = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {self.token}"}, trust_env=False, timeout=10
        )

    async def get(self, service: str, path: str, status: int = 200, **params: Any) -> Any:
        """The answer to a read, which must have this status."""
        answer = await self._http.get(self._installation.url(service) + path, params=params)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(
        self,
        service: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        status: int | None = None,
        key: str | None = None,
    ) -> Any:
        """The answer to a write, which must have this status, or else any of success."""
        answer = await self._http.post(
            self._installation.url(service) + path,
            json=body or {},
            headers={"Idempotency-Key": key or str(uuid.uuid4())},
        )
        fits = answer.is_success if status is None else answer.status_code == status
        assert fits, f"{answer.status_code} {answer.text}"
        return answer.json()

    async def put(self, service: str, path: str, body: dict[str, Any]) -> Any:
        """The answer to a replacement, which must succeed."""
        answer = await self._http.put(self._installation.url(service) + path, json=body)
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        return answer.json()

    def stream(self, last_id: str | None = None) -> Any:
        """The live stream, to be entered with `async with`."""
        headers = {"Last-Event-ID": last_id} if last_id else {}
        url = self._installation.url("notifications") + "/stream"
        return self._http.stream("GET", url, headers=headers)

    async def register(self, person: Person) -> str:
        """The id of the newly registered person."""
        made = await self.post("registry", "/beneficiaries", registration(person), status=201)
        return str(made["id"])

    async def send(self, beneficiary_id: str, **changes: Any) -> dict[str, Any]:
        """The referral just sent."""
        sent = await self.post("cases", "/referrals", need(beneficiary_id, **changes), status=201)
        referral: dict[str, Any] = sent["referrals"][0]
        return referral

    async def act(self, referral_id: str, verb: str, **body: Any) -> dict[str, Any]:
        """The referral after this verb."""
        after: dict[str, Any] = await self.post("cases", f"/referrals/{referral_id}/{verb}", body)
        return after

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def registration(person: Person) -> dict[str, Any]:
    """What registry is told of a person."""
    return {
        "kind": "person",
        "name": person.name,
        "sex": "F",
        "birth": {"year": BIRTH_YEAR},
        "nik": person.nik,
        "area": SUMBERWULUH,
        "categories": ["LUT"],
        "legal_basis": "public_task",
    }


def need(beneficiary_id: str, **changes: Any) -> dict[str, Any]:
    """What cases is told of a need that the TKSK of the kecamatan looks after."""
    return {
        "beneficiary_id": beneficiary_id,
        "category": "LUT",
        "situation": "NEGLECT",
        "area": SUMBERWULUH,
        "need": "Tinggal sendiri, makan bergantung pada tetangga.",
        "legal_basis": "public_task",
        "target": {"pillar": "TKSK"},
        **changes,
    }
