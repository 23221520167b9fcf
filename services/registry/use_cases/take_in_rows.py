"""Take in some rows of a list: each is registered, found registered, or answered with why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from services.registry.domain.batchmates import Batchmates
from services.registry.domain.likeness import SAME_NAME, similarity
from services.registry.domain.list_import import ImportStatus, LineResult, LineStatus
from services.registry.domain.lookalike import Lookalike
from services.registry.domain.sounds import sounds_of
from services.registry.storage import beneficiaries, family_cards, marks, niks, registration_keys
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.imports import Import
from services.registry.storage.niks import Held
from services.registry.storage.standing import known_by_name
from services.registry.use_cases.ask_for_row import AskedRow
from services.registry.use_cases.join_families import Joiner, join_families
from shared import audit
from shared.auth import Actor
from shared.database import Tx

LISTS: Final = Actor(UUID("0c2f9a52-3f0e-4a59-9d1b-6f1f2a6f7d10"), "service", name="lists")
"""Whose the keys of rows are: a list is known again whoever brings it."""
_KNOWN_ROW: Final = "Baris ini sudah pernah diimpor."
_OUT_OF_SIGHT: Final = "luar jangkauan tugas Anda"
_ALIKE: Final = "Mirip dengan yang sudah tercatat"
_ACCEPTED: Final = "Dicatat meskipun ada yang mirip"


@dataclass(slots=True)
class Seen:
    """What the rows of a file so far said; checking keeps it for the whole file."""

    keys: dict[UUID, int] = field(default_factory=dict)
    numbers: dict[bytes, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    """The line that brought each number first, and how its name sounds."""


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A row that an earlier one of the file foretells: the very same, or of the same number."""

    row: AskedRow
    first: int
    same_row: bool
    same_name: bool = True


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
    alone = await _join_families(batch)
    for line, made in batch.made.items():
        odd = [f"{_ACCEPTED}." for _ in made.accepted[:1]]
        odd += [finding.detail for finding in made.row.findings]
        why = " ".join(odd + ([alone[line]] if line in alone else []))
        made_id = made.row.beneficiary.id if batch.stores else None
        batch.results[line] = LineResult(line, LineStatus.CREATED, made_id, why or None)
    for repeat in batch.repeats:
        _answer_repeat(repeat, batch)
    await _tell(batch)
    return [batch.results[row.line] for row in rows]


async def _find_unknown(rows: Sequence[AskedRow], batch: _Batch) -> list[AskedRow]:
    """The rows that no earlier list, nor this one, nor their number shows to be registered."""
    tx, seen = batch.tx, batch.seen
    kept = await registration_keys.known(tx, LISTS, [key for row in rows for key in row.keys])
    for row in rows:
        found = next((kept[key] for key in row.keys if key in kept), None)
        if found is not None:
            batch.known[row.line] = found
    holders = await _holders([row for row in rows if row.line not in batch.known], batch)
    names = await niks.name_keys(batch.tx, {one.id for held in holders.values() for one in held})
    new: list[AskedRow] = []
    for row in rows:
        mark = row.mark
        first = seen.keys.setdefault(row.key, row.line)
        name = row.probe.traits.sounds
        first_of_number, its_name = (
            seen.numbers.setdefault(mark, (row.line, name)) if mark else (row.line, name)
        )
        if row.line in batch.known:
            batch.answer(row, LineStatus.MATCHED, batch.known[row.line], _KNOWN_ROW)
        elif first != row.line:
            batch.repeats.append(_Repeat(row, first, same_row=True))
        elif mark and (held := holders[mark]):
            _answer_held(row, held, names, batch)
        elif first_of_number != row.line:
            same_name = similarity(name, its_name) >= SAME_NAME
            batch.repeats.append(_Repeat(row, first_of_number, same_row=False, same_name=same_name))
        else:
            new.append(row)
    return new


