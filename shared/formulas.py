"""Texts that spreadsheet programs would run: guarded on the way out, and plain again."""

import re
from typing import Final

_FORMULA: Final = re.compile(r"^'*\s*[=+\-@\t\r\n|%＝＋－＠]")  # noqa: RUF001 - Excel takes the wide ones too
"""What spreadsheet programs may read as a formula, also behind blanks (OWASP CSV injection)."""


def safe(text: str) -> str:
    """The text as no spreadsheet program takes for a formula."""
    return "'" + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text that `safe` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
