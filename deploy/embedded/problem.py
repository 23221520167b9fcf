"""What the operator has to change, as one sentence."""


class Problem(Exception):
    """A condition only the operator can change; its text is one clear sentence."""
