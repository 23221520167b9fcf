"""Families over HTTP: their card and their members."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from services.registry.api.answers import WarningOut, WarningsOut
from services.registry.api.bodies import Day, Digits
from services.registry.api.dependencies import Changer, Reader, Vault
from services.registry.domain.family import Membership, Relation
from services.registry.domain.sex import Sex
from services.registry.storage.family_members import Member
from services.registry.use_cases.add_member import add_member
from services.registry.use_cases.change_family_card import change_family_card
from services.registry.use_cases.list_members import list_families, list_members
from services.registry.use_cases.remove_member import remove_member
from shared.http import Input, Session
from shared.idempotency import OncePerKey
from shared.reference.areas import label_of

router = APIRouter(prefix="/beneficiaries", tags=["families"])


class CardIn(Input):
    """The number of a family's card; null when it is not known any more."""

    kk: Digits | None


class MemberIn(Input):
    """A registered person who belongs to the family."""

    person_id: UUID
    relation: Relation
    joined_on: Day | None = None


class MemberOut(BaseModel):
    """A person in a family, or a family of a person: id and name are those of the other one."""

    id: UUID
    name: str
    area_label: str
    sex: Sex | None
    birth_year: int | None
    relation: Relation
    joined_on: dt.date | None
    left_on: dt.date | None


class MembersOut(BaseModel):
    """Those of today first, and the head before all."""

    items: list[MemberOut]


@router.put("/{family_id}/family-card", response_model=WarningsOut)
async def put_card(
    family_id: UUID, body: CardIn, actor: Changer, once: OncePerKey, vault: Vault
) -> Response:
    """Replace the family's No. KK."""
    if once.replay:
        return once.replay
    findings = await change_family_card(family_id, body.kk, tx=once.tx, actor=actor, vault=vault)
    return await once.answer(WarningsOut(warnings=WarningOut.of(findings)))


@router.get("/{family_id}/members")
async def members(family_id: UUID, tx: Session, actor: Reader) -> MembersOut:
    """The members the caller may know by name."""
    return _listed(await list_members(family_id, tx=tx, actor=actor))


@router.post("/{family_id}/members", status_code=201, response_model=WarningsOut)
async def add(
    family_id: UUID, body: MemberIn, actor: Changer, once: OncePerKey, vault: Vault
) -> Response:
    """Add a registered person to the family."""
    if once.replay:
        return once.replay
    membership = Membership(family_id, body.person_id, body.relation, body.joined_on)
    findings = await add_member(membership, tx=once.tx, actor=actor, vault=vault)
    return await once.answer(WarningsOut(warnings=WarningOut.of(findings)), status=201)


@router.delete("/{family_id}/members/{person_id}", response_model=MembersOut)
async def remove(
    *,
    family_id: UUID,
    person_id: UUID,
    actor: Changer,
    once: OncePerKey,
    vault: Vault,
    left_on: Annotated[dt.date | None, Query(description="The last day; today if left out")] = None,
) -> Response:
    """A person leaves the family; answers with the members, the former ones included."""
    if once.replay:
        return once.replay
    await remove_member(family_id, person_id, left_on, tx=once.tx, actor=actor, vault=vault)
    return await once.answer(_listed(await list_members(family_id, tx=once.tx, actor=actor)))


@router.get("/{person_id}/families")
async def families(person_id: UUID, tx: Session, actor: Reader) -> MembersOut:
    """The families to which the person belongs or belonged."""
    return _listed(await list_families(person_id, tx=tx, actor=actor))


def _listed(found: list[Member]) -> MembersOut:
    return MembersOut(
        items=[
            MemberOut(
                id=one.id,
                name=one.name,
                area_label=label_of(one.area),
                sex=Sex(one.sex) if one.sex else None,
                birth_year=one.birth_year,
                relation=Relation(one.relation),
                joined_on=one.joined_on,
                left_on=one.left_on,
            )
            for one in found
        ]
    )
