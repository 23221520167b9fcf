"""The AsyncAPI document of each publisher is valid and complete."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.catalogue import BY_TYPE

PUBLISHERS = sorted({event.publisher for event in BY_TYPE.values()})
SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parent / "schema" / "asyncapi-3.0.0.json").read_text(encoding="utf-8")
)


def resolve(document: dict[str, Any], reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_the_document_is_valid_asyncapi(publisher: str) -> None:
    jsonschema.validate(asyncapi_document(publisher, hears=frozenset(BY_TYPE)), SCHEMA)


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_the_document_names_every_event_the_publisher_states(publisher: str) -> None:
    document = asyncapi_document(publisher)
    messages = document["channels"][publisher]["messages"].values()
    stated = {event.wire_type() for event in BY_TYPE.values() if event.publisher == publisher}
    assert {message["name"] for message in messages} == stated
    for message in messages:
        jsonschema.Draft202012Validator.check_schema(message["payload"])


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_every_operation_refers_to_messages_of_its_own_channel(publisher: str) -> None:
    document = asyncapi_document(publisher, hears=frozenset(BY_TYPE))
    assert len(document["operations"]) == 1 + len(PUBLISHERS)
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"]
        assert resolve(document, channel)["address"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/")
            assert resolve(document, message["$ref"])["payload"]


def test_the_schema_refuses_a_document_of_the_older_form() -> None:
    document = asyncapi_document("cases")
    document["channels"]["cases"]["publish"] = {"message": {}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)
