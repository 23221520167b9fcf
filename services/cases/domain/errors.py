"""What the rules of cases and referrals refuse."""

from typing import Any
from uuid import UUID

from shared.errors import Conflict, NotFound, RuleViolated


class TransitionNotAllowed(Conflict):
    """The verb is not open to this caller in this status; the answer names those that are."""

    code = "transition-not-allowed"
    title = "Langkah ini tidak dapat dilakukan sekarang"
    title_en = "This step is not possible now"

    def __init__(self, *, status_now: str, allowed: list[str]) -> None:
        super().__init__(status_now=status_now, allowed=allowed)


class AlreadyAccepted(Conflict):
    """Somebody else was first; the answer names who."""

    code = "already-accepted"
    title = "Rujukan sudah diterima petugas lain"
    title_en = "Another worker has already accepted this referral"

    def __init__(self, *, holder_id: UUID, pillar: str) -> None:
        holder: dict[str, Any] = {"id": str(holder_id), "name": None, "pillar": pillar}
        super().__init__(holder=holder)
        self.holder_id = holder_id


class UnknownBeneficiary(NotFound):
    """No beneficiary with this id lies in the caller's scope."""

    code = "unknown-beneficiary"
    title = "Warga tidak ditemukan di wilayah Anda"
    title_en = "No such beneficiary in your area"


class UnknownCase(NotFound):
    """No open case with this id lies in the caller's scope."""

    code = "unknown-case"
    title = "Kasus tidak ditemukan"
    title_en = "No such case"


class SecretsApart(RuleViolated):
    """What only named persons may know of and what others may would share the words of a case."""

    code = "secrets-apart"
    title = "Kebutuhan rahasia memerlukan kasus tersendiri"
    title_en = "A confidential need has a case of its own"


class NotYourDuty(RuleViolated):
    """`acting_as` names a duty the caller does not hold."""

    code = "not-your-duty"
    title = "Anda tidak memegang tugas tersebut"
    title_en = "You do not hold this duty"


class UnknownReceiver(RuleViolated):
    """The named worker cannot be given work: unknown, gone, or without a fitting duty."""

    code = "unknown-receiver"
    title = "Petugas tujuan tidak dapat menerima rujukan"
    title_en = "The named worker cannot receive this referral"


class NotWithWorker(RuleViolated):
    """The referral is neither held by that worker nor waiting for them by name."""

    code = "not-with-worker"
    title = "Rujukan ini tidak sedang dipegang petugas tersebut"
    title_en = "This referral is not in that worker's hands"


class SameWorker(RuleViolated):
    """Work cannot be handed over to whoever has it."""

    code = "same-worker"
    title = "Pilih petugas lain sebagai penerima"
    title_en = "Choose somebody else to take over"


class ReasonMissing(RuleViolated):
    """The rules ask for words to go with this choice."""

    code = "reason-missing"
    title = "Alasan wajib diisi"
    title_en = "A reason is needed"


class TimeImplausible(RuleViolated):
    """`occurred_at` lies in the future, or before any act this system could know of."""

    code = "time-implausible"
    title = "Waktu kejadian tidak wajar"
    title_en = "The time of the act cannot be right"


class CaseStepNotAllowed(Conflict):
    """The case cannot go there from where it stands."""

    code = "case-step-not-allowed"
    title = "Langkah ini tidak dapat dilakukan pada kasus sekarang"
    title_en = "This step is not possible on the case now"

    def __init__(self, *, phase_now: str, is_open: bool) -> None:
        super().__init__(phase_now=phase_now, is_open=is_open)


class LegsOpen(Conflict):
    """A case ends only when each of its referrals has."""

    code = "legs-open"
    title = "Masih ada rujukan yang belum berakhir"
    title_en = "Some referrals of this case have not ended"

    def __init__(self, open_legs: int) -> None:
        super().__init__(open_legs=open_legs)


class NobodyToReceive(RuleViolated):
    """A confidential need must reach a named person, and there is none."""

    code = "nobody-to-receive"
    title = "Belum ada petugas yang dapat menerima; hubungi Dinas Sosial"
    title_en = "Nobody can receive this yet; please call the Social Affairs Office"
