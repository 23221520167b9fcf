"""Bringing what older keys sealed and marked under the newest ones, some records at a time.

Each seal and each mark begins with the version of its key. So what is left to do stands in the
data itself, and a run that was killed goes on where it stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from services.registry.storage.field_encryption import NikVault, Undecipherable
from shared.database import Tx

_OLD: Final = """
    get_byte(b.nik_sealed, 0) <> $1 or get_byte(c.kk_sealed, 0) <> $1
    or get_byte(m.phone, 0) <> $2
    or exists (select from nik_index i
               where i.beneficiary_id = b.id and get_byte(i.blind_index, 0) <> $2)
    or exists (select from kk_index i
               where i.beneficiary_id = b.id and get_byte(i.blind_index, 0) <> $2)
"""
_FROM: Final = """
    from beneficiaries b
    left join family_cards c on c.beneficiary_id = b.id
    left join marks m on m.beneficiary_id = b.id
"""
_LEFT_SQL: Final = f"""
    select (select count(*) {_FROM} where {_OLD})
        + (select count(*) from reports where get_byte(said_sealed, 0) <> $1)
"""  # noqa: S608 - our own joins
_SOME_SQL: Final = f"""
    select b.id, b.nik_sealed, c.kk_sealed, m.phone is not null as has_mark, b.phone
    {_FROM} where b.id > $3 and ({_OLD}) order by b.id limit $4
    for no key update of b
"""
_SEAL_SQL: Final = """
    with given as (
        select * from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[])
            as g (id, nik, kk, phone)
    ), niks as (
        update beneficiaries b set nik_sealed = nik from given g where b.id = g.id and nik <> ''
    ), cards as (
        update family_cards c set kk_sealed = kk from given g
        where c.beneficiary_id = g.id and kk <> ''
    )
    update marks m set phone = g.phone from given g
    where m.beneficiary_id = g.id and g.phone <> ''
"""
# By the number and not by the record, so that whatever shares a number moves with it.
_INDEX_SQL: Final = """
    with given as (
        select * from unnest($1::bytea[], $2::bytea[]) as g (old, new)
    ), niks as (
        update nik_index i set blind_index = new from given g where i.blind_index = g.old
    )
    update kk_index i set blind_index = new from given g where i.blind_index = g.old
"""
_SOME_REPORTS_SQL: Final = """
    select id, said_sealed from reports
    where id > $2 and get_byte(said_sealed, 0) <> $1 order by id limit $3
    for no key update
"""
_SEAL_REPORTS_SQL: Final = """
    update reports r set said_sealed = g.said from unnest($1::uuid[], $2::bytea[]) as g (id, said)
    where r.id = g.id
"""


@dataclass(frozen=True, slots=True)
class Turned:
    """What became of some records: how many were looked at and turned, and the last one."""

    seen: int
    turned: int
    last: UUID | None


async def count_left(tx: Tx, vault: NikVault) -> int:
    """How many records and reports still hold something of an older key."""
    left: int = await tx.fetchval(_LEFT_SQL, vault.newest_key, vault.newest_index_key)
    return left


async def turn_some(tx: Tx, vault: NikVault, *, after: UUID, limit: int) -> Turned:
    """Bring the next records under the newest keys; those that do not open stay as they are."""
    rows = await tx.fetch(_SOME_SQL, vault.newest_key, vault.newest_index_key, after, limit)
    sealed: list[tuple[UUID, bytes, bytes, bytes]] = []
    marks: list[tuple[bytes, bytes]] = []
    for row in rows:
        try:
            nik = vault.open(row["nik_sealed"], row["id"]) if row["nik_sealed"] else None
            kk = vault.open_kk(row["kk_sealed"], row["id"]) if row["kk_sealed"] else None
        except Undecipherable:
            continue
        sealed.append(_seals(vault, row, nik, kk))
        for indexes in (vault.indexes(nik) if nik else [], vault.kk_indexes(kk) if kk else []):
            marks += [(old, indexes[0]) for old in indexes[1:]]
    if sealed:
        await tx.fetch(_SEAL_SQL, *_columns(sealed))
    if marks:
        await tx.fetch(_INDEX_SQL, *_columns(marks))
    return Turned(len(rows), len(sealed), rows[-1]["id"] if rows else None)


async def turn_reports(tx: Tx, vault: NikVault, *, after: UUID, limit: int) -> Turned:
    """The same for reports that nobody has decided about yet."""
    rows = await tx.fetch(_SOME_REPORTS_SQL, vault.newest_key, after, limit)
    sealed: list[tuple[UUID, bytes]] = []
    for row in rows:
        try:
            said = vault.open_report(row["said_sealed"], row["id"])
        except Undecipherable:
            continue
        sealed.append((row["id"], vault.seal_report(said, row["id"])))
    if sealed:
        await tx.fetch(_SEAL_REPORTS_SQL, *_columns(sealed))
    return Turned(len(rows), len(sealed), rows[-1]["id"] if rows else None)


def _seals(
    vault: NikVault, row: Any, nik: str | None, kk: str | None
) -> tuple[UUID, bytes, bytes, bytes]:
    """New bytes for a row; none where there is nothing."""
    phone = vault.phone_mark(row["phone"]) if row["has_mark"] else None
    return (
        row["id"],
        vault.seal(nik, row["id"]) if nik else b"",
        vault.seal_kk(kk, row["id"]) if kk else b"",
        phone or b"",
    )


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
