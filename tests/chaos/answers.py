"""What callers were answered, and how long they waited for it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

NONE: Final = 0
"""The status of an attempt that got no answer at all: refused, cut off, or out of time."""


@dataclass(frozen=True)
class Answer:
    """One attempt: when it began (the loop's clock), how long it took, what came back."""

    at: float
    seconds: float
    status: int
    retry_after: str | None = None


class Answers:
    """Every attempt of some callers, and figures about a part of them."""

    def __init__(self, given: Iterable[Answer] = ()) -> None:
        self.given = list(given)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.given)

    def note(self, answer: Answer) -> None:
        self.given.append(answer)

    def between(self, begin: float, end: float) -> "Answers":
        """Those asked for in this time."""
        return self.that(lambda answer: begin <= answer.at < end)

    def within(self, begin: float, end: float) -> "Answers":
        """Those asked for and answered in this time."""
        return self.that(lambda answer: begin <= answer.at and answer.at + answer.seconds < end)

    def that(self, fits: Callable[[Answer], bool]) -> "Answers":
        return Answers(filter(fits, self.given))

    def percentile(self, share: float) -> float:
        """Seconds within which this share was answered."""
        ordered = sorted(answer.seconds for answer in self.given)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def __str__(self) -> str:
        if not self.given:
            return "none"
        p50, p99, most = (self.percentile(share) * 1000 for share in (0.5, 0.99, 1.0))
        return f"{len(self.given)} answers p50 {p50:.0f} p99 {p99:.0f} max {most:.0f} ms"
