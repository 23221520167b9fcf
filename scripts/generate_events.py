"""Writes docs/events.md from the event catalogue and the services' reactions."""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

import services
from shared.contracts import codes
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import Event, EventData

TARGET: Final = Path(__file__).resolve().parent.parent / "docs" / "events.md"

_HEAD: Final = """\
# Events

Written by `make docs` from `shared/contracts/` and the reactions of the services; a test compares.

Every event is a [CloudEvents 1.0](https://cloudevents.io) document in JSON. It lies in the event
log of the service that states it and travels in that service's Redis stream
(`<REDIS_PREFIX>:ev:<service>`, one event per entry, field `e`). Each service serves the AsyncAPI
3.0 document of its stream at `/asyncapi.json`.

An event carries ids, area codes and codes of the lists below, never a name, NIK, address, phone
number or note. Events about workers, beneficiaries, cases and referrals carry the whole shared
state of their subject, so a consumer may drop any that is older than the one it knows.
"""
_MEANINGS: Final[Mapping[str, str]] = {
    "specversion": "always `1.0`",
    "id": "UUIDv7; the same event sent again keeps it",
    "source": "`/sinergi/<service>`",
    "type": "`id.sinergi.<service>.<fact>.v<major version>`",
    "subject": "id of the thing the event is about",
    "time": "start of the transaction that committed the fact, by the database's clock",
    "dataschema": "`urn:sinergi:schema:<service>.<fact>:<major version>`",
    "datacontenttype": "always `application/json`",
    "subjectversion": "version the subject reached; rises by one with each event about it",
    "traceparent": "W3C trace the fact belongs to, when there is one",
    "requestid": "id of the request it followed from, when there is one",
    "data": "the fields listed below",
}
_WORDS: Final[Mapping[Any, str]] = {
    bool: "true or false",
    date: "date",
    datetime: "time (RFC 3339)",
    int: "number",
    str: "code",
    UUID: "id",
}


def main() -> None:
    """Write the document."""
    TARGET.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{TARGET.name} is written.\n")


def document() -> str:
    """The whole document as the catalogue and the reactions are now."""
    heard = _listeners()
    parts = [_HEAD, "## All events\n", _overview(heard), "## Envelope\n", _envelope()]
    for publisher in dict.fromkeys(event.publisher for event in BY_TYPE.values()):
        parts.append(f"## {publisher}\n")
        parts += _publisher([event for event in BY_TYPE.values() if event.publisher == publisher])
    parts += ["## Codes\n", _codes()]
    return "\n".join(parts)


def _listeners() -> dict[str, list[str]]:
    """By wire type, the services that react to it."""
    heard: dict[str, list[str]] = {}
    for service in sorted(module.name for module in pkgutil.iter_modules(services.__path__)):
        if find_spec(f"services.{service}.reactions") is not None:
            reactions = importlib.import_module(f"services.{service}.reactions")
            for event in reactions.REACTIONS:
                heard.setdefault(event.wire_type(), []).append(service)
    return heard


def _overview(heard: Mapping[str, list[str]]) -> str:
    return _table(
        ("type", "says", "heard by"),
        (
            (f"`{wire_type}`", _sentence(event), ", ".join(heard.get(wire_type, ["-"])))
            for wire_type, event in BY_TYPE.items()
        ),
    )


def _envelope() -> str:
    return _table(
        ("attribute", "value"), ((f"`{name}`", _MEANINGS[name]) for name in Event.model_fields)
    )


def _publisher(events: list[type[EventData]]) -> list[str]:
    """Each shared state once, then the events that carry it with what they add."""
    parts = []
    for state in dict.fromkeys(_state_of(event) for event in events):
        carrying = [event for event in events if _state_of(event) is state]
        if state is None:
            for event in carrying:
                parts += [f"### {event.name}\n", f"{_sentence(event)}\n", _fields(event)]
            continue
        names = ", ".join(f"`{event.name}`" for event in carrying)
        parts += [f"### {state.__name__}\n", f"{_sentence(state)} In {names}.\n", _fields(state)]
        for event in carrying:
            added = [name for name in event.model_fields if name not in state.model_fields]
            if added:
                parts += [f"`{event.name}` adds:\n", _fields(event, added)]
    return parts


def _state_of(event: type[EventData]) -> type[EventData] | None:
    parent = event.__mro__[1]
    return None if parent is EventData else parent


def _fields(model: type[BaseModel], names: Iterable[str] | None = None) -> str:
    chosen = model.model_fields if names is None else names
    return _table(
        ("field", "value"),
        ((f"`{name}`", _value(model.model_fields[name].annotation)) for name in chosen),
    )


def _value(annotation: Any) -> str:
    if get_origin(annotation) in (Union, UnionType):
        inner = [argument for argument in get_args(annotation) if argument is not NoneType]
        return " or ".join([*map(_value, inner), "nothing"])
    if get_origin(annotation) is list:
        return f"list of {_value(get_args(annotation)[0])}"
    if issubclass(annotation, StrEnum):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    if issubclass(annotation, BaseModel):
        inside = (f"`{name}`" for name in annotation.model_fields)
        return f"{{{', '.join(inside)}}}: {_sentence(annotation)}"
    return _WORDS[annotation]


def _codes() -> str:
    lists = [code for code in vars(codes).values() if _is_code_list(code)]
    return "\n".join(
        f"### {code.__name__}\n\n{_sentence(code)}\n\n"
        f"{', '.join(f'`{member.value}`' for member in code)}\n"
        for code in lists
    )


def _is_code_list(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum


def _sentence(thing: type) -> str:
    return " ".join((thing.__doc__ or "").split())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