async def _holders(rows: Sequence[AskedRow], batch: _Batch) -> dict[bytes, Sequence[Held]]:
    """Who has the numbers of these rows, by their marks."""
    tx, actor = batch.tx, batch.job.actor
    of_niks = {row.marks[0]: row.marks for row in rows if row.nik}
    of_cards = {row.marks[0]: row.marks for row in rows if row.card}
    found: dict[bytes, Sequence[Held]] = {}
    for held, marks_of in ((niks.held_under, of_niks), (family_cards.held_under, of_cards)):
        found |= await held(tx, actor, marks_of) if marks_of else {}
    return found


async def _find_unlike(rows: Sequence[AskedRow], known: Sequence[AskedRow], batch: _Batch) -> None:
    """Registers, in mind, the rows nobody looks like, or all when look-alikes are accepted.

    The rows taken in before are compared with too: a list says the same of its rows again.
    """
    probes = [row.probe for row in rows]
    likes = await marks.lookalikes(batch.tx, batch.job.actor, probes)
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


def _answer_held(
    row: AskedRow, holders: Sequence[Held], names: Mapping[UUID, str], batch: _Batch
) -> None:
    """Somebody has this number; under another name it may be mistyped, and a person looks."""
    said, name = sounds_of(row.wanted.said.name), row.number_name
    for one in holders:
        if similarity(said, sounds_of(names[one.id])) >= SAME_NAME:
            why = f"{name} sudah tercatat di {one.place or _OUT_OF_SIGHT}."
            batch.answer(row, LineStatus.MATCHED, one.id, why)
            return
    why = f"{name} ini sudah tercatat atas nama lain."
    batch.answer(row, LineStatus.SIMILAR, holders[0].id, why)


def _answer_repeat(repeat: _Repeat, batch: _Batch) -> None:
    """As the line before was answered, which is in this batch or, when checking, in one before."""
    row, first = repeat.row, batch.results.get(repeat.first)
    same = "Sama" if repeat.same_row else f"{row.number_name} sama"
    why = f"{same} dengan baris {repeat.first}."
    status, found = LineStatus.MATCHED, None
    if first is not None:
        found = first.beneficiary_id
        if first.status is not LineStatus.CREATED:
            status = first.status
    if status is LineStatus.MATCHED and not repeat.same_name:
        status, why = LineStatus.SIMILAR, f"{why} Namanya berbeda."
    batch.answer(row, status, found, why)


async def _store(made: Sequence[_Made], batch: _Batch) -> None:
    """Write the records, their keys and the trail."""
    tx, job = batch.tx, batch.job
    await beneficiaries.add_written(tx, batch.vault, [one.row.written for one in made])
    ids = {one.row.key: one.row.beneficiary.id for one in made}
    await registration_keys.keep(tx, LISTS, ids)
    await audit.record(
        tx, job.actor, "beneficiary.registered", list(ids.values()), detail=f"import {job.id}"
    )
    for one in made:
        seen = [candidate.id for candidate in one.accepted]
        detail = str(one.row.beneficiary.id)
        await audit.record(tx, job.actor, "beneficiary.lookalike_accepted", seen, detail=detail)


async def _join_families(batch: _Batch) -> dict[int, str]:
    """Why people stay without the family of the No. KK that their lines give, by line."""
    joiners = [
        Joiner(line, made.row.beneficiary, made.row.wanted.kk)
        for line, made in batch.made.items()
        if made.row.wanted.kk and made.row.card is None
    ]
    if not joiners:
        return {}
    return await join_families(joiners, job=batch.job, tx=batch.tx, vault=batch.vault)


async def _tell(batch: _Batch) -> None:
    """Note whose registration the results tell, and leave out ids that would name the masked."""
    told = {
        result.beneficiary_id: None
        for result in batch.results.values()
        if result.beneficiary_id and result.status is not LineStatus.CREATED
    }
    known = await known_by_name(batch.tx, batch.job.actor, told)
    for line, result in batch.results.items():
        if result.beneficiary_id in told and result.beneficiary_id not in known:
            batch.results[line] = replace(result, beneficiary_id=None)
    await audit.record(
        batch.tx,
        batch.job.actor,
        "beneficiary.lookalike_shown",
        list(told),
        detail=f"import {batch.job.id}",
    )
