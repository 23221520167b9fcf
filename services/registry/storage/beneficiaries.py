"""Beneficiaries as aggregates: a row, its parts and the events it states are saved together."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.domain.beneficiary import Beneficiary, NikAbsentReason, Particulars
from services.registry.domain.birth import Birth, Precision
from services.registry.domain.name import key_of
from services.registry.domain.sex import Sex
from services.registry.storage import family_cards, further, tables
from services.registry.storage.access import allowed
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.marks import SPELLING, sound_text
from services.registry.storage.registrations import (
    Registration,
    Written,
    birth_columns,
    written,
)
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind
from shared.database import Tx
from shared.messaging import event_log
from shared.messaging.event_log import Fact
from shared.policy import Action

_ADD_SQL: Final = """
    with given as (
        select * from unnest(
            $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
            $7::smallint[], $8::date[], $9::bytea[], $10::text[], $11::text[], $12::text[],
            $13::text[], $14::bool[], $15::text[], $16::text[], $17::uuid[], $18::bytea[],
            $19::uuid[], $20::text[], $21::text[], $22::text[], $23::timestamptz[],
            $24::text[], $25::bytea[]
        ) as g (
            id, kind, name, name_key, sex, birth_precision,
            birth_year, birth_on, nik_sealed, nik_absent_reason, area, address,
            phone, safe_contact, categories, confidentiality, registered_by, blind_index,
            basis_id, basis, text_version, channel, agreed_at, sound, phone_mark
        )
    ), now as (
        select $26::timestamptz as at
    ), added as (
        insert into beneficiaries (
            id, version, kind, name, name_key, sex, birth_precision, birth_year, birth_on,
            nik_sealed, nik_absent_reason, area, address, phone, safe_contact, categories,
            confidentiality, registered_by, registered_at, changed_at
        )
        select id, 1, kind, name, name_key, sex, birth_precision, birth_year, birth_on,
               nik_sealed, nik_absent_reason, area, address, phone, safe_contact,
               string_to_array(categories, ','), confidentiality, registered_by, now.at, now.at
        from given, now
        on conflict (id) do nothing
        returning id
    ), indexed as (
        insert into nik_index (blind_index, beneficiary_id)
        select blind_index, id from given join added using (id) where blind_index is not null
    ), marked as (
        insert into marks (
            beneficiary_id, spelling, kind, regency, area, sound, sex, birth_precision, birth_year,
            birth_on, has_nik, phone
        )
        select id, $27::smallint, kind, left(area, 5), area, sound, sex, birth_precision,
               birth_year, birth_on, nik_sealed is not null, phone_mark
        from given join added using (id)
    ), categorised as (
        insert into category_periods (beneficiary_id, code, given_at, given_by)
        select id, code, now.at, registered_by
        from given join added using (id), string_to_table(categories, ',') code, now
    ), based as (
        insert into legal_bases (id, beneficiary_id, basis, text_version, channel, at, taken_by)
        select basis_id, id, basis, text_version, channel, coalesce(agreed_at, now.at),
               registered_by
        from given join added using (id), now
    )
    select id from added
"""
_SAVE_SQL: Final = """
    with saved as (
        update beneficiaries
        set version = $2, name = $3, name_key = $4, sex = $5, birth_precision = $6,
            birth_year = $7, birth_on = $8, area = $9, address = $10, phone = $11,
            safe_contact = $12, categories = $13, confidentiality = $14,
            changed_at = $15::timestamptz
        where id = $1
    ), marked as (
        update marks
        set spelling = $18::smallint, regency = left($9, 5), area = $9, sound = $17, sex = $5,
            birth_precision = $6, birth_year = $7, birth_on = $8, phone = $19::bytea
        where beneficiary_id = $1
    ), ended as (
        update category_periods set ended_at = $15, ended_by = $16::uuid
        where beneficiary_id = $1 and ended_at is null and code <> all($13)
    )
    insert into category_periods (beneficiary_id, code, given_at, given_by)
    select $1, code, $15, $16 from unnest($13::text[]) code
    on conflict (beneficiary_id, code) where ended_at is null do nothing
"""
_SAVE_NIK_SQL: Final = """
    with saved as (
        update beneficiaries
        set version = $2, nik_sealed = $3, nik_absent_reason = $4, changed_at = $5
        where id = $1
    ), marked as (
        update marks set has_nik = $6::bytea is not null where beneficiary_id = $1
    ), forgotten as (
        delete from nik_index where beneficiary_id = $1 and blind_index is distinct from $6
    )
    insert into nik_index (blind_index, beneficiary_id) select $6, $1 where $6 is not null
    on conflict do nothing
"""
# What was last said of the person was not said now, so changed_at stays.
_POINT_SQL: Final = """
    update beneficiaries b set version = p.version, merged_into = p.merged_into
    from unnest($1::uuid[], $2::int[], $3::uuid[]) as p (id, version, merged_into)
    where b.id = p.id
