"""The golden corpus: one event of each type as it was once written, kept for ever.

`python -m tests.contracts.golden_events` adds the files that are missing. It never changes one:
what was once in a log must stay readable, so a golden event that no longer parses asks for a new
version of its event, not for a new file.
"""

import json
import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin
from uuid import UUID, uuid5

from pydantic import BaseModel

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import Event, EventData

FOLDER: Final = Path(__file__).with_name("golden")
_SPACE: Final = UUID("019347a0-0000-7000-8000-000000000000")
_MOMENT: Final = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
_CODES: Final = {
    "area": "35.08.03.2005",
    "case_number": "RJ-35.08-2026-000123",
    "categories": "LUT",
    "category": "LUT",
    "channel": "in_app",
    "number": "RJ-35.08-2026-000123",
    "pillar": "PSM",
    "rule_id": "R026",
    "service": "PERMAKANAN",
}


def path_of(event: type[EventData]) -> Path:
    """Where the golden file of an event lies."""
    return FOLDER / f"{event.publisher}.{event.name}.v{event.version}.json"


def sample(event: type[EventData]) -> Event:
    """One event of this type with every field given."""
    return Event.stating(
        event(**_values(event)),
        event_id=uuid5(_SPACE, event.wire_type()),
        subject=uuid5(_SPACE, "subject"),
        version=3,
        time=_MOMENT,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


def main() -> None:
    """Add what is missing."""
    FOLDER.mkdir(exist_ok=True)
    for event in BY_TYPE.values():
        path = path_of(event)
        if not path.exists():
            whole = json.loads(sample(event).to_json())
            path.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
            sys.stdout.write(f"added {path.name}\n")


def _values(model: type[BaseModel]) -> dict[str, Any]:
    return {name: _value(name, field.annotation) for name, field in model.model_fields.items()}


def _value(name: str, annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        return _value(name, next(a for a in get_args(annotation) if a is not NoneType))
    if get_origin(annotation) is list:
        return [_value(name, get_args(annotation)[0])]
    if issubclass(annotation, BaseModel):
        return annotation(**_values(annotation))
    if issubclass(annotation, StrEnum):
        return next(iter(annotation))
    values = {
        UUID: uuid5(_SPACE, name),
        bool: True,
        date: _MOMENT.date(),
        datetime: _MOMENT,
        int: 3,
    }
    return _CODES[name] if annotation is str else values[annotation]


if __name__ == "__main__":
    main()
