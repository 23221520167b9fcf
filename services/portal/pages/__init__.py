"""The pages, one module per thing a worker does."""

from typing import Final

from services.portal.pages import (
    live,
    notices,
    people,
    refer,
    referral,
    register,
    sign_in,
    worklist,
)

PAGES: Final = (
    sign_in.router,
    worklist.router,
    referral.router,
    register.router,
    refer.router,
    people.router,
    notices.router,
    live.router,
)
