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
    # Case is taken away between: a letter of another alphabet may stand for a capital of ours, and
    # a letter without its case for several.
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _NOT_LETTERS.sub(" ", plain).strip()
