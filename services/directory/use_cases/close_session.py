"""Sign out."""

from services.directory.domain.session import token_hash
from services.directory.storage import sessions
from shared.database import Tx


async def close_session(session_token: str, *, tx: Tx) -> None:
    """End the session; a session that is over already stays so."""
    await sessions.end(tx, token_hash(session_token))
