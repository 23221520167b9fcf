"""What a log line may say."""

import logging

import orjson
import pytest

from shared.logging import _LibraryFormatter, redact

NIK = "3508010101010001"


@pytest.mark.parametrize(
    "field", ["name", "nik", "kk", "phone", "address", "password", "token", "note", "need", "text"]
)
def test_a_field_that_could_name_a_person_is_blanked(field: str) -> None:
    assert redact(None, "info", {field: "Budi", "event": "x"}) == {field: "***", "event": "x"}


@pytest.mark.parametrize("said", [NIK, f"nik={NIK}", f"({NIK})", f"{NIK} dan {NIK}", f"a\n{NIK}\n"])
def test_sixteen_digits_are_blanked_wherever_they_stand(said: str) -> None:
    assert NIK not in str(redact(None, "info", {"event": said}))


@pytest.mark.parametrize(
    "said",
    [
        "0af7651916cd43dd8448eb211c80319c",
        "01890a5d-ac96-774b-bcce-b302099a8057",
        "12345678901234567",
        "35.08.03.2005",
    ],
)
def test_ids_and_codes_stay_readable(said: str) -> None:
    assert redact(None, "info", {"event": said}) == {"event": said}


def test_a_librarys_line_is_json_and_names_its_fault_without_its_words() -> None:
    fault = ValueError(f"Budi {NIK}")
    record = logging.LogRecord(
        "asyncpg",
        logging.ERROR,
        __file__,
        1,
        "failed for %s\nand more",
        (NIK,),
        (ValueError, fault, None),
    )
    line = orjson.loads(_LibraryFormatter("cases").format(record))
    assert line["error"] == "ValueError"
    assert line["logger"] == "asyncpg"
    assert NIK not in str(line)
    assert "Budi" not in str(line)
