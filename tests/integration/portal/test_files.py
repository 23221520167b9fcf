"""Files that go with notes, the list of outside services, and the letter."""

import io
import re
from typing import Any

import httpx2
import pikepdf
import pytest
from starlette.responses import Response

from tests.integration.portal.answers.cases import reference, referral
from tests.integration.portal.answers.known import ME, PERSON, REFERRAL, VILLAGE
from tests.integration.portal.neighbours import Neighbours

GET = f"GET /cases/referrals/{REFERRAL}"
UPLOAD = f"POST /cases/referrals/{REFERRAL}/attachments"
NOTE = f"POST /cases/referrals/{REFERRAL}/note"
FILE = "0190e000-0000-7000-8000-000000000001"
OTHER = "0190e000-0000-7000-8000-000000000002"
SERVICE = "0190f000-0000-7000-8000-000000000001"
CLINIC = {
    "id": SERVICE,
    "kind": "PUSKESMAS",
    "area": "35.08.03",
    "name": "Puskesmas Candipuro",
    "phone": None,
    "address": None,
    "active": True,
}
LETTER = {
    "case_number": "RJ-35.08-2026-000123",
    "service": CLINIC,
    "beneficiary_id": PERSON,
    "sender_id": ME,
    "sender_pillar": "PSM",
    "sender_area": VILLAGE,
    "place": VILLAGE,
    "urgency": "high",
    "initials_only": False,
    "category": "LUT",
    "situation": "NEGLECT",
    "need": "Dua hari belum makan.",
}


@pytest.fixture
def notable(neighbours: Neighbours) -> Neighbours:
    """A referral that may be noted, with files."""
    known = reference()
    for verb in known["verbs"]:
        if verb["code"] == "note":
            verb["needs"] = [
                {"field": "text", "kind": "text", "label": "Catatan", "required": True},
                {"field": "attachment_ids", "kind": "files", "label": "Foto", "required": False},
            ]
    neighbours.answer("GET /cases/reference", known)
    neighbours.answer(GET, referral("accepted", allowed=["note"]))
    neighbours.answer(NOTE, referral("accepted"))
    neighbours.answer(UPLOAD, {"id": FILE}, 201)
    return neighbours


async def note(browser: httpx2.AsyncClient, *files: str, **fields: Any) -> httpx2.Response:
    chosen = [("attachment_ids", (name, b"isi " + name.encode())) for name in files]
    data = {"text": "Lihat.", "_key": "kunci-12345", **fields}
    empty = [("attachment_ids", ("", b""))]
    return await browser.post(f"/rujukan/{REFERRAL}/note", data=data, files=chosen or empty)


async def test_files_are_uploaded_first_and_then_named_in_the_note(
    browser: httpx2.AsyncClient, notable: Neighbours
) -> None:
    found = iter((FILE, OTHER))
    notable.answer(UPLOAD, lambda _body: {"id": next(found)}, 201)
    answer = await note(browser, "a.jpg", "b.pdf")
    assert answer.status_code == 303
    sent = notable.of(UPLOAD)
    assert [b'filename="a.jpg"' in one.body for one in sent] == [True, False]
    # Each has its own key, and the same one when the form is sent again.
    assert [one.headers["idempotency-key"] for one in sent] == ["kunci-12345-0", "kunci-12345-1"]
    assert [one.body for one in notable.of(NOTE)] == [
        {"text": "Lihat.", "attachment_ids": [FILE, OTHER]}
    ]


async def test_a_note_without_a_file_is_a_note_as_before(
    browser: httpx2.AsyncClient, notable: Neighbours
) -> None:
    assert (await note(browser)).status_code == 303
    assert notable.of(UPLOAD) == []
    assert [one.body for one in notable.of(NOTE)] == [{"text": "Lihat."}]


