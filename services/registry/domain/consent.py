"""Why personal data may be held (UU 27/2022 art. 20-25), and how consent was shown and ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.registry.domain.finding import Finding
from shared.contracts.codes import LegalBasis
from shared.errors import RuleViolated

STOPS_AFTER: Final = timedelta(hours=3 * 24)
"""How long after a withdrawal processing may go on at most (art. 40), by the clock."""

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far the clock of a device may run ahead of ours."""


class ConsentChannel(StrEnum):
    """How the person agreed; the law asks for written or recorded proof."""

    WRITTEN = "written"
    RECORDED = "recorded"
    ELECTRONIC = "electronic"


class Purpose(StrEnum):
    """What data is held for; each purpose has grounds of its own."""

    SERVICE = "service"
    """To know the person and help; without grounds for it a record is restricted."""
    SHARING = "sharing"
    """To pass data on to services outside social affairs."""
    DOCUMENTATION = "documentation"
    """To keep photographs and reports of what was done."""


@dataclass(frozen=True, slots=True)
class Consent:
    """An agreement given: which text, by which channel, when (None: at registration)."""

    text_version: str
    channel: ConsentChannel
    at: datetime | None = None

    @classmethod
    def given(
        cls, text_version: str, channel: ConsentChannel, at: datetime | None, *, now: datetime
    ) -> "Consent":
        """An agreement that was given; raises `RuleViolated` for one of a day to come."""
        if at is not None and at > now + CLOCKS_DIFFER:
            raise RuleViolated("Tanggal persetujuan belum tiba.", "/consent/at")
        return cls(text_version, channel, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Why data may be held for one purpose from now on."""

    purpose: Purpose
    basis: LegalBasis
    consent: Consent | None = None
    guardian: str | None = field(default=None, repr=False)
    """Who agreed in place of a child or of somebody who cannot decide alone."""

    @classmethod
    def given(
        cls,
        *,
        purpose: Purpose,
        basis: LegalBasis,
        consent: Consent | None,
        guardian: str | None,
        guardian_is_suspect: bool,
    ) -> "Grounds":
        """Grounds that hold together; raises `RuleViolated` for a guardian who is not to be asked.

        Help never waits for such a guardian: it rests on vital interest or public task instead.
        """
        if basis is not LegalBasis.CONSENT:
            if consent is not None or guardian is not None:
                raise RuleViolated("Hanya diisi bila dasarnya persetujuan.", "/consent")
        elif guardian_is_suspect:
            raise RuleViolated(
                "Wali yang diduga pelaku tidak dimintai persetujuan. Pakai kepentingan yang sah "
                "untuk melindungi jiwa (kepentingan vital) atau tugas pelayanan publik.",
                "/guardian_is_suspect",
            )
        return cls(purpose=purpose, basis=basis, consent=consent, guardian=guardian)


def consent_findings(basis: LegalBasis, consent: Consent | None) -> list[Finding]:
    """Consent without its proof is worth a warning, but help does not wait for it."""
    if basis is LegalBasis.CONSENT and consent is None:
        return [Finding("consent-proof", "/consent", "Bukti persetujuan belum dicatat.")]
    return []


def leaves_without_grounds(purposes_in_force: Iterable[str]) -> bool:
    """Whether nothing that is still in force allows to keep knowing the person."""
    return Purpose.SERVICE not in purposes_in_force
