"""What was once written in a log is understood by the contracts of today."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.contracts.asyncapi import payload_schema
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import Event
from tests.contracts.golden_events import FOLDER, path_of

FILES = sorted(FOLDER.glob("*.json"))


def golden(path: Path) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return event


def test_every_event_has_a_golden_file() -> None:
    missing = [event.wire_type() for event in BY_TYPE.values() if not path_of(event).exists()]
    assert missing == [], "run: python -m tests.contracts.golden_events"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_event_still_parses_and_loses_no_field(path: Path) -> None:
    """INVARIANT: renaming or retyping a field breaks every event already in a log."""
    written = golden(path)
    event = Event.model_validate(written)
    contract = BY_TYPE[event.type]
    assert path == path_of(contract)
    data = contract.model_validate(event.data)
    understood = json.loads(event.model_copy(update={"data": data}).model_dump_json())
    for name, value in written["data"].items():
        assert understood["data"][name] == value, name
    assert {name: understood[name] for name in written if name != "data"} == {
        name: value for name, value in written.items() if name != "data"
    }
    # An attribute that came later says nothing of an event from before.
    assert {understood[name] for name in understood.keys() - written.keys()} <= {None}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_event_fits_the_published_schema(path: Path) -> None:
    written = golden(path)
    schema = payload_schema(BY_TYPE[written["type"]])
    jsonschema.validate(written, schema, format_checker=jsonschema.FormatChecker())


def test_a_golden_event_without_one_of_its_ids_does_not_parse() -> None:
    written = golden(FOLDER / "cases.referral.sent.v1.json")
    del written["data"]["referral_id"]
    with pytest.raises(ValueError, match="referral_id"):
        BY_TYPE[written["type"]].model_validate(written["data"])
