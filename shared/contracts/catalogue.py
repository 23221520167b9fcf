"""Every event of the system, by its wire type."""

from collections.abc import Mapping

from shared.contracts import cases, directory, notifications, registry
from shared.contracts.envelope import NAMESPACE, EventData

BY_TYPE: Mapping[str, type[EventData]] = {
    event.wire_type(): event
    for module in (directory, registry, cases, notifications)
    for event in module.EVENTS
}

_FACTS = frozenset(wire_type.rpartition(".v")[0] for wire_type in BY_TYPE)


def is_unknown_version(wire_type: str) -> bool:
    """Whether this is a fact we know in a major version we do not: it must not be skipped."""
    fact, _, _version = wire_type.rpartition(".v")
    return wire_type.startswith(NAMESPACE) and wire_type not in BY_TYPE and fact in _FACTS
