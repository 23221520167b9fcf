"""The person's file on paper says all that the file for machines holds."""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.portal.clients.directory import Worker
from services.portal.clients.personal_file import PersonalFile
from services.portal.clients.reference import Reference
from services.portal.personal_files import personal_file
from services.portal.personal_words import parts_of
from services.registry.api.file_shapes import FileOut

SUMBERWULUH, JARIT = "35.08.03.2005", "35.08.03.2004"
MOMENT = "2025-03-04T05:06:07Z"
OTHERS = {
    SUMBERWULUH: JARIT, "C1": "C3", "F": "M", "person": "family", "age": "year",
    "unknown": "lost", "physical": "mental", "wife": "child", "moved": "died",
    "service": "sharing", "consent": "public_task", "written": "recorded", "access": "erasure",
    "refused": "done", "safety": "legal_duty", "need_met": "moved_away", "worker": "service",
    "beneficiary.changed": "beneficiary.read",
}  # fmt: skip
"""Another value of each code."""
DERIVED = {
    *(("records", place, "area_label") for place in (0, 1)),
    *(("records", 0, name) for name in ("birth_year", "birth_precision")),
}
"""What another value says: the code of the place, and the day where it is known."""
REFERENCE = Reference(statuses=(), verbs=(), categories=())


def record(**changes: Any) -> dict[str, Any]:
    return {
        "id": uuid4(), "kind": "person", "name": "Aminah", "sex": "F", "birth_precision": "day",
        "birth_year": 1954, "birth_on": "1954-03-12", "nik": "3508035203540001",
        "nik_absent_reason": None, "kk": "3508030101200001", "aliases": ["Minah"],
        "disabilities": ["physical"], "latitude": -8.13, "longitude": 113.02, "size": 4,
        "area": SUMBERWULUH, "area_label": "", "address": "Dusun", "phone": "0812",
        "safe_contact": True, "confidentiality": "C1", "registered_by": uuid4(),
        "registered_at": MOMENT, "changed_at": MOMENT, "restricted_at": MOMENT,
        "granted_to": [uuid4()], **changes,
    }  # fmt: skip


def whole_file() -> dict[str, Any]:
    """A file with something in every field, as registry itself would write it."""
    file = {
        "records": [
            record(),
            record(nik=None, nik_absent_reason="unknown", birth_on=None, birth_precision="age"),
        ],
        "categories": [{
            "code": "LUT", "given_at": MOMENT, "given_by": uuid4(), "since": "2024-01-02",
            "until": "2026-01-02", "evidence": "Surat", "verified_by": uuid4(),
            "verified_at": MOMENT, "ended_at": MOMENT, "ended_by": uuid4(), "end_reason": "moved",
        }],
        "families": [{
            "family_id": uuid4(), "relation": "wife", "joined_on": "2001-02-03",
            "left_on": "2011-02-03", "added_at": MOMENT, "added_by": uuid4(),
        }],
        "legal_bases": [{
            "purpose": "service", "basis": "consent", "text_version": "V1", "channel": "written",
            "at": MOMENT, "taken_by": uuid4(), "guardian": "Wagini", "withdrawn_at": MOMENT,
            "withdrawn_by": uuid4(), "stops_at": MOMENT, "stopped_at": MOMENT,
        }],
        "services_received": [{
            "referral_id": uuid4(), "outcome": "need_met", "service": "Sembako", "at": MOMENT,
        }],
        "requests": [{
            "kind": "access", "state": "refused", "words": "Minta", "taken_by": uuid4(),
            "received_at": MOMENT, "due_at": MOMENT, "reminded_at": MOMENT, "handled_by": uuid4(),
            "handled_at": MOMENT, "refusal": "safety", "answer": "Belum",
        }],
        "reports": [{
            "source": "Puskesmas", "received_at": MOMENT, "settled_at": MOMENT,
            "settled_by": uuid4(),
        }],
        "merges": [{
            "merged_id": uuid4(), "into_id": uuid4(), "merged_by": uuid4(), "merged_at": MOMENT,
            "undone_by": uuid4(), "undone_at": MOMENT,
        }],
        "trail": [{
            "at": MOMENT, "actor_id": uuid4(), "actor_kind": "worker",
            "action": "beneficiary.changed", "detail": "name",
        }],
        "traces": 5000,
        "elsewhere": "Kasus disimpan terpisah.",
    }  # fmt: skip
    written: dict[str, Any] = FileOut.model_validate(file).model_dump(mode="json")
    return written


def leaves(value: Any, *path: str | int) -> Iterator[tuple[str | int, ...]]:
    """The way to every single value."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, *path, name)
    elif isinstance(value, list):
        assert value, f"nothing at {path}"
        for place, part in enumerate(value):
            yield from leaves(part, *path, place)
    elif value is not None:
        yield path


def another(value: Any) -> Any:
    """A value of the same kind that is not this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if value in OTHERS:
        return OTHERS[value]
    if re.match(r"\d{4}-\d\d-\d\d", value):
        return value.replace(value[:4], "1999", 1)
    return str(uuid4()) if re.fullmatch(r"[0-9a-f-]{36}", value) else value + "X"


def said(written: dict[str, Any]) -> str:
    file = PersonalFile.model_validate(written)
    workers = {one: Worker(id=one, name=f"Petugas {one}") for one in file.people()}
    return "\n".join(
        " ".join((part.heading, *row))
        for part in parts_of(file, REFERENCE, workers)
        for row in part.rows
    )


def test_every_value_of_the_file_changes_what_the_paper_says() -> None:
    file = whole_file()
    unsaid = []
    for path in leaves(file):
        changed = whole_copy(file)
        holder: Any = changed
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = another(holder[path[-1]])
        if said(changed) == said(file):
            unsaid.append(path)
    assert set(unsaid) == DERIVED


def whole_copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: whole_copy(part) for name, part in value.items()}
    return [whole_copy(part) for part in value] if isinstance(value, list) else value


def test_no_field_of_the_file_is_left_out_of_this_test() -> None:
    file = whole_file()
    filled = {re.sub(r"\d+\.", "", ".".join(map(str, path))) for path in leaves(file)}
    schema = FileOut.model_json_schema()
    known = set()
    for name, part in schema["properties"].items():
        model = part.get("items", {}).get("$ref", "").rpartition("/")[2]
        fields = schema["$defs"][model]["properties"] if model else {}
        known |= {f"{name}.{field}" for field in fields} or {name}
    assert {re.sub(r"\.\d+$", "", one) for one in filled} == known


@pytest.mark.parametrize("traces", [1, 2])
def test_the_trail_says_how_much_of_it_is_left_out(traces: int) -> None:
    text = said({**whole_file(), "traces": traces})
    assert ("1 catatan terbaru dari 2" in text) == (traces == 2)


def test_the_pdf_prints_every_row() -> None:
    file = PersonalFile.model_validate(whole_file())
    pdf = personal_file(file, REFERENCE, {}, datetime(2026, 11, 28, tzinfo=UTC))
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    printed = b" ".join(zlib.decompress(one) for one in streams).decode("latin-1")
    for word in ("Aminah", "Minah", "Surat", "Wagini", "Sembako", "Minta", "Belum", "terpisah"):
        assert word in printed, word
    assert b"Aminah" not in pdf


def test_a_day_is_told_as_it_is_known() -> None:
    text = said(whole_file())
    assert "Lahir 12 Maret 1954" in text
    assert "Lahir kira-kira tahun 1954" in text
