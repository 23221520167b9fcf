"""Uploaded files are written anew: what they showed stays, everything else is gone."""

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.cases.domain.attachments import FileRefused
from services.cases.storage.cleaning import clean

SECRET = b"RAHASIA-SEKALI"


def javascript() -> Dictionary:
    return Dictionary(Type=Name.Action, S=Name.JavaScript, JS=String("app.alert('hai')"))


def photo(width: int = 60, height: int = 40, form: str = "JPEG", **options: object) -> bytes:
    """Left half red, right half blue."""
    picture = Image.new("RGB", (width, height), (200, 0, 0))
    picture.paste((0, 0, 200), (width // 2, 0, width, height))
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def colour(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = picture.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def phone_photo() -> bytes:
    """As a phone held upright writes it: turned, with the place and the owner in its metadata."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise when shown
    exif[0x013B] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (8.0, 7.0, 30.0)
    return photo(exif=exif.tobytes(), comment=SECRET)


def pdf(change: Callable[[pikepdf.Pdf], None] | None = None, **save: Any) -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 100))
    page = document.pages[0]
    page.Contents = document.make_stream(b"0 0 1 rg 10 10 50 50 re f")
    if change is not None:
        change(document)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def test_the_place_in_a_photo_is_gone_and_it_stands_upright() -> None:
    before = phone_photo()
    assert SECRET in before
    assert Image.open(io.BytesIO(before)).getexif().get_ifd(0x8825)
    cleaned = clean(io.BytesIO(before), "KTP Bu Siti.JPG")
    after = Image.open(io.BytesIO(cleaned.content))
    assert cleaned.media_type == "image/jpeg"
    assert after.format == "JPEG"
    assert dict(after.getexif()) == {}
    assert SECRET not in cleaned.content
    assert after.size == (40, 60)
    # Turned clockwise, the left half lies on top.
    assert colour(after, 20, 10)[0] > 150
    assert colour(after, 20, 50)[2] > 150


def test_a_large_photo_is_made_smaller_and_has_a_small_picture() -> None:
    cleaned = clean(io.BytesIO(photo(5000, 2500)), "foto.jpg")
    assert Image.open(io.BytesIO(cleaned.content)).size == (2048, 1024)
    assert cleaned.thumbnail is not None
    assert Image.open(io.BytesIO(cleaned.thumbnail)).size == (320, 160)


def test_a_png_keeps_what_is_transparent_and_loses_its_text() -> None:
    notes = PngInfo()
    notes.add_text("Comment", SECRET.decode())
    picture = Image.new("RGBA", (10, 10), (0, 200, 0, 0))
    out = io.BytesIO()
    picture.save(out, "PNG", pnginfo=notes)
    cleaned = clean(io.BytesIO(out.getvalue()), "cap.png")
    after = Image.open(io.BytesIO(cleaned.content))
    assert (after.format, after.mode, after.getpixel((5, 5))) == ("PNG", "RGBA", (0, 200, 0, 0))
    assert SECRET not in cleaned.content


def test_what_hangs_behind_a_photo_is_gone() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.html", SECRET)
    polyglot = photo() + archive.getvalue() + b"<script>" + SECRET
    assert zipfile.is_zipfile(io.BytesIO(photo() + archive.getvalue()))
    cleaned = clean(io.BytesIO(polyglot), "foto.jpg")
    assert SECRET not in cleaned.content
    assert not zipfile.is_zipfile(io.BytesIO(cleaned.content))


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it is 20,000 x 20,000 pixels."""
    start = Image.new("1", (1, 1))
    out = io.BytesIO()
    start.save(out, "PNG")
    data = bytearray(out.getvalue())
    data[16:24] = (20_000).to_bytes(4) * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4)
    return bytes(data)


def vast() -> bytes:
    """A sound PNG of a few kilobytes that unpacks to 64 million pixels."""
    out = io.BytesIO()
    Image.new("1", (8000, 8000)).save(out, "PNG")
    assert len(out.getvalue()) < 20_000
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script>", "foto.jpg"),
        (b"MZ\x90\x00 a program", "surat.pdf"),
        (photo(), "foto.png"),
        (photo(), "surat.pdf"),
        (photo(form="PNG"), "foto.jpg"),
        (pdf(), "foto.jpg"),
        (photo(form="GIF"), "foto.gif"),
        (photo(), "foto"),
        (photo(), "foto.jpg.exe"),
        (photo()[:300], "foto.jpg"),
        (b"\xff\xd8\xff\xe0" + b"x" * 500, "foto.jpg"),
        (b"%PDF-1.7\nno more than that", "surat.pdf"),
        (b"junk before it\n" + pdf(), "surat.pdf"),
        (bomb(), "foto.png"),
        (vast(), "foto.png"),
        (pdf(encryption=pikepdf.Encryption(user="sandi", owner="pemilik")), "surat.pdf"),
    ],
)
def test_what_is_not_what_it_says_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(FileRefused):
        clean(io.BytesIO(content), name)


