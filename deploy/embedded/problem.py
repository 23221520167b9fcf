"""What the operator has to change, as one sentence."""


class Problem(Exception):  # noqa: N818 - it is the operator's problem, shown as it is, not a fault
    """A condition only the operator can change; its text is one clear sentence."""
