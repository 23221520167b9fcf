"""Something worth a second look that never blocks help."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A warning: a stable code, the field it is about, and a sentence for the worker."""

    code: str
    pointer: str
    detail: str
