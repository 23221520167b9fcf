"""Files that go with notes: who may upload, what is kept, who is served, what is swept."""

import hashlib
import io
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import FastAPI
from obstore.store import LocalStore, MemoryStore
from PIL import Image

from services.cases.settings import Settings, attachment_store
from services.cases.storage.attachment_store import AttachmentStore
from services.cases.use_cases import sweep_attachments
from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from shared.errors import Unavailable
from shared.sealed_store import Undecipherable, store_at
from tests.conftest import CANDIPURO, SUMBERWULUH
from tests.integration.cases.bucket import running_bucket
from tests.integration.cases.conftest import Api, Owner
from tests.integration.cases.seeding import put

MB = 1024 * 1024
KEY = AESGCM.generate_key(256)


def worker(pillar: str, area: str, role: Role = Role.WORKER) -> Actor:
    return Actor(uuid.uuid4(), "worker", (Duty(pillar, area, role, None),))


PSM = worker("PSM", SUMBERWULUH)
TKSK = worker("TKSK", CANDIPURO)
FAR = worker("TKSK", "35.10.01")


@pytest.fixture(scope="module")
def picture() -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (8.0, 7.0, 30.0)
    Image.new("RGB", (640, 480), (10, 120, 10)).save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


@pytest.fixture
def held(worker_db: Database) -> Callable[..., Any]:
    """Sends a referral of PSM's that TKSK holds."""

    async def send(**changes: Any) -> UUID:
        return await put(worker_db, PSM, **{"status": "accepted", "holder_id": TKSK.id, **changes})

    return send


@pytest.fixture
def files(app: FastAPI) -> AttachmentStore:
    store: AttachmentStore = app.state.parts.attachments
    return store


async def upload(
    client: httpx2.AsyncClient, referral: UUID, content: bytes, name: str = "foto.jpg", **more: Any
) -> httpx2.Response:
    return await client.post(
        f"/referrals/{referral}/attachments", files={"file": (name, content)}, **more
    )


async def noted(client: httpx2.AsyncClient, referral: UUID, content: bytes) -> str:
    """Upload and note; the id of the attachment."""
    sent = await upload(client, referral, content)
    assert sent.status_code == 201, sent.text
    found: str = sent.json()["id"]
    answer = await client.post(
        f"/referrals/{referral}/note", json={"text": "Lihat foto.", "attachment_ids": [found]}
    )
    assert answer.status_code == 200, answer.text
    return found


async def test_a_photo_goes_with_a_note_and_the_other_side_sees_it_without_its_place(
    api: Api, held: Any, picture: bytes, owner: Owner
) -> None:
    referral = await held()
    sent = (await upload(api(TKSK), referral, picture)).json()
    assert (await api(TKSK).get(f"/attachments/{sent['id']}")).status_code == 404
    answer = await api(TKSK).post(
        f"/referrals/{referral}/note", json={"text": "Rumahnya.", "attachment_ids": [sent["id"]]}
    )
    step = answer.json()["history"][-1]
    assert step["attachments"] == [
        {"id": sent["id"], "media_type": "image/jpeg", "bytes": sent["bytes"], "thumbnail": True}
    ]
    served = await api(PSM).get(f"/attachments/{sent['id']}")
    assert served.status_code == 200
    assert hashlib.sha256(served.content).hexdigest() == sent["sha256"]
    assert len(served.content) == sent["bytes"]
    assert dict(Image.open(io.BytesIO(served.content)).getexif()) == {}
    assert served.headers["content-type"] == "image/jpeg"
    assert served.headers["content-disposition"].startswith("inline; filename=")
    assert "foto.jpg" not in served.headers["content-disposition"]
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["cache-control"] == "private, no-store"
    small = await api(PSM).get(f"/attachments/{sent['id']}/thumbnail")
    assert Image.open(io.BytesIO(small.content)).size == (320, 240)
    read = await owner.fetch(
        "select actor_id, action from audit_log where subject_id = $1 order by id", UUID(sent["id"])
    )
    assert [tuple(row) for row in read] == [
        (TKSK.id, "attachment.uploaded"),
        (PSM.id, "attachment.read"),
        (PSM.id, "attachment.read"),
    ]


async def test_a_pdf_is_handed_out_to_be_saved_and_has_no_small_picture(
    api: Api, held: Any
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (50, 50)).save(out, "PDF")
    referral = await held()
    sent = await upload(api(TKSK), referral, out.getvalue(), "Surat.PDF")
    assert sent.json()["media_type"] == "application/pdf"
    attached = {"text": "Suratnya.", "attachment_ids": [sent.json()["id"]]}
    await api(TKSK).post(f"/referrals/{referral}/note", json=attached)
    served = await api(TKSK).get(f"/attachments/{sent.json()['id']}")
    assert served.headers["content-disposition"].startswith("attachment; ")
    small = await api(TKSK).get(f"/attachments/{sent.json()['id']}/thumbnail")
    assert small.status_code == 404


