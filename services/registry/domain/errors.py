"""What registry refuses, and how it says so."""

from collections.abc import Sequence
from uuid import UUID

from services.registry.domain.lookalike import Lookalike
from shared.errors import Conflict, RuleViolated


class InvalidNik(RuleViolated):
    """These characters cannot be a NIK at all."""

    code = "invalid-nik"
    title = "NIK tidak sah"
    title_en = "Not a valid NIK"


class InvalidKk(RuleViolated):
    """These characters cannot be the number of a family card at all."""

    code = "invalid-kk"
    title = "No. KK tidak sah"
    title_en = "Not a valid family card number"


class PossibleDuplicate(Conflict):
    """Somebody who looks the same is registered already; the worker decides."""

    code = "possible-duplicate"
    title = "Warga ini mungkin sudah terdaftar"
    title_en = "This person may be registered already"

    def __init__(self, lookalikes: Sequence[Lookalike], *, asked: UUID | None) -> None:
        """`asked` stands for the NIK or No. KK of which it says whether it is registered."""
        super().__init__(candidates=[lookalike.as_candidate() for lookalike in lookalikes])
        self.ids: list[UUID] = [lookalike.id for lookalike in lookalikes]
        self.asked = asked


class AlreadyMerged(Conflict):
    """The record was merged into another, where its life goes on."""

    code = "already-merged"
    title = "Data ini sudah digabung ke data lain"
    title_en = "This record was merged into another"

    def __init__(self, remains: UUID | None) -> None:
        """`remains` is None where it must not be told."""
        super().__init__(merged_into=None if remains is None else str(remains))


class CannotMerge(RuleViolated):
    """These two records cannot be one."""

    code = "cannot-merge"
    title = "Kedua data ini tidak dapat digabung"
    title_en = "These two records cannot be merged"


class IdTaken(Conflict):
    """The id the caller chose belongs to another record."""

    code = "id-taken"
    title = "Nomor data ini sudah dipakai"
    title_en = "This id is in use"
