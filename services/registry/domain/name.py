"""Names: how they are compared, and when they are not shown."""

import re
import unicodedata
from typing import Final

HIDDEN: Final = "Warga (dirahasiakan)"

_NOT_LETTERS: Final = re.compile(r"[\W_]+")


def key_of(name: str) -> str:
    """A name without case, accents and punctuation, as the search index holds it."""
    if name.isascii():
        return _NOT_LETTERS.sub(" ", name.lower()).strip()
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", name.casefold())
        if not unicodedata.combining(character)
    )
    return _NOT_LETTERS.sub(" ", plain).strip()
