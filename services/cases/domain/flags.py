"""What the flags of a routing rule bind: one total table over every flag a rule may carry."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from shared.contracts.codes import LegalBasis
from shared.errors import RuleViolated

_LONG_NUMBER: Final = re.compile(r"(?<!\d)\d[\d .-]{14,20}\d(?!\d)")
"""Sixteen digits, perhaps grouped: a NIK or the number of a family card."""


class Flag(StrEnum):
    """The flags of the routing rules."""

    NO_PILLAR_BROADCAST = "NO_PILLAR_BROADCAST"
    REDACT_IDENTITY = "REDACT_IDENTITY"
    SAFE_CONTACT_ONLY = "SAFE_CONTACT_ONLY"
    NO_MEDIATION = "NO_MEDIATION"
    NO_PERSON_NAMES = "NO_PERSON_NAMES"
    NO_GROUP_LABEL_IN_NOTIFICATION = "NO_GROUP_LABEL_IN_NOTIFICATION"
    NO_DIAGNOSIS_IN_EVENT = "NO_DIAGNOSIS_IN_EVENT"
    NO_ORIENTATION_FIELD = "NO_ORIENTATION_FIELD"
    PROTECT_REPORTER = "PROTECT_REPORTER"
    CONSENT_EXPLICIT = "CONSENT_EXPLICIT"
    CONSENT_GUARDIAN_OR_BEST_INTEREST = "CONSENT_GUARDIAN_OR_BEST_INTEREST"
    CONSENT_DISABILITY_FORMAT = "CONSENT_DISABILITY_FORMAT"
    VOLUNTARY_REPORT = "VOLUNTARY_REPORT"
    CALL_FIRST_THEN_RECORD = "CALL_FIRST_THEN_RECORD"
    HEALTH_TEAM_FIRST = "HEALTH_TEAM_FIRST"
    FAMILY_TRACING = "FAMILY_TRACING"
    BIOMETRIC_ID_BY_DUKCAPIL = "BIOMETRIC_ID_BY_DUKCAPIL"
    SCREEN_FOR_VIOLENCE = "SCREEN_FOR_VIOLENCE"
    SCREEN_FOR_TRAFFICKING = "SCREEN_FOR_TRAFFICKING"
    CHECK_DTSEN_DESIL = "CHECK_DTSEN_DESIL"
    MANUAL_TRIAGE = "MANUAL_TRIAGE"
    BULK_INTAKE = "BULK_INTAKE"
    OFFLINE_FORM = "OFFLINE_FORM"
    SITE_HEADCOUNT = "SITE_HEADCOUNT"


class Bind(StrEnum):
    """What the code does, and never leaves to memory."""

    NAMED_ONLY = "named_only"
    """It goes to one named person, never to a pool, and to no supporting pillar."""
    NO_NAME_IN_LISTS = "no_name_in_lists"
    """Lists and letters do not say whom it is about."""
    NO_CATEGORY_OUTSIDE = "no_category_outside"
    """No event or notice names the category or the service given."""
    HIDE_SENDER = "hide_sender"
    """The receivers do not learn who reported it."""
    SAFE_CONTACT = "safe_contact"
    """Only the safe contact may be used; phone and address are not shown."""
    EXPLICIT_CONSENT = "explicit_consent"
    """Sent only with the person's own consent, or to save a life (UU 27/2022 art. 20)."""
    ASKS_ABOUT_GUARDIAN = "asks_about_guardian"
    """The sender is asked who consented, and whether the guardian is the suspect."""
    NO_MEDIATION = "no_mediation"
    """It cannot be completed with mediation as the service (UU 12/2022 art. 23)."""
    NO_NUMBERS_OF_PERSONS = "no_numbers_of_persons"
    """Its words hold no number that looks like a NIK or KK."""


@dataclass(frozen=True, slots=True)
class FlagInfo:
    """A flag's sentence for those who work on the referral, and what it binds."""

    advice: str
    binds: frozenset[Bind]


