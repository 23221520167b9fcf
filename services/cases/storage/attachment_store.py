"""Where the bytes of attachments lie: sealed, outside the database."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from obstore.store import ObjectStore

from shared.sealed_store import SealedStore

_VARIANTS: Final = ("full", "small")


class AttachmentStore:
    """Puts, gets and deletes the two sizes of an attachment."""

    def __init__(self, store: ObjectStore, keys: Mapping[int, bytes]) -> None:
        """`keys` by version: the highest one seals, all of them open."""
        self._sealed = SealedStore(store, keys)

    async def put(self, attachment_id: UUID, content: bytes, thumbnail: bytes | None) -> None:
        """Keep the content and its small picture; raises `Unavailable`."""
        for variant, plain in zip(_VARIANTS, (content, thumbnail), strict=True):
            if plain is not None:
                await self._sealed.put(_place(attachment_id, variant), plain)

    async def get(self, attachment_id: UUID, *, small: bool = False) -> bytes:
        """The content, or its small picture; raises `Unavailable` and `Undecipherable`."""
        return await self._sealed.get(_place(attachment_id, _VARIANTS[small]))

    async def delete(self, attachment_id: UUID) -> None:
        """Forget an attachment; one that is not there is no error. Raises `Unavailable`."""
        for variant in _VARIANTS:
            await self._sealed.delete(_place(attachment_id, variant))


def _place(attachment_id: UUID, variant: str) -> str:
    # The id's last digits are random, so that no folder fills up.
    return f"{str(attachment_id)[-2:]}/{attachment_id}.{variant}"
