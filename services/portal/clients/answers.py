"""How answers of the services are read: what a page does not use is ignored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.errors import Unavailable
from shared.logging import get_logger


class Answer(BaseModel):
    """Base of everything read from a service."""

    model_config = ConfigDict(extra="ignore", frozen=True)


A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, slots=True)
class Listed(Generic[A]):
    """Part of a list, and the cursor from which it goes on; None at its end."""

    items: list[A]
    next: str | None
    cut: bool = False
    """Whether there is more than can be paged to."""


def read(model: type[A], body: Any) -> A:
    """The body as its model; raises `Unavailable` when the service speaks otherwise."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        get_logger().error(
            "unreadable_answer",
            model=model.__name__,
            places=[".".join(map(str, fault["loc"])) for fault in error.errors()][:10],
        )
        raise Unavailable(f"{model.__name__} cannot be read") from error


def read_list(model: type[A], body: Any) -> list[A]:
    """The items of a list answer, each as its model."""
    items = body.get("items", []) if isinstance(body, Mapping) else []
    return [read(model, item) for item in items]


def read_listed(model: type[A], body: Any) -> Listed[A]:
    """The items of a list answer with its cursor."""
    given = body if isinstance(body, Mapping) else {}
    return Listed(read_list(model, body), given.get("next"), cut=given.get("cut") is True)