"""


async def add(tx: Tx, vault: NikVault, registrations: Sequence[Registration]) -> set[UUID]:
    """Store new records with their events; returns the ids that were not there before."""
    return await add_written(tx, vault, [written(vault, one) for one in registrations])


async def add_written(tx: Tx, vault: NikVault, registrations: Sequence[Written]) -> set[UUID]:
    """The same for registrations whose rows were made before."""
    columns = [list(column) for column in zip(*(one.row for one in registrations), strict=True)]
    added = {row["id"] for row in await tx.fetch(_ADD_SQL, *columns, tx.now, SPELLING)}
    new = [one.beneficiary for one in registrations if one.beneficiary.id in added]
    await further.put(tx, ((one.id, one.said) for one in new if further.is_said(one.said)))
    await family_cards.add(tx, vault, ((one.id, one.kk) for one in new if one.kk))
    await event_log.append(
        tx,
        (fact for beneficiary in new for fact in _facts(beneficiary)),
    )
    return added


async def get_for_change(
    tx: Tx, vault: NikVault, actor: Actor, beneficiary_id: UUID
) -> Beneficiary | None:
    """The record, locked until the transaction ends; None when the caller may not read it."""
    table = tables.beneficiaries
    found = await tx.execute(
        sa.select(table)
        .where(table.c.id == beneficiary_id, allowed(actor, Action.BENEFICIARY_READ))
        .with_for_update(key_share=True)
    )
    row = found.one_or_none()
    return None if row is None else _aggregate(vault, row)


async def get_merged(tx: Tx, vault: NikVault, ids: Collection[UUID]) -> list[Beneficiary]:
    """Records that follow another, whoever may see them, locked until the transaction ends."""
    table = tables.beneficiaries
    found = await tx.execute(
        sa.select(table)
        .where(table.c.id.in_(ids))
        .order_by(table.c.id)
        .with_for_update(key_share=True)
    )
    return [_aggregate(vault, row) for row in found]


async def save_pointers(tx: Tx, followers: Sequence[Beneficiary]) -> None:
    """Store as what these go on, with their events."""
    await tx.fetch(
        _POINT_SQL,
        [one.id for one in followers],
        [one.version for one in followers],
        [one.merged_into for one in followers],
    )
    await event_log.append(tx, [fact for one in followers for fact in _facts(one)])


async def save(tx: Tx, vault: NikVault, actor: Actor, beneficiary: Beneficiary) -> None:
    """Store a changed record, the ends and beginnings of its categories, and its events."""
    said = beneficiary.said
    await tx.fetch(
        _SAVE_SQL,
        beneficiary.id,
        beneficiary.version,
        said.name,
        key_of(said.name),
        said.sex,
        *birth_columns(said.birth),
        said.area,
        said.address,
        said.phone,
        said.safe_contact,
        list(said.categories),
        beneficiary.confidentiality,
        tx.now,
        actor.id,
        sound_text(said.name),
        SPELLING,
        vault.phone_mark(said.phone),
    )
    await further.put(tx, [(beneficiary.id, said)])
    await event_log.append(tx, _facts(beneficiary))


async def save_nik(tx: Tx, vault: NikVault, beneficiary: Beneficiary) -> None:
    """Store a changed NIK, what it is found by, and its event, which does not hold it."""
    nik = beneficiary.nik
    await tx.fetch(
        _SAVE_NIK_SQL,
        beneficiary.id,
        beneficiary.version,
        vault.seal(nik, beneficiary.id) if nik else None,
        beneficiary.nik_absent_reason,
        tx.now,
        vault.index(nik) if nik else None,
    )
    await event_log.append(tx, _facts(beneficiary))


def _facts(beneficiary: Beneficiary) -> list[Fact]:
    facts = [Fact(beneficiary.id, beneficiary.version, data) for data in beneficiary.stated]
    beneficiary.stated.clear()
    return facts


def _aggregate(vault: NikVault, row: Any) -> Beneficiary:
    return Beneficiary(
        id=row.id,
        kind=BeneficiaryKind(row.kind),
        said=Particulars(
            name=row.name,
            area=row.area,
            categories=tuple(row.categories),
            sex=Sex(row.sex) if row.sex else None,
            birth=Birth(Precision(row.birth_precision), row.birth_year, row.birth_on)
            if row.birth_precision
            else None,
            address=row.address,
            phone=row.phone,
            safe_contact=row.safe_contact,
            **further.of_row(row),
        ),
        registered_by=row.registered_by,
        nik=vault.open(row.nik_sealed, row.id) if row.nik_sealed else None,
        nik_absent_reason=NikAbsentReason(row.nik_absent_reason) if row.nik_absent_reason else None,
        granted_to=tuple(row.granted_to),
        merged_into=row.merged_into,
        version=row.version,
    )
