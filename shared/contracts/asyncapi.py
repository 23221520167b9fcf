"""The AsyncAPI 3.0 document of a publisher, made from the catalogue."""

from typing import Any

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import EventData


def asyncapi_document(publisher: str, *, hears: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Describe the stream `publisher` writes and, by wire type, the events it listens to."""
    sent = [event for event in BY_TYPE.values() if event.publisher == publisher]
    heard = [BY_TYPE[wire_type] for wire_type in sorted(hears)]
    streams = {publisher: sent}
    for event in heard:
        streams.setdefault(event.publisher, []).append(event)
    operations: dict[str, Any] = {}
    if sent:
        operations["publish"] = _operation("send", publisher, sent)
    for name in sorted({event.publisher for event in heard}):
        events = [event for event in heard if event.publisher == name]
        operations[f"hear_{name}"] = _operation("receive", name, events)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Sinergi {publisher}",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in JSON, one per stream entry, field `e`.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            name: {
                "address": f"ev:{name}",
                "messages": {_key(event): _message(event) for event in events},
            }
            for name, events in streams.items()
            if events
        },
        "operations": operations,
    }


def _operation(action: str, stream: str, events: list[type[EventData]]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{stream}"},
        "messages": [{"$ref": f"#/channels/{stream}/messages/{_key(event)}"} for event in events],
    }


def _message(event: type[EventData]) -> dict[str, Any]:
    return {
        "name": event.wire_type(),
        "title": event.__name__,
        "summary": event.__doc__ or "",
        "contentType": "application/cloudevents+json",
        "payload": payload_schema(event),
    }


def payload_schema(event: type[EventData]) -> dict[str, Any]:
    """JSON Schema of one event: the envelope's attributes and the declared data."""
    data = event.model_json_schema(ref_template="#/$defs/{model}")
    definitions = data.pop("$defs", {})
    return {
        "$id": event.schema_uri(),
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "format": "uuid"},
            "source": {"const": f"/sinergi/{event.publisher}"},
            "type": {"const": event.wire_type()},
            "subject": {"type": "string"},
            "subjectversion": {"type": "integer", "minimum": 1},
            "time": {"type": "string", "format": "date-time"},
            "dataschema": {"const": event.schema_uri()},
            "datacontenttype": {"const": "application/json"},
            "traceparent": {"type": "string"},
            "requestid": {"type": "string", "format": "uuid"},
            "data": _inline(data, definitions),
        },
    }


def _inline(node: Any, definitions: dict[str, Any]) -> Any:
    """Replace local references, so that each message's schema stands alone in the document."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            return _inline(definitions[reference.rpartition("/")[2]], definitions)
        return {key: _inline(value, definitions) for key, value in node.items()}
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    return node


def _key(event: type[EventData]) -> str:
    return f"{event.name.replace('.', '_')}_v{event.version}"
