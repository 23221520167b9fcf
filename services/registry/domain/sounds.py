"""Indonesian names by how they sound: one spelling for the many a name is written in.

Spelling reforms, titles and shortened given names hide that two records are of one person. What is
left here is only ever compared, never shown. `docs/lookalikes.md` explains the rules.
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
    ("ts", "s"), ("iem", "yem"), ("ie", "i"), ("iy", "y"), ("j", "y"), ("v", "p"), ("f", "p"),
    ("z", "s"), ("q", "k"), ("x", "ks"),
)  # fmt: skip
_DOUBLED: Final = re.compile(r"(\D)\1+")
_SECOND_NAME: Final = re.compile(r"\b(?:alias|als|aka|panggilan)\b")
_DEGREE: Final = re.compile(r"(?<=\w) [sma] (?:pd|pdi|sos|ag|h|hi|e|si|kom|km|kep|psi|md)\b")
# Written as one word as often as apart: Nurhayati, Abdurrahman.
_JOINED: Final = re.compile(r"\b(?:abdul|abdu(?=r)|muhamad|siti|nur)(?=\w{4})")


@lru_cache(maxsize=50_000)
def sound_of(word: str) -> str:
    """One word of a name in its one spelling; that spelling's own is the same."""
    before = None
    while word != before:
        before = word
        if word in COMMON_SOUNDS:
            word = COMMON_SOUNDS[word]
            continue
        for written, spoken in _LETTERS:
            word = word.replace(written, spoken)
        word = _DOUBLED.sub(r"\1", word)
        word = word.removesuffix("h") or word
    return word


# A record is compared and stored within moments, and asks twice.
@lru_cache(maxsize=4_096)
def sounds_of(name: str) -> tuple[str, ...]:
    """The words of a name in their one spelling and order, without titles and second names."""
    words = _heard(key_of(name))
    # What is left may be a title once it is spelled anew.
    while (again := _heard(" ".join(words))) != words:
        words = again
    return words


def _heard(key: str) -> tuple[str, ...]:
    first = _SECOND_NAME.split(_DEGREE.sub("", key))[0].split() or key.split()
    kept = [word for word in first if word not in TITLES]
    sounds = " ".join(sound_of(word) for word in kept or first)
    return tuple(_JOINED.sub(_apart, sounds).split())


def _apart(joined: re.Match[str]) -> str:
    return joined[0].removesuffix("l").replace("abdu", "abdul") + " "
