"""Attachments as rows; their bytes lie in the attachment store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.cases.domain.attachments import Attachment
from shared.database import Tx

_ADD_SQL: Final = """
    insert into attachments
        (id, referral_id, uploader_id, media_type, size, sha256, has_thumbnail, at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_ATTACH_SQL: Final = """
    update attachments set step_version = $4
    where id = any($1::uuid[]) and referral_id = $2 and uploader_id = $3
      and step_version is null and at > $5
    returning id
"""
_ORPHANS_SQL: Final = """
    select id from attachments where step_version is null and at < $1 order by at limit $2
"""
_OF_REFERRAL_SQL: Final = """
    select id, step_version, media_type, size, has_thumbnail from attachments
    where referral_id = $1 and step_version is not null order by at, id
"""
_FORGET_SQL: Final = """
    delete from attachments where id = any($1::uuid[]) and step_version is null
"""


async def add(tx: Tx, one: Attachment) -> None:
    """Write the row of a file that waits for its note."""
    await tx.fetch(
        _ADD_SQL,
        one.id,
        one.referral_id,
        one.uploader_id,
        one.media_type,
        one.size,
        one.sha256,
        one.has_thumbnail,
        one.at,
    )


async def get(tx: Tx, attachment_id: UUID) -> Attachment | None:
    """The attachment; None when no such row is in scope."""
    row = await tx.fetchrow("select * from attachments where id = $1", attachment_id)
    return Attachment(**row) if row else None


async def attach(
    tx: Tx,
    ids: Sequence[UUID],
    *,
    referral_id: UUID,
    uploader_id: UUID,
    step_version: int,
    since: datetime,
) -> int:
    """Let the caller's own waiting files of this referral go with a step; how many did."""
    rows = await tx.fetch(_ATTACH_SQL, list(ids), referral_id, uploader_id, step_version, since)
    return len(rows)


async def orphans(tx: Tx, before: datetime, limit: int) -> list[UUID]:
    """Files uploaded before this time that no note took, oldest first."""
    return [row["id"] for row in await tx.fetch(_ORPHANS_SQL, before, limit)]


async def forget(tx: Tx, ids: Sequence[UUID]) -> None:
    """Delete the rows of files that no note took."""
    await tx.fetch(_FORGET_SQL, list(ids))


async def of_referral(tx: Tx, referral_id: UUID) -> list[Any]:
    """What goes with the steps of a referral, in the order it was uploaded."""
    return await tx.fetch(_OF_REFERRAL_SQL, referral_id)
