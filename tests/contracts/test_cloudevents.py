"""Every event keeps the rules of CloudEvents 1.0 and this project's rule on personal data."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import MAX_EVENT_BYTES, Event, EventData
from tests.contracts.golden_events import sample

EVENTS = pytest.mark.parametrize("contract", BY_TYPE.values(), ids=BY_TYPE)
ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}")
PERSONAL = {
    "address",
    "alamat",
    "birth",
    "catatan",
    "diagnosis",
    "email",
    "hp",
    "kk",
    "lahir",
    "mother",
    "nama",
    "name",
    "need",
    "nik",
    "note",
    "phone",
    "photo",
    "religion",
    "sex",
    "telepon",
    "text",
    "title",
}
CODES = {
    "area",
    "case_number",
    "rule_id",
    "categories",
    "category",
    "channel",
    "number",
    "pillar",
    "service",
}


def as_logged(contract: type[EventData]) -> dict[str, Any]:
    """The event as the log holds it."""
    event: dict[str, Any] = json.loads(sample(contract).to_json())
    return event


def fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """Names and plain types of all fields, those of inner records included."""
    for name, field in model.model_fields.items():
        for plain in plain_types(field.annotation):
            if issubclass(plain, BaseModel):
                yield from fields(plain)
            else:
                yield name, plain


def plain_types(annotation: Any) -> Iterator[type]:
    if get_origin(annotation) in (Union, UnionType, list):
        for argument in get_args(annotation):
            yield from plain_types(argument)
    elif annotation is not NoneType:
        yield annotation


@EVENTS
def test_the_required_attributes_are_there_and_well_formed(contract: type[EventData]) -> None:
    event = as_logged(contract)
    assert event["specversion"] == "1.0"
    assert UUID(event["id"])
    assert event["source"] == f"/sinergi/{contract.publisher}"
    assert re.fullmatch(r"id\.sinergi(\.[a-z_]+){3}\.v[1-9]\d*", event["type"])
    assert UUID(event["subject"])
    assert datetime.fromisoformat(event["time"]).tzinfo is not None
    assert event["dataschema"].startswith("urn:sinergi:schema:")
    assert event["datacontenttype"] == "application/json"
    assert isinstance(event["data"], dict)


@EVENTS
def test_attribute_names_are_short_lower_case_and_never_null(contract: type[EventData]) -> None:
    event = as_logged(contract)
    assert [name for name in event if not ATTRIBUTE.fullmatch(name)] == []
    assert None not in event.values()
    assert 1 <= event["subjectversion"] < 2**31


@EVENTS
def test_an_event_passes_every_intermediary(contract: type[EventData]) -> None:
    assert len(json.dumps(as_logged(contract)).encode()) < MAX_EVENT_BYTES / 16


@EVENTS
def test_an_event_that_leaves_out_what_it_may_is_read_back(contract: type[EventData]) -> None:
    """INVARIANT: what the log writes, a consumer reads, also when every `None` is left out."""
    values: dict[str, Any] = {
        name: None
        for name, field in contract.model_fields.items()
        if NoneType in get_args(field.annotation)
    }
    full = sample(contract)
    sparse = full.model_copy(update={"data": full.data.model_copy(update=values)})
    logged = Event.model_validate_json(sparse.to_json())
    assert contract.model_validate(logged.data) == sparse.data


@EVENTS
def test_no_field_can_name_a_person(contract: type[EventData]) -> None:
    named = [name for name, _ in fields(contract) if PERSONAL & set(name.split("_"))]
    free = [name for name, plain in fields(contract) if plain is str and name not in CODES]
    assert named == []
    assert free == [], "a text field of an event is a code, and is listed as one here"


@EVENTS
def test_a_consumer_of_today_ignores_the_fields_of_tomorrow(contract: type[EventData]) -> None:
    event = as_logged(contract)
    event["data"]["added_later"] = "x"
    event["addedlater"] = "x"
    assert contract.model_validate(Event.model_validate(event).data) == sample(contract).data


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("specversion", "0.3"),
        ("id", "not-an-id"),
        ("time", "2026-11-23T07:30:00"),
        ("subjectversion", 0),
        ("source", None),
        ("type", None),
    ],
)
def test_an_envelope_that_breaks_the_rules_is_refused(attribute: str, value: object) -> None:
    event = as_logged(next(iter(BY_TYPE.values())))
    event[attribute] = value
    with pytest.raises(ValidationError, match=attribute):
        Event.model_validate(event)