def _info(advice: str, *binds: Bind) -> FlagInfo:
    return FlagInfo(advice, frozenset(binds))


FLAGS: Final[Mapping[Flag, FlagInfo]] = {
    Flag.NO_PILLAR_BROADCAST: _info(
        "Hanya petugas yang disebut yang diberi tahu; jangan dibahas di grup.", Bind.NAMED_ONLY
    ),
    Flag.REDACT_IDENTITY: _info(
        "Identitas dirahasiakan; nama tidak tampil di daftar dan surat.", Bind.NO_NAME_IN_LISTS
    ),
    Flag.SAFE_CONTACT_ONLY: _info(
        "Hubungi hanya lewat kontak aman yang diberikan korban.", Bind.SAFE_CONTACT
    ),
    Flag.NO_MEDIATION: _info("Jangan dimediasi dengan pelaku.", Bind.NO_MEDIATION),
    Flag.NO_PERSON_NAMES: _info(
        "Tulis kerawanan wilayahnya, bukan nama atau nomor orang.",
        Bind.NO_NAME_IN_LISTS,
        Bind.NO_NUMBERS_OF_PERSONS,
    ),
    Flag.NO_GROUP_LABEL_IN_NOTIFICATION: _info(
        "Jangan menyebut suku, agama, atau kelompok.", Bind.NO_CATEGORY_OUTSIDE
    ),
    Flag.NO_DIAGNOSIS_IN_EVENT: _info(
        "Jangan menulis diagnosis di luar catatan rujukan ini.", Bind.NO_CATEGORY_OUTSIDE
    ),
    Flag.NO_ORIENTATION_FIELD: _info(
        "Catat kebutuhan dan hambatannya saja.", Bind.NO_CATEGORY_OUTSIDE
    ),
    Flag.PROTECT_REPORTER: _info("Identitas pelapor dilindungi.", Bind.HIDE_SENDER),
    Flag.CONSENT_EXPLICIT: _info(
        "Perlu persetujuan tegas dari yang bersangkutan.", Bind.EXPLICIT_CONSENT
    ),
    Flag.CONSENT_GUARDIAN_OR_BEST_INTEREST: _info(
        "Persetujuan wali, kecuali wali terduga pelaku: utamakan kepentingan terbaik anak.",
        Bind.ASKS_ABOUT_GUARDIAN,
    ),
    Flag.CONSENT_DISABILITY_FORMAT: _info(
        "Minta persetujuan dengan cara komunikasi yang sesuai disabilitasnya."
    ),
    Flag.VOLUNTARY_REPORT: _info("Lapor diri sukarela ke IPWL; tidak untuk penuntutan."),
    Flag.CALL_FIRST_THEN_RECORD: _info(
        "Telepon dulu 119 atau 110 dan dampingi orangnya, baru mencatat."
    ),
    Flag.HEALTH_TEAM_FIRST: _info("Datang bersama tim kesehatan Puskesmas."),
    Flag.FAMILY_TRACING: _info("Telusuri keluarganya."),
    Flag.BIOMETRIC_ID_BY_DUKCAPIL: _info("Minta Dukcapil memeriksa biometriknya bila perlu."),
    Flag.SCREEN_FOR_VIOLENCE: _info("Periksa tanda kekerasan; bila ada, rujuk sebagai kekerasan."),
    Flag.SCREEN_FOR_TRAFFICKING: _info("Periksa tanda perdagangan orang."),
    Flag.CHECK_DTSEN_DESIL: _info("Periksa desil DTSEN."),
    Flag.MANUAL_TRIAGE: _info("Belum ada aturan khusus; telaah sendiri lalu alihkan bila perlu."),
    Flag.BULK_INTAKE: _info("Keluarga terdampak dapat didata per kelompok."),
    Flag.OFFLINE_FORM: _info("Pendataan dapat dilakukan tanpa sinyal."),
    Flag.SITE_HEADCOUNT: _info("Catat jumlah jiwa di tiap lokasi."),
}


