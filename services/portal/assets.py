"""The portal's own files, served under a hash of their content, compressed and for good."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.portal.security import FOREVER

STATIC: Final = Path(__file__).resolve().parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".topojson": "application/json",
}
_HASH_LENGTH: Final = 12


@dataclass(frozen=True)
class Asset:
    """One file in memory."""

    url: str
    media_type: str
    plain: bytes

    @cached_property
    def compressed(self) -> bytes:
        """The same, smaller; made when it is first asked for, as most boundaries never are."""
        return gzip.compress(self.plain, 9, mtime=0)


class Assets:
    """All files below a folder that a browser may ask for."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._by_name = {
            path.relative_to(folder).as_posix(): _load(path, folder)
            for path in sorted(folder.rglob("*"))
            if path.suffix in _TYPES
        }
        self._by_url = {asset.url: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """Where the named file is served; raises `KeyError` for a file that is not there."""
        return self._by_name[name].url

    def get(self, name: str) -> Asset:
        """The named file; raises `KeyError`."""
        return self._by_name[name]

    def find(self, name: str) -> Asset | None:
        """The named file, if it is there."""
        return self._by_name.get(name)

    def at(self, url: str) -> Asset | None:
        """The file behind a hashed address; None for an old hash, which no current page names."""
        return self._by_url.get(url)


def answer(request: Request, asset: Asset | None) -> Response:
    """The file for good, compressed where the browser can read that; 404 without one."""
    if asset is None:
        return Response(status_code=404)
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    body = asset.plain
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = asset.compressed
    return Response(body, media_type=asset.media_type, headers=headers)


def _load(path: Path, folder: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]
    return Asset(
        url=f"/static/{digest}/{path.relative_to(folder).as_posix()}",
        media_type=_TYPES[path.suffix],
        plain=content,
    )
