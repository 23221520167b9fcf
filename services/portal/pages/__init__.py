"""The pages, one module per thing a worker does."""

from typing import Final

from services.portal.pages import (
    assign,
    attachments,
    case_file,
    disasters,
    guide,
    handover,
    imports,
    intake,
    live,
    notices,
    outside,
    people,
    profile,
    refer,
    referral,
    register,
    rules,
    sign_in,
    watch,
    worklist,
)

PAGES: Final = (
    sign_in.router,
    worklist.router,
    attachments.router,
    outside.router,
    referral.router,
    register.router,
    refer.router,
    imports.router,
    people.router,
    notices.router,
    profile.router,
    rules.router,
    disasters.router,
    intake.router,
    watch.router,
    case_file.router,
    guide.router,
    handover.router,
    assign.router,
    live.router,
)
