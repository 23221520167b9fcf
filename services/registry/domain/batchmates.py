"""Rows of one batch that look like one person: none of them stands in the registry yet."""

from collections import defaultdict
from collections.abc import Iterator

from services.registry.domain.likeness import Likeness, Traits, likeness
from shared.contracts.codes import BeneficiaryKind

_PREFIX = 3


class Batchmates:
    """The rows seen so far; only those that share something telling are compared."""

    def __init__(self) -> None:
        self._rows: dict[int, Traits] = {}
        self._sharing: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)

    def likest_or_joined(
        self, line: int, kind: BeneficiaryKind, traits: Traits
    ) -> tuple[int, Likeness] | None:
        """The line before that looks most like this one; when none does, it is one of them now."""
        keys = list(_keys(kind, traits))
        lines = {other for key in keys for other in self._sharing.get(key, ())}
        found = [(other, likeness(traits, self._rows[other])) for other in sorted(lines)]
        alike = [one for one in found if one[1].is_shown]
        if alike:
            return max(alike, key=lambda one: one[1].weight)
        self._rows[line] = traits
        for key in keys:
            self._sharing[key].append(line)
        return None


def _keys(kind: BeneficiaryKind, traits: Traits) -> Iterator[tuple[object, ...]]:
    yield kind, "name", tuple(sorted(traits.sounds))
    if traits.phone:
        yield kind, "phone", traits.phone
    birth = traits.birth
    if birth and birth.on:
        yield kind, "day", birth.year, frozenset((birth.on.day, birth.on.month))
    for start in {word[:_PREFIX] for word in traits.sounds}:
        yield kind, "village", traits.area, start
        if birth:
            yield kind, "year", birth.year, start
