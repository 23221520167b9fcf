"""Indonesian names by how they sound: one spelling for the many a name is written in.

Spelling reforms, titles and shortened given names hide that two records are of one person. What is
left here is only ever compared, never shown.
"""

import re
from functools import lru_cache
from typing import Final

from services.registry.domain.name import key_of
from shared.reference.name_words import COMMON_SOUNDS, TITLES

# In this order: what a pair stands for comes before what its letters stand for.
_LETTERS: Final = (
    ("oe", "u"), ("dj", "y"), ("tj", "c"), ("sj", "s"), ("nj", "ny"), ("sy", "s"), ("kh", "h"),
    ("ch", "h"), ("dh", "d"), ("th", "t"), ("bh", "b"), ("gh", "g"), ("ph", "p"), ("dz", "s"),
    ("ts", "s"), ("ie", "i"), ("iy", "y"), ("j", "y"), ("v", "p"), ("f", "p"), ("z", "s"),
    ("q", "k"), ("x", "ks"),
)  # fmt: skip
_DOUBLED: Final = re.compile(r"(.)\1+")
_ALIAS: Final = re.compile(r"\b(alias|als|aka|panggilan)\b")


@lru_cache(maxsize=50_000)
def sound_of(word: str) -> str:
    """One word of a name in its one spelling."""
    if word in COMMON_SOUNDS:
        return COMMON_SOUNDS[word]
    for written, spoken in _LETTERS:
        word = word.replace(written, spoken)
    word = _DOUBLED.sub(r"\1", word)
    return word.removesuffix("h") or word


def sounds_of(name: str) -> tuple[str, ...]:
    """The words of a name in their one spelling and order, without titles and second names."""
    first = _ALIAS.split(key_of(name))[0]
    words = [word for word in first.split() if word not in TITLES and not word.isdigit()]
    return tuple(sound_of(word) for word in words or first.split())