async def test_a_refused_file_is_named_and_what_was_uploaded_before_stays(
    browser: httpx2.AsyncClient, notable: Neighbours
) -> None:
    notable.refuse(
        UPLOAD, "file-refused", 422, errors=[{"pointer": "/file", "detail": "Foto rusak."}]
    )
    answer = await note(browser, "a.jpg", attachment_ids=OTHER)
    assert answer.status_code == 422
    assert "a.jpg: Foto rusak." in answer.text
    assert f'<input type="hidden" name="attachment_ids" value="{OTHER}">' in answer.text
    assert "Lihat.</textarea>" in answer.text
    assert notable.of(NOTE) == []


async def test_nothing_is_uploaded_for_a_form_that_lacks_its_words_or_has_too_many_files(
    browser: httpx2.AsyncClient, notable: Neighbours
) -> None:
    assert (await note(browser, "a.jpg", text="")).status_code == 422
    answer = await note(browser, "a.jpg", "b.jpg", "c.jpg", "d.jpg")
    assert "Paling banyak 3 berkas sekaligus." in answer.text
    assert notable.of(UPLOAD) == []


async def test_only_forms_with_files_may_be_large(
    browser: httpx2.AsyncClient, notable: Neighbours
) -> None:
    large = {"file": ("a.jpg", b"x" * 2 * 1024 * 1024)}
    for path in (f"/rujukan/{REFERRAL}/accept", "/rujuk", "/layanan"):
        assert (await browser.post(path, files=large)).status_code == 413, path
    assert (await browser.post(f"/rujukan/{REFERRAL}/note", files=large)).status_code == 422


async def test_a_file_is_passed_on_with_the_headers_that_guard_it(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    headers = {
        "Content-Disposition": 'inline; filename="lampiran.jpg"',
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Set-Cookie": "stray=1",
    }
    picture = Response(b"\xff\xd8" + b"x" * 2000, media_type="image/jpeg", headers=headers)
    for own, theirs in ((f"/lampiran/{FILE}", ""), (f"/lampiran/{FILE}/kecil", "/thumbnail")):
        neighbours.answer(f"GET /cases/attachments/{FILE}{theirs}", picture)
        answer = await browser.get(own)
        assert answer.content == picture.body
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"] == headers["Content-Disposition"]
        assert "set-cookie" not in answer.headers
    assert (await browser.get(f"/lampiran/{OTHER}")).status_code == 404


def text_of(pdf: bytes) -> str:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        content = document.pages[0].Contents.read_bytes().decode("latin-1")
    return "\n".join(re.findall(r"\(((?:\\.|[^)\\])*)\) Tj", content))


async def test_the_letter_names_the_person_only_where_it_may(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(f"{GET}/letter", LETTER)
    answer = await browser.get(f"/rujukan/{REFERRAL}/surat.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    full = text_of(answer.content)
    person = re.search(r"\n:\n(.+)\nWilayah", full)
    assert person is not None
    assert "Dua hari belum makan." in full
    withheld = {"category": None, "situation": None, "need": None}
    neighbours.answer(f"{GET}/letter", {**LETTER, "initials_only": True, **withheld})
    short = text_of((await browser.get(f"/rujukan/{REFERRAL}/surat.pdf")).content)
    letters = " ".join(f"{word[0]}." for word in person[1].split())
    assert f"\n{letters}\n" in short
    assert person[1] not in short


async def test_an_outside_service_can_be_chosen_and_goes_instead_of_a_pillar(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    away = {**CLINIC, "id": OTHER, "name": "Desa lain", "area": "35.08.03.2001"}
    neighbours.answer("GET /cases/outside-services", {"items": [CLINIC, away]})
    page = (await browser.get(f"/rujuk?warga={PERSON}")).text
    assert f'<option value="{SERVICE}">Puskesmas Candipuro</option>' in page
    assert "Desa lain" not in page
    form = {
        "beneficiary_id": PERSON, "area": VILLAGE, "category": "LUT", "situation": "NEGLECT",
        "need": "Berobat.", "legal_basis": "public_task", "target.service": SERVICE,
        "target.pillar": "TKSK", "_step": "kirim",
    }  # fmt: skip
    await browser.post("/rujuk", data=form)
    assert neighbours.of("POST /cases/referrals")[0].body["target"] == {"service": SERVICE}
