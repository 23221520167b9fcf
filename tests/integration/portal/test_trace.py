import httpx2

from tests.integration.portal.answers.known import REFERRAL
from tests.integration.portal.neighbours import Neighbours

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_every_service_a_page_asks_goes_on_with_the_trace_of_the_page(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    given = f"00-{TRACE}-00f067aa0ba902b7-01"
    page = await browser.get(f"/rujukan/{REFERRAL}", headers={"traceparent": given})
    assert page.headers["traceparent"].split("-")[1] == TRACE
    assert {call.path.split("/")[1] for call in neighbours.calls} == {
        "directory",
        "registry",
        "cases",
        "notifications",
    }
    traces = [call.headers["traceparent"].split("-")[1] for call in neighbours.calls]
    assert set(traces) == {TRACE}
    assert {call.headers["x-request-id"] for call in neighbours.calls} == {
        page.headers["x-request-id"]
    }
