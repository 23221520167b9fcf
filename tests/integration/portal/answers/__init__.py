"""What the four services answer while nothing is amiss, a module for each thing they know."""

from tests.integration.portal.answers import (
    cases,
    directory,
    notifications,
    protection,
    registry,
    rules,
)
from tests.integration.portal.answers.known import Answers


def on_a_quiet_day() -> Answers:
    """Every ordinary answer."""
    services = (directory, registry, protection, cases, rules, notifications)
    return {call: said for one in services for call, said in one.on_a_quiet_day().items()}
