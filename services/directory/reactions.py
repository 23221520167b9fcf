"""What directory hears: nothing; the others hear it."""

from typing import Final

from shared.messaging.inbox import Reactions

REACTIONS: Final[Reactions] = {}
