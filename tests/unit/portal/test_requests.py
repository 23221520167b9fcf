"""What a request must be: from our own page, to our own address, with a usable key."""

import pytest
from starlette.datastructures import Headers

from services.portal.pages.places import local
from services.portal.problems import CrossSite, field_of, problem_of
from services.portal.security import require_same_origin


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"origin": "http://portal.test:8000"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
    ],
)
def test_a_form_of_our_own_page_passes(headers: dict[str, str]) -> None:
    require_same_origin("POST", Headers({"host": "portal.test:8000", **headers}))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.test"},
        {"origin": "http://portal.test:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://portal.test:8000"},
        {"sec-fetch-site": "none", "origin": "http://portal.test:8000"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_an_unsafe_request_from_elsewhere_is_refused(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(CrossSite):
        require_same_origin(method, Headers({"host": "portal.test:8000", **headers}))


def test_reading_from_elsewhere_is_allowed() -> None:
    require_same_origin("GET", Headers({"host": "portal.test", "sec-fetch-site": "cross-site"}))


@pytest.mark.parametrize("address", ["/tugas", "/rujukan/1?selesai=accept"])
def test_an_address_inside_the_portal_may_be_returned_to(address: str) -> None:
    assert local(address) == address


@pytest.mark.parametrize(
    "address",
    [None, "", "tugas", "//evil.test", "/\\evil.test", "https://evil.test", "/a\r\nSet-Cookie: x"],
)
def test_an_address_elsewhere_is_never_returned_to(address: str | None) -> None:
    assert local(address) is None


@pytest.mark.parametrize(
    ("pointer", "field"),
    [("/name", "name"), ("/birth/age", "birth.age"), ("/categories/0", "categories"), ("", "")],
)
def test_a_pointer_names_the_form_field_it_came_from(pointer: str, field: str) -> None:
    assert field_of(pointer) == field


def test_a_problem_document_becomes_words_at_its_fields() -> None:
    problem = problem_of(
        422,
        {
            "type": "urn:sinergi:problem:invalid-input",
            "title": "Isian tidak sesuai",
            "errors": [
                {"pointer": "/name", "code": "missing", "detail": "Field required"},
                {"pointer": "/nik", "detail": "NIK harus 16 angka."},
            ],
            "holder": {"name": "Sari"},
        },
    )
    assert (problem.code, problem.title) == ("invalid-input", "Isian tidak sesuai")
    assert {error.field: error.message for error in problem.errors} == {
        "name": "Wajib diisi.",
        "nik": "NIK harus 16 angka.",
    }
    assert problem.extra == {"holder": {"name": "Sari"}}


@pytest.mark.parametrize("body", [None, [], "nonsense", {"title": 5, "errors": "no"}])
def test_an_answer_that_is_no_problem_document_still_becomes_a_refusal(body: object) -> None:
    assert problem_of(418, body).status == 418
