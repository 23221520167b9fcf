"""The three deadlines of a referral: reply by, act by, close by."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.cases.domain.referral_status import ClockEffect


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each deadline is, from the routing rule."""

    reply: timedelta
    act: timedelta
    close: timedelta


@dataclass(frozen=True, slots=True)
class Clocks:
    """Deadlines still open; a met or stopped one is None. `due_at` is the next of them."""

    reply_by: datetime | None = None
    act_by: datetime | None = None
    close_by: datetime | None = None
    paused_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """The earliest open deadline; None while the clocks are paused or stopped."""
        if self.paused_at is not None:
            return None
        return min(
            (moment for moment in (self.reply_by, self.act_by, self.close_by) if moment),
            default=None,
        )

    def after(self, effect: ClockEffect, *, now: datetime, limits: Limits) -> "Clocks":
        """The deadlines once a verb with this effect was done at `now`."""
        match effect:
            case ClockEffect.START:
                return Clocks(now + limits.reply, now + limits.act, now + limits.close)
            case ClockEffect.KEEP:
                return self
            case ClockEffect.REPLY_MET:
                return replace(self, reply_by=None)
            case ClockEffect.ACT_MET:
                return replace(self, reply_by=None, act_by=None)
            case ClockEffect.PAUSE:
                return replace(self, reply_by=None, paused_at=now)
            case ClockEffect.RESTART_REPLY:
                stood = now - (self.paused_at or now)
                return Clocks(
                    reply_by=now + limits.reply,
                    act_by=(self.act_by + stood) if self.act_by else now + limits.act,
                    close_by=self.close_by + stood if self.close_by else None,
                )
            case ClockEffect.STOP:
                return Clocks()