ADVISORY: Final = frozenset(
    {
        Flag.CONSENT_DISABILITY_FORMAT,
        Flag.VOLUNTARY_REPORT,
        Flag.CALL_FIRST_THEN_RECORD,
        Flag.HEALTH_TEAM_FIRST,
        Flag.FAMILY_TRACING,
        Flag.BIOMETRIC_ID_BY_DUKCAPIL,
        Flag.SCREEN_FOR_VIOLENCE,
        Flag.SCREEN_FOR_TRAFFICKING,
        Flag.CHECK_DTSEN_DESIL,
        Flag.MANUAL_TRIAGE,
    }
)
"""Flags about what people do away from the screen: they bind nothing, and their sentence is shown
to the sender in the plan and to whoever works on the referral."""
OF_INTAKE: Final = frozenset({Flag.BULK_INTAKE, Flag.OFFLINE_FORM, Flag.SITE_HEADCOUNT})
"""Flags that open or ask for something in the intake of a disaster, see `domain.disaster`."""


class FlagNotKept(RuleViolated):
    """The rule's flags forbid sending or completing it like this."""

    code = "flag-not-kept"
    title = "Aturan perlindungan tidak terpenuhi"
    title_en = "A protection rule is not kept"


def binds(flags: Iterable[str], bind: Bind) -> bool:
    """Whether any of these flags binds so."""
    return any(bind in FLAGS[Flag(flag)].binds for flag in flags)


def advice_of(flags: Iterable[str]) -> tuple[str, ...]:
    """The sentences those who work on it should read, in the order of the flags."""
    return tuple(FLAGS[Flag(flag)].advice for flag in flags)


def require_kept_on_sending(
    flags: Iterable[str],
    *,
    legal_basis: LegalBasis,
    attributes: Mapping[str, Any],
    words: Mapping[str, str | None],
) -> None:
    """Raise `FlagNotKept` when the need may not be sent like this; `words` by their pointers."""
    flags = tuple(flags)
    explicit = legal_basis in {LegalBasis.CONSENT, LegalBasis.VITAL_INTEREST}
    if binds(flags, Bind.EXPLICIT_CONSENT) and not explicit:
        raise FlagNotKept(
            "Perlu persetujuan tegas yang bersangkutan, kecuali untuk menyelamatkan jiwa.",
            "/legal_basis",
        )
    suspect = attributes.get("guardian_is_suspect") is True
    given_by = attributes.get("consent_by")
    # Consent whose giver is not named may be the guardian's.
    unnamed = legal_basis is LegalBasis.CONSENT and given_by not in {"person", "best_interest"}
    asks_guardian = given_by == "guardian" or unnamed
    # Whatever the rule: what is known of the guardian is known, asked for or not.
    if suspect and asks_guardian:
        raise FlagNotKept(
            "Wali terduga pelaku tidak boleh dimintai persetujuan; "
            "gunakan kepentingan terbaik anak.",
            "/attributes/consent_by",
        )
    for pointer, text in words.items():
        require_no_number(flags, text, pointer)


def require_no_number(flags: Iterable[str], text: str | None, pointer: str | None = None) -> None:
    """Raise `FlagNotKept` when words hold the number of a person that the flags keep out."""
    if text and _LONG_NUMBER.search(text) and binds(flags, Bind.NO_NUMBERS_OF_PERSONS):
        raise FlagNotKept("Jangan menulis nomor identitas orang.", pointer)


def require_kept_on_completing(flags: Iterable[str], *, service: str | None) -> None:
    """Raise `FlagNotKept` when it may not be completed with this service."""
    if service is not None and "MEDIA" in service and binds(flags, Bind.NO_MEDIATION):
        raise FlagNotKept("Kebutuhan ini tidak boleh diselesaikan dengan mediasi.", "/service")
