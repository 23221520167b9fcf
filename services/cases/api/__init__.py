"""The HTTP resources of cases."""

from services.cases.api import (
    attachments,
    board,
    candidates,
    case_files,
    disasters,
    glass,
    handover,
    intakes,
    open_list,
    outside,
    reference,
    referrals,
    rules,
    verbs,
    worklist,
)

ROUTERS = [
    # Before the referrals: their paths would take `open` for an id.
    open_list.router,
    referrals.router,
    verbs.router,
    worklist.router,
    case_files.router,
    glass.router,
    disasters.router,
    intakes.router,
    reference.router,
    attachments.router,
    outside.router,
    rules.router,
    candidates.router,
    board.router,
    handover.router,
]
