"""Take in some rows of a list: each is registered, found registered, or answered with why not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from services.registry.domain.batchmates import Batchmates
from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.finding import Finding
from services.registry.domain.import_row import ReadRow, Wanted
from services.registry.domain.likeness import NAME, similarity
from services.registry.domain.list_import import ImportStatus, LineResult, LineStatus
from services.registry.domain.lookalike import Lookalike
from services.registry.domain.sounds import sounds_of
from services.registry.storage import beneficiaries, marks, niks, registration_keys
from services.registry.storage.beneficiaries import Registration
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.imports import Import
from services.registry.storage.marks import Probe
from services.registry.storage.niks import Held
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import LegalBasis
from shared.database import Tx
from shared.errors import RuleViolated
from shared.ids import new_id
from shared.policy import Action, Resource, decide

LISTS: Final = Actor(UUID("0c2f9a52-3f0e-4a59-9d1b-6f1f2a6f7d10"), "service", name="lists")
"""Whose the keys of rows are: a list is known again whoever brings it."""
_EMPTY: Final = "Baris kosong."
_OUTSIDE: Final = "Desa/kelurahan ini di luar wilayah tugas Anda."
_ALIKE_NAMES: Final = NAME[-1][0]
_KNOWN_ROW: Final = "Baris ini sudah pernah diimpor."
_OTHER_NAME: Final = "NIK ini sudah tercatat atas nama lain."
_SAME_NIK: Final = "NIK sudah tercatat"
_ALIKE: Final = "Mirip dengan yang sudah tercatat"
_ACCEPTED: Final = "Dicatat meskipun ada yang mirip"


@dataclass(slots=True)
class Seen:
    """What the rows of a file so far said; checking keeps it for the whole file."""

    keys: dict[UUID, int] = field(default_factory=dict)
    niks: dict[bytes, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A row that rules and duties allow to be registered, with what it is found again by."""

    line: int
    wanted: Wanted
    keys: Sequence[UUID]
    nik_mark: bytes | None
    beneficiary: Beneficiary
    probe: Probe
    findings: tuple[Finding, ...]

    @property
    def nik(self) -> str | None:
        """The NIK it gives."""
        return self.wanted.nik

    @property
    def key(self) -> UUID:
        """What it is kept under from now on; an older list may have kept another."""
        return self.keys[0]


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A row that an earlier one of the file foretells: the very same, or of the same NIK."""

    row: AskedRow
    first: int
    same_row: bool


@dataclass(frozen=True, slots=True)
class _Made:
    """A row that is registered now, and the look-alikes that were accepted."""

    row: AskedRow
    accepted: Sequence[Lookalike]


@dataclass(slots=True)
class _Batch:
    """What the rows of a batch share."""

    job: Import
    seen: Seen
    tx: Tx
    vault: NikVault
    results: dict[int, LineResult] = field(default_factory=dict)
    repeats: list[_Repeat] = field(default_factory=list)
    made: dict[int, _Made] = field(default_factory=dict)
    known: dict[int, UUID] = field(default_factory=dict)
    """Records that rows became when their list, or another, was taken in before, by line."""

    @property
    def stores(self) -> bool:
        """Whether it is in earnest."""
        return self.job.status is ImportStatus.RUNNING

    def id_of(self, line: int) -> UUID | None:
        """The record a row became, now or before; None for what only checking made up."""
        if line in self.known:
            return self.known[line]
        return self.made[line].row.beneficiary.id if self.stores else None

    def answer(
        self, row: AskedRow, status: LineStatus, beneficiary_id: UUID | None, why: str | None
    ) -> None:
        """What became of a row; a record that only checking made up has no id."""
        self.results[row.line] = LineResult(row.line, status, beneficiary_id, why)


def asked_by(row: ReadRow, *, actor: Actor, vault: NikVault, today: date) -> AskedRow | LineResult:
    """What a row asks for, or what became of it already; asks no database."""
    wanted, line = row.wanted, row.number
    if wanted is None:
        status = LineStatus.REFUSED if row.faults else LineStatus.SKIPPED
        return LineResult(line, status, why=" ".join(row.faults) or _EMPTY)
    if not decide(actor, Action.BENEFICIARY_IMPORT, Resource(area=wanted.said.area)):
        return LineResult(line, LineStatus.REFUSED, why=_OUTSIDE)
    try:
        beneficiary = Beneficiary.register(
            beneficiary_id=new_id(),
            kind=wanted.kind,
            said=wanted.said,
            registered_by=actor.id,
            nik=wanted.nik,
            nik_absent_reason=wanted.nik_absent_reason,
        )
    except RuleViolated as fault:
        return LineResult(line, LineStatus.REFUSED, why=str(fault.detail or fault.title))
    return AskedRow(
        line=line,
        wanted=wanted,
        keys=vault.row_keys(wanted.content),
        nik_mark=vault.index(wanted.nik) if wanted.nik else None,
        beneficiary=beneficiary,
        probe=marks.probe_of(vault, wanted.kind, wanted.said, has_nik=wanted.nik is not None),
        findings=tuple(beneficiary.findings(today)),
    )


async def take_in_rows(
    rows: Sequence[AskedRow | LineResult], *, job: Import, seen: Seen, tx: Tx, vault: NikVault
) -> list[LineResult]:
    """What became of each row, in their order; while the list is checked, nothing is stored.

    Runs under the worker's role; the policy was asked for every row. No allowance of NIK searches
    is spent, for whoever may bring lists may compare them; every record that is told is audited.
    """
    batch = _Batch(job, seen, tx, vault)
    batch.results = {row.line: row for row in rows if isinstance(row, LineResult)}
    asked = [row for row in rows if isinstance(row, AskedRow)]
    if asked:
        unknown = await _find_unknown(asked, batch)
        if unknown:
            await _find_unlike(unknown, [row for row in asked if row.line in batch.known], batch)
    if batch.stores and batch.made:
        await _store(list(batch.made.values()), batch)
    for line, made in batch.made.items():
        odd = [f"{_ACCEPTED}." for _ in made.accepted[:1]]
        why = " ".join(odd + [finding.detail for finding in made.row.findings])
        made_id = made.row.beneficiary.id if batch.stores else None
        batch.results[line] = LineResult(line, LineStatus.CREATED, made_id, why or None)
    for repeat in batch.repeats:
        _answer_repeat(repeat, batch)
    await _note(batch)
    return [batch.results[row.line] for row in rows]


async def _find_unknown(rows: Sequence[AskedRow], batch: _Batch) -> list[AskedRow]:
    """The rows that neither an earlier list, nor this one, nor their NIK shows to be registered."""
    tx, vault, seen = batch.tx, batch.vault, batch.seen
    kept = await registration_keys.known(tx, LISTS, [key for row in rows for key in row.keys])
    for row in rows:
        found = next((kept[key] for key in row.keys if key in kept), None)
        if found is not None:
            batch.known[row.line] = found
    numbers = {row.nik for row in rows if row.nik and row.line not in batch.known}
    holders = await niks.held(tx, vault, batch.job.actor, numbers) if numbers else {}
    new: list[AskedRow] = []
    for row in rows:
        mark = row.nik_mark
        first = seen.keys.setdefault(row.key, row.line)
        first_of_nik = seen.niks.setdefault(mark, row.line) if mark else row.line
        if row.line in batch.known:
            batch.answer(row, LineStatus.MATCHED, batch.known[row.line], _KNOWN_ROW)
        elif first != row.line:
            batch.repeats.append(_Repeat(row, first, same_row=True))
        elif row.nik and holders[row.nik]:
            _answer_held(row, holders[row.nik], batch)
        elif first_of_nik != row.line:
            batch.repeats.append(_Repeat(row, first_of_nik, same_row=False))
        else:
            new.append(row)
    return new


async def _find_unlike(rows: Sequence[AskedRow], known: Sequence[AskedRow], batch: _Batch) -> None:
    """Registers, in mind, the rows nobody looks like, or all when look-alikes are accepted.

    The rows taken in before are compared with too: a list says the same of its rows again.
    """
    probes = [row.probe for row in rows]
    # Names of another spelling would cost ten times as much, and lists are long.
    likes = await marks.lookalikes(batch.tx, batch.job.actor, probes, by_spelling=False)
    columns = batch.job.columns
    accepts = columns is not None and columns.accept_lookalikes
    mates = Batchmates()
    found_of = dict(zip([row.line for row in rows], likes, strict=True))
    for row in sorted((*rows, *known), key=lambda one: one.line):
        kind, traits = row.probe.kind, row.probe.traits
        found = found_of.get(row.line, [])
        mate = None if found or accepts else mates.likest_or_joined(row.line, kind, traits)
        if row.line in batch.known:
            continue
        if found and not accepts:
            why = f"{_ALIKE}: {', '.join(found[0].reasons)}."
            batch.answer(row, LineStatus.SIMILAR, found[0].id, why)
        elif mate is not None:
            line, how = mate
            why = f"Mirip dengan baris {line}: {', '.join(how.reasons)}."
            batch.answer(row, LineStatus.SIMILAR, batch.id_of(line), why)
        else:
            batch.made[row.line] = _Made(row, found)


def _answer_held(row: AskedRow, holders: Sequence[Held], batch: _Batch) -> None:
    """Somebody has this NIK; under another name it may be mistyped, and a person looks."""
    said = sounds_of(row.wanted.said.name)
    for one in holders:
        if one.name_key is None or one.place is None:
            batch.answer(row, LineStatus.MATCHED, one.id, f"{_SAME_NIK} di luar wilayah Anda.")
            return
        if similarity(said, sounds_of(one.name_key)) >= _ALIKE_NAMES:
            batch.answer(row, LineStatus.MATCHED, one.id, f"{_SAME_NIK} di {one.place}.")
            return
    batch.answer(row, LineStatus.SIMILAR, holders[0].id, _OTHER_NAME)


def _answer_repeat(repeat: _Repeat, batch: _Batch) -> None:
    """As the line before was answered, which is in this batch or, when checking, in one before."""
    row, first = repeat.row, batch.results.get(repeat.first)
    why = f"{'Sama' if repeat.same_row else 'NIK sama'} dengan baris {repeat.first}."
    status, found = LineStatus.MATCHED, None
    if first is not None:
        found = first.beneficiary_id
        if first.status is not LineStatus.CREATED:
            status = first.status
    made = batch.made.get(repeat.first)
    if made is not None and not repeat.same_row:
        names = (sounds_of(one.wanted.said.name) for one in (row, made.row))
        if similarity(*names) < _ALIKE_NAMES:
            status, why = LineStatus.SIMILAR, f"{why} Namanya berbeda."
    batch.answer(row, status, found, why)


async def _store(made: Sequence[_Made], batch: _Batch) -> None:
    """Write the records, their keys and the trail."""
    tx, job = batch.tx, batch.job
    basis = job.columns.legal_basis if job.columns else LegalBasis.PUBLIC_TASK
    await beneficiaries.add(
        tx, batch.vault, [Registration(one.row.beneficiary, basis) for one in made]
    )
    ids = {one.row.key: one.row.beneficiary.id for one in made}
    await registration_keys.keep(tx, LISTS, ids)
    await audit.record(
        tx, job.actor, "beneficiary.registered", list(ids.values()), detail=f"import {job.id}"
    )
    for one in made:
        seen = [candidate.id for candidate in one.accepted]
        detail = str(one.row.beneficiary.id)
        await audit.record(tx, job.actor, "beneficiary.lookalike_accepted", seen, detail=detail)


async def _note(batch: _Batch) -> None:
    """Whose registration the results tell."""
    told = {
        result.beneficiary_id: None
        for result in batch.results.values()
        if result.beneficiary_id and result.status is not LineStatus.CREATED
    }
    await audit.record(
        batch.tx,
        batch.job.actor,
        "beneficiary.lookalike_shown",
        list(told),
        detail=f"import {batch.job.id}",
    )