async def test_eleven_megabytes_are_refused_before_they_are_kept(
    api: Api, held: Any, stored: Any
) -> None:
    referral = await held()
    before = await stored()

    async def chunks() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(11):
            yield b"\xff\xd8\xff\xe0" * (MB // 4)
        yield b"\r\n--x--\r\n"

    declared = await upload(api(TKSK), referral, b"\xff\xd8\xff\xe0" * (11 * MB // 4))
    streamed = await api(TKSK).post(
        f"/referrals/{referral}/attachments",
        content=chunks(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    little = await upload(api(TKSK), referral, b"\xff\xd8\xff\xe0" * (10 * MB // 4) + b"x")
    assert [one.status_code for one in (declared, streamed, little)] == [413, 413, 413]
    assert little.json()["type"] == "urn:sinergi:problem:file-too-large"
    assert await stored() == before


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "foto.jpg"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "foto.png"),
        (b"", "foto.jpg"),
        (b"GIF89a", "foto.gif"),
    ],
)
async def test_content_that_is_not_what_its_name_says_is_refused(
    api: Api, held: Any, content: bytes, name: str
) -> None:
    answer = await upload(api(TKSK), await held(), content, name)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:sinergi:problem:file-refused"
    assert answer.json()["errors"][0]["pointer"] == "/file"


async def test_a_form_without_a_file_or_with_two_is_refused(
    api: Api, held: Any, picture: bytes
) -> None:
    path = f"/referrals/{await held()}/attachments"
    assert (await api(TKSK).post(path, json={})).status_code == 422
    assert (await api(TKSK).post(path, data={"file": "kata"})).status_code in {400, 422}
    two = [("file", ("a.jpg", picture)), ("file", ("b.jpg", picture))]
    assert (await api(TKSK).post(path, files=two)).status_code == 400


async def test_who_may_not_add_a_note_may_not_upload(
    api: Api, held: Any, picture: bytes, owner: Owner
) -> None:
    referral = await held()
    assert (await upload(api(FAR), referral, picture)).status_code == 404
    assert (await upload(api(TKSK), uuid.uuid4(), picture)).status_code == 404
    other_tksk = worker("TKSK", CANDIPURO)
    assert (await upload(api(other_tksk), referral, picture)).status_code == 409
    ended = await held(status="completed")
    assert (await upload(api(TKSK), ended, picture)).status_code == 409
    assert await owner.fetchval("select count(*) from attachments") == 0


async def test_only_the_uploaders_own_waiting_files_of_this_referral_can_be_attached(
    api: Api, held: Any, picture: bytes, owner: Owner
) -> None:
    referral, other = await held(), await held()
    of_psm = (await upload(api(PSM), referral, picture)).json()["id"]
    elsewhere = (await upload(api(TKSK), other, picture)).json()["id"]
    used = await noted(api(TKSK), referral, picture)
    old = (await upload(api(TKSK), referral, picture)).json()["id"]
    await owner.execute(
        "update attachments set at = at - interval '24 hours 1 minute' where id = $1", UUID(old)
    )
    steps = await owner.fetchval("select count(*) from referral_steps")
    for wrong in (of_psm, elsewhere, used, old, str(uuid.uuid4())):
        answer = await api(TKSK).post(
            f"/referrals/{referral}/note", json={"text": "Coba.", "attachment_ids": [wrong]}
        )
        assert answer.status_code == 422, wrong
        assert answer.json()["type"] == "urn:sinergi:problem:unknown-attachment"
    assert await owner.fetchval("select count(*) from referral_steps") == steps


async def test_a_repeated_upload_is_one_file_and_heals_a_store_that_failed(
    api: Api, held: Any, picture: bytes, owner: Owner, files: AttachmentStore
) -> None:
    referral = await held()
    once: dict[str, Any] = {"headers": {"Idempotency-Key": "unggah-12345"}}
    first = await upload(api(TKSK), referral, picture, **once)
    await files.delete(UUID(first.json()["id"]))
    second = await upload(api(TKSK), referral, picture, **once)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert await owner.fetchval("select count(*) from attachments") == 1
    assert await files.get(UUID(first.json()["id"]))
    changed = io.BytesIO()
    Image.new("RGB", (9, 9)).save(changed, "JPEG")
    assert (await upload(api(TKSK), referral, changed.getvalue(), **once)).status_code == 422


async def test_files_are_served_only_where_all_of_the_referral_is_seen(
    api: Api, held: Any, picture: bytes, owner: Owner
) -> None:
    referral = await held()
    found = await noted(api(TKSK), referral, picture)
    dinsos = worker("DINSOS", "35.08", Role.DINSOS)
    reads = {"holder": TKSK, "sender": PSM, "dinsos": dinsos, "far": FAR}
    numbers = {
        who: (await api(actor).get(f"/attachments/{found}")).status_code
        for who, actor in reads.items()
    }
    assert numbers == {"holder": 200, "sender": 200, "dinsos": 200, "far": 404}
    await owner.execute(
        "update referrals set status = 'completed', ended_at = now() where id = $1", referral
    )
    # The receivers' access ends with the referral.
    assert (await api(TKSK).get(f"/attachments/{found}")).status_code == 404
    assert (await api(PSM).get(f"/attachments/{found}")).status_code == 200
    shown = (await api(TKSK).get(f"/referrals/{referral}")).json()
    assert [step["attachments"] for step in shown["history"]] == [[], []]


async def test_a_photo_of_a_special_services_referral_is_for_the_named_and_never_for_a_list(
    api: Api, held: Any, picture: bytes, files: AttachmentStore
) -> None:
    referral = await held(confidentiality=Confidentiality.C3, worker_id=TKSK.id)
    found = await noted(api(TKSK), referral, picture)
    assert (await api(TKSK).get(f"/attachments/{found}")).status_code == 200
    # No small picture was ever made, so none can slip into a list.
    assert (await api(TKSK).get(f"/attachments/{found}/thumbnail")).status_code == 404
    with pytest.raises(Unavailable):
        await files.get(UUID(found), small=True)
    # Who reported it sees where it stands, and a Dinsos who is not named nothing at all.
    assert (await api(PSM).get(f"/attachments/{found}")).status_code == 404
    shown = (await api(PSM).get(f"/referrals/{referral}")).json()
    assert all(step["attachments"] == [] for step in shown["history"])
    dinsos = worker("DINSOS", "35.08", Role.DINSOS)
    assert (await api(dinsos).get(f"/attachments/{found}")).status_code == 404


async def test_files_no_note_took_are_swept_after_a_day_and_others_stay(
    api: Api, held: Any, picture: bytes, owner: Owner, files: AttachmentStore, worker_db: Database
) -> None:
    referral = await held()
    kept = await noted(api(TKSK), referral, picture)
    fresh = (await upload(api(TKSK), referral, picture)).json()["id"]
    old = (await upload(api(TKSK), referral, picture)).json()["id"]
    await owner.execute(
        "update attachments set at = at - interval '25 hours 1 minute' where id = any($1::uuid[])",
        [UUID(kept), UUID(old)],
    )
    assert await sweep_attachments(database=worker_db, store=files) == 1
    rows = await owner.fetch("select id from attachments")
    assert {str(row["id"]) for row in rows} == {kept, fresh}
    for one in (kept, fresh):
        assert await files.get(UUID(one))
    with pytest.raises(Unavailable):
        await files.get(UUID(old))
    assert await sweep_attachments(database=worker_db, store=files) == 0


@pytest.mark.parametrize("kind", ["memory", "folder"])
async def test_every_store_gives_back_what_it_was_given_sealed(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    provider = store_at("memory:///") if kind == "memory" else store_at(folder.as_uri())
    assert isinstance(provider, MemoryStore if kind == "memory" else LocalStore)
    store = AttachmentStore(provider, {1: KEY})
    one, other = uuid.uuid4(), uuid.uuid4()
    await store.put(one, b"isi foto", b"kecil")
    assert await store.get(one) == b"isi foto"
    assert await store.get(one, small=True) == b"kecil"
    listed = [item["path"] for batch in provider.list() for item in batch]
    raw = {path: bytes(provider.get(path).bytes()) for path in listed}
    assert len(raw) == 2
    assert not any(word in content for content in raw.values() for word in (b"foto", b"kecil"))
    # A newer key writes and the older one still opens; no key opens what belongs elsewhere.
    later = AttachmentStore(provider, {1: KEY, 2: AESGCM.generate_key(256)})
    assert await later.get(one) == b"isi foto"
    path = next(path for path in listed if path.endswith(f"{one}.full"))
    provider.put(f"{str(other)[-2:]}/{other}.full", raw[path])
    with pytest.raises(Undecipherable):
        await store.get(other)
    await store.delete(one)
    await store.delete(one)
    with pytest.raises(Unavailable):
        await store.get(one)


async def test_an_s3_compatible_store_is_spoken_to_where_the_settings_say(
    environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_bucket() as bucket:
        for name, value in {
            "URL": "s3://arsip/sinergi",
            "ENDPOINT": f"http://127.0.0.1:{bucket.port}",
            "REGION": "id",
            "KEY_ID": "kunci",
            "SECRET": "rahasia",
        }.items():
            monkeypatch.setenv(f"CASES_ATTACHMENTS_{name}", value)
        store = attachment_store(Settings())
        one = uuid.uuid4()
        await store.put(one, b"isi", None)
        path = f"/arsip/sinergi/{str(one)[-2:]}/{one}.full"
        assert list(bucket.kept) == [path]
        assert b"isi" not in bucket.kept[path]
        assert await store.get(one) == b"isi"
        assert [said for said, _ in bucket.asked] == [f"PUT {path}", f"GET {path}"]
        assert all("Credential=kunci/" in signed for _, signed in bucket.asked)
        await store.delete(one)
        assert bucket.kept == {}
        with pytest.raises(Unavailable):
            await store.get(one)
