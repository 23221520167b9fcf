"""Look-alikes among those who come in together, before any of them is stored."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from services.registry.domain.likeness import Likeness, Traits, likeness
from shared.reference.areas import LENGTH_OF, Level

_REGENCY: Final = LENGTH_OF[Level.REGENCY]
# As the index of the marks has them.
_NOT_CONSONANTS: Final = str.maketrans("", "", "aiueohy ")

Key = tuple[str, object]


def earlier_alike(some: Sequence[Traits]) -> list[dict[int, Likeness]]:
    """For each, those before it in the row who look much like it.

    Compared are those of one kabupaten with one day of birth or the same consonants.
    """
    seen: dict[Key, list[int]] = defaultdict(list)
    found: list[dict[int, Likeness]] = []
    for place, one in enumerate(some):
        keys = _keys(one)
        before = {other for key in keys for other in seen[key]}
        alike = {other: likeness(one, some[other]) for other in sorted(before)}
        found.append({other: how for other, how in alike.items() if how.is_shown})
        for key in keys:
            seen[key].append(place)
    return found


def _keys(one: Traits) -> list[Key]:
    regency = one.area[:_REGENCY]
    keys: list[Key] = [(regency, " ".join(one.sounds).translate(_NOT_CONSONANTS))]
    if one.birth is not None and one.birth.on is not None:
        keys.append((regency, one.birth.on))
    return keys
