"""A form: what of it is said on, and what becomes of it when it is sent."""

import pytest

from services.portal.forms import CHECK_MARKED, Form, try_to_send
from services.portal.problems import ClientProblem, FieldError
from shared.errors import Unavailable


def refusal(status: int) -> ClientProblem:
    errors = [FieldError("area", "Wilayah tidak dikenal.")]
    return ClientProblem(status=status, code="refused", title="Ditolak", errors=errors)


async def fine() -> None:
    """A service that takes everything."""


def test_only_fields_that_hold_something_are_filled() -> None:
    form = Form({"name": [" Sumi "], "note": [" "], "area": []})
    assert form.filled("name", "note", "area", "phone") == {"name": "Sumi"}


@pytest.mark.parametrize(
    ("day", "code"), [("2026-11-28", 200), ("28-11-2026", 422), ("2026-02-30", 422), ("", 422)]
)
def test_a_day_that_is_none_is_refused(day: str, code: int) -> None:
    form = Form({"since": [day]})
    form.require_day("since")
    assert form.code == code
    assert ("since" in form.errors) == (code == 422)


async def test_a_form_that_is_taken_was_sent() -> None:
    form = Form()
    assert await try_to_send(form, fine)
    assert (form.code, form.alert) == (200, None)


async def test_a_form_that_lacks_something_is_not_sent() -> None:
    form = Form()
    form.require("name", "Tulis namanya.")

    async def send() -> None:
        pytest.fail("it was sent")

    assert not await try_to_send(form, send)
    assert (form.code, form.alert) == (422, CHECK_MARKED)


async def test_a_refusal_is_said_at_its_field_under_its_own_number() -> None:
    form = Form()

    async def send() -> None:
        raise refusal(409)

    assert not await try_to_send(form, send)
    assert (form.code, form.errors) == (409, {"area": "Wilayah tidak dikenal."})


@pytest.mark.parametrize("status", [403, 404])
async def test_what_is_not_the_visitors_is_no_fault_of_the_form(status: int) -> None:
    async def send() -> None:
        raise refusal(status)

    with pytest.raises(ClientProblem):
        await try_to_send(Form(), send)


async def test_while_a_service_is_silent_the_form_says_that_sending_again_is_safe() -> None:
    form = Form()

    async def send() -> None:
        raise Unavailable("silent")

    assert not await try_to_send(form, send, again="Kirim lagi")
    assert form.code == 503
    assert form.alert is not None
    assert form.alert.endswith("Kirim lagi; tidak akan tercatat dua kali.")
