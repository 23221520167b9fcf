"""Batches over HTTP: each item is read and answered by itself, so that none hinders another."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from shared.errors import Problem
from shared.http import Input
from shared.problems import faults_of

MOST_ITEMS: Final = 200

ItemIn = TypeVar("ItemIn", bound="KeyedIn")


class KeyedIn(Input):
    """One item under the key its device gave it; the key makes a repeat harmless for good."""

    key: UUID


class BatchIn(Input):
    """Items as they came, to be read one by one."""

    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_ITEMS)]


class Fault(BaseModel):
    """What is wrong with an item, and where."""

    code: str
    detail: str
    pointer: str = ""

    @classmethod
    def of(cls, problem: Problem) -> "list[Fault]":
        """A refusal in the words of a problem document."""
        errors = problem.extra.get("errors") or [{}]
        return [
            cls(
                code=problem.code,
                detail=error.get("detail") or problem.detail or problem.title,
                pointer=error.get("pointer", ""),
            )
            for error in errors
        ]


class Read(Generic[ItemIn]):
    """The items that could be read, and the faults of those that could not, by their place."""

    def __init__(self, model: type[ItemIn], items: Sequence[dict[str, Any]]) -> None:
        self._given = items
        self.items: dict[int, ItemIn] = {}
        self.faults: dict[int, list[Fault]] = {}
        for place, raw in enumerate(items):
            try:
                self.items[place] = model.model_validate(raw)
            except ValidationError as error:
                self.faults[place] = [Fault.model_validate(one) for one in faults_of(error)]

    def key_of(self, place: int) -> UUID | None:
        """The key of an item, even of one that could not be read; None when it has none."""
        try:
            return UUID(str(self._given[place].get("key")))
        except ValueError:
            return None
