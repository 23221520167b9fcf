"""Files from outside made harmless: what is kept is written anew and holds only what is seen.

A picture loses its metadata (a phone writes the place into it), a PDF everything that acts: both
lose whatever else was hidden in the file, because nothing of the old file is copied.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO, Final

import pikepdf
import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

from services.cases.domain.attachments import JPEG, PDF, PNG, TYPE_OF_EXTENSION, FileRefused

LONG_EDGE: Final = 2048
"""Pixels; a document photographed at this size can still be read."""
THUMBNAIL_EDGE: Final = 320
MAX_PIXELS: Final = 50_000_000
"""What a small file may unpack to: 150 MB of memory."""
_HEAD_BYTES: Final = 4096
_JPEG_QUALITY: Final = 85
_PAGE_KEYS: Final = frozenset(
    {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources",
     "/Contents", "/Group"}
)  # fmt: skip
"""What of a page is drawn; the rest acts, links or describes."""
_HIDDEN_KEYS: Final = ("/Metadata", "/PieceInfo", "/AF", "/OPI", "/LastModified")
_MARKER: Final = 0xFF
_START_OF_SCAN: Final = 0xDA
_METADATA_SEGMENTS: Final = frozenset({0xFE, *range(0xE1, 0xEE), 0xEF})
"""Comments and every application segment but JFIF's and Adobe's, which say how colours are read."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it may be kept, with a small picture of it where there is one."""

    media_type: str
    content: bytes
    thumbnail: bytes | None


def clean(file: BinaryIO, name: str) -> Cleaned:
    """The file written anew; raises `FileRefused`. Takes seconds: never call it in the loop."""
    media_type = TYPE_OF_EXTENSION.get(PurePath(name).suffix.lower())
    if media_type is None:
        raise FileRefused("Hanya foto JPG atau PNG, dan PDF.", "/file")
    if media_type not in _types_in(file.read(_HEAD_BYTES)):
        raise FileRefused("Isi berkas tidak sesuai dengan namanya.", "/file")
    file.seek(0)
    return _CLEANERS[media_type](file)


def _types_in(head: bytes) -> set[str]:
    try:
        return {match.mime_type for match in puremagic.magic_string(head)}
    except (ValueError, puremagic.PureError):
        return set()


def _clean_jpeg(file: BinaryIO) -> Cleaned:
    return _clean_picture(file, JPEG)


def _clean_png(file: BinaryIO) -> Cleaned:
    return _clean_picture(file, PNG)


def _clean_picture(file: BinaryIO, media_type: str) -> Cleaned:
    form = {JPEG: "JPEG", PNG: "PNG"}[media_type]
    try:
        with Image.open(file, formats=[form]) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise FileRefused("Foto terlalu besar ukurannya.", "/file")
            # A JPEG can be unpacked at a half or a quarter of its size; others ignore this.
            opened.draft("RGB", (LONG_EDGE, LONG_EDGE))
            picture = ImageOps.exif_transpose(opened)
            picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError,
            SyntaxError, EOFError) as error:  # fmt: skip
        raise FileRefused("Foto tidak dapat dibaca.", "/file") from error
    picture.thumbnail((LONG_EDGE, LONG_EDGE))
    if media_type == JPEG:
        picture = picture.convert("RGB")
    small = picture.convert("RGB")
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
    return Cleaned(media_type, _written(picture, form), _written(small, "JPEG"))


def _written(picture: Image.Image, form: str) -> bytes:
    # A fresh canvas: what the old file said beside its pixels hangs on the old object.
    fresh = Image.new(picture.mode, picture.size)
    fresh.paste(picture)
    out = io.BytesIO()
    options: dict[str, Any] = {"quality": _JPEG_QUALITY} if form == "JPEG" else {}
    fresh.save(out, form, optimize=True, **options)
    return out.getvalue()


def _clean_pdf(file: BinaryIO) -> Cleaned:
    try:
        with pikepdf.open(file) as source, pikepdf.new() as fresh:
            # What forms and stamps show becomes part of the page; what they do ends here.
            source.flatten_annotations("screen")
            for page in source.pages:
                for key in set(page.obj.keys()) - _PAGE_KEYS:
                    del page.obj[key]
                fresh.pages.append(page)
            _forget_hidden(fresh)
            out = io.BytesIO()
            fresh.save(out, deterministic_id=True)
    except (
        pikepdf.PdfError,
        pikepdf.PasswordError,
        ValueError,
        RuntimeError,
        TypeError,
        OverflowError,
    ) as error:
        raise FileRefused("PDF tidak dapat dibaca atau terkunci sandi.", "/file") from error
    return Cleaned(PDF, out.getvalue(), None)


def _forget_hidden(document: pikepdf.Pdf) -> None:
    for one in document.objects:
        if not isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            continue
        for key in _HIDDEN_KEYS:
            if key in one:
                del one[key]
        if isinstance(one, pikepdf.Stream) and one.get("/Filter") == pikepdf.Name.DCTDecode:
            one.write(_without_metadata(one.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)


def _without_metadata(jpeg: bytes) -> bytes:
    """A JPEG inside a PDF without its metadata; unchanged where it is not well formed."""
    kept = bytearray(jpeg[:2])
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == _MARKER and jpeg[at + 1] != _START_OF_SCAN:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if jpeg[at + 1] not in _METADATA_SEGMENTS:
            kept += jpeg[at:end]
        at = end
    return bytes(kept + jpeg[at:])


_CLEANERS: Final[Mapping[str, Callable[[BinaryIO], Cleaned]]] = {
    JPEG: _clean_jpeg,
    PNG: _clean_png,
    PDF: _clean_pdf,
}
