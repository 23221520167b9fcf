"""Everything notifications can do, one verb per file."""

from services.notifications.use_cases.note_seen import note_seen
from services.notifications.use_cases.note_worker import note_worker
from services.notifications.use_cases.read_all_notices import read_all_notices
from services.notifications.use_cases.read_notice import read_notice
from services.notifications.use_cases.read_notices_of_referral import read_notices_of_referral
from services.notifications.use_cases.sweep_stream import StreamSweeper
from services.notifications.use_cases.tell_named import tell_named
from services.notifications.use_cases.tell_people import tell_people

__all__ = [
    "StreamSweeper",
    "note_seen",
    "note_worker",
    "read_all_notices",
    "read_notice",
    "read_notices_of_referral",
    "tell_named",
    "tell_people",
]
