"""Why personal data may be held (UU 27/2022 art. 20-24), and how consent was shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.registry.domain.finding import Finding
from shared.contracts.codes import LegalBasis


class ConsentChannel(StrEnum):
    """How the person agreed; the law asks for written or recorded proof."""

    WRITTEN = "written"
    RECORDED = "recorded"
    ELECTRONIC = "electronic"


@dataclass(frozen=True, slots=True)
class Consent:
    """An agreement given: which text, by which channel, when (None: at registration)."""

    text_version: str
    channel: ConsentChannel
    at: datetime | None = None


def consent_findings(basis: LegalBasis, consent: Consent | None) -> list[Finding]:
    """Consent without its proof is worth a warning, but help does not wait for it."""
    if basis is LegalBasis.CONSENT and consent is None:
        return [Finding("consent-proof", "/consent", "Bukti persetujuan belum dicatat.")]
    return []
