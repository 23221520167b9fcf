"""Outside services as rows."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from services.cases.domain.outside import OutsideService
from shared.database import Tx
from shared.reference.areas import parents

_COLUMNS: Final = "id, kind, area, name, phone, address, active"
_AROUND_SQL: Final = f"""
    select {_COLUMNS} from outside_services
    where (area = any($1::text[]) or (area > $2 and area < $2 || '/'))
      and ($3::text is null or kind = $3) and (active or $4)
    order by name, id limit 500
"""  # noqa: S608 - our own column names, values are parameters
_FITTING_SQL: Final = f"""
    select {_COLUMNS} from outside_services
    where area = any($1::text[]) and kind = any($2::text[]) and active
    order by array_position($2::text[], kind), area desc, name, id
"""  # noqa: S608 - our own column names, values are parameters
_GET_SQL: Final = f"select {_COLUMNS} from outside_services where id = $1"  # noqa: S608 - as above
_PUT_SQL: Final = """
    insert into outside_services
        (id, kind, area, name, phone, address, active, changed_by, changed_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, now())
    on conflict (id) do update
    set kind = excluded.kind, area = excluded.area, name = excluded.name, phone = excluded.phone,
        address = excluded.address, active = excluded.active, changed_by = excluded.changed_by,
        changed_at = excluded.changed_at
"""


async def around(
    tx: Tx, area: str, *, kind: str | None = None, inactive: bool = False
) -> list[OutsideService]:
    """The services that work in an area: its own, those of the wider and of the narrower ones."""
    rows = await tx.fetch(_AROUND_SQL, parents(area), area, kind, inactive)
    return [_service(row) for row in rows]


async def fitting(tx: Tx, area: str, kinds: Sequence[str]) -> list[OutsideService]:
    """The active services of these kinds for a place, in their order, the nearest first."""
    rows = await tx.fetch(_FITTING_SQL, parents(area), list(kinds))
    return [_service(row) for row in rows]


async def get(tx: Tx, service_id: UUID) -> OutsideService | None:
    """The service, active or not."""
    row = await tx.fetchrow(_GET_SQL, service_id)
    return _service(row) if row else None


async def put(tx: Tx, service: OutsideService, changed_by: UUID) -> None:
    """Write a new service, or what changed of a known one."""
    await tx.fetch(
        _PUT_SQL,
        service.id,
        service.kind,
        service.area,
        service.name,
        service.phone,
        service.address,
        service.active,
        changed_by,
    )


def _service(row: Any) -> OutsideService:
    return OutsideService(**row)