def acting(document: pikepdf.Pdf) -> None:
    """Everything in a PDF that acts, hides or tells who made it."""
    page = document.pages[0]
    document.Root.OpenAction = javascript()
    document.Root.AA = Dictionary(WC=javascript())
    document.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([String("a"), javascript()])),
    )
    document.attachments["data.txt"] = SECRET
    document.docinfo["/Author"] = SECRET.decode()
    with document.open_metadata() as metadata:
        metadata["dc:creator"] = [SECRET.decode()]
    page.obj.AA = Dictionary(O=javascript())
    page.obj.PieceInfo = Dictionary(X=Dictionary(Private=String(SECRET.decode())))
    page.obj.Annots = Array([
        document.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]),
                A=Dictionary(S=Name.URI, URI=String("https://jahat.example/")),
            )
        ),
        document.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, Rect=Array([0, 0, 9, 9]),
                A=Dictionary(S=Name.Launch, F=String("calc.exe")),
            )
        ),
    ])  # fmt: skip
    document.Root.AcroForm = Dictionary(Fields=Array([page.obj.Annots[1]]), XFA=String("x"))
    picture = document.make_stream(phone_photo())
    picture.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=60, Height=40, ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8, Filter=Name.DCTDecode,
        Metadata=document.make_stream(SECRET),
    )  # fmt: skip
    page.obj.Resources = Dictionary(XObject=Dictionary(AA=picture))
    page.Contents = document.make_stream(b"60 0 0 40 0 0 cm /AA Do")


def test_a_pdf_shows_what_it_showed_and_does_nothing_any_more() -> None:
    before = pdf(acting)
    cleaned = clean(io.BytesIO(before + b"\n<script>" + SECRET), "surat.pdf")
    with pikepdf.open(io.BytesIO(cleaned.content)) as after:
        page = after.pages[0]
        assert set(after.Root.keys()) == {"/Type", "/Pages"}
        assert len(after.attachments) == 0
        assert "/Author" not in after.docinfo
        assert {"/AA", "/Annots", "/PieceInfo"}.isdisjoint(page.obj.keys())
        assert b"/AA Do" in page.Contents.read_bytes()
        picture = page.obj.Resources.XObject.AA
        shown = Image.open(io.BytesIO(picture.read_raw_bytes()))
        shown.load()
        assert shown.size == (60, 40)
        assert dict(shown.getexif()) == {}
        everything = b"".join(one.unparse(resolved=True) for one in after.objects)
        everything += b"".join(
            one.read_raw_bytes() for one in after.objects if isinstance(one, pikepdf.Stream)
        )
    assert cleaned.thumbnail is None
    for word in (SECRET, b"JavaScript", b"Launch", b"URI", b"calc.exe", b"jahat"):
        assert word not in everything, word
        assert word not in cleaned.content, word


def test_pages_inherit_their_size_from_the_tree_as_before() -> None:
    def inheriting(document: pikepdf.Pdf) -> None:
        document.Root.Pages.MediaBox = document.pages[0].obj.MediaBox
        del document.pages[0].obj.MediaBox

    cleaned = clean(io.BytesIO(pdf(inheriting)), "surat.pdf")
    with pikepdf.open(io.BytesIO(cleaned.content)) as after:
        assert [float(one) for one in after.pages[0].mediabox] == [0, 0, 200, 100]


def test_the_same_file_is_cleaned_to_the_same_bytes() -> None:
    for content, name in ((phone_photo(), "a.jpg"), (pdf(acting), "a.pdf")):
        assert clean(io.BytesIO(content), name) == clean(io.BytesIO(content), name)
