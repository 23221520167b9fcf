"""The strict content policy is on in all of these tests, and a breach of it fails them."""

from playwright.async_api import expect

from tests.e2e.windows import Windows


async def test_a_breach_of_the_content_policy_is_refused_and_noticed(windows: Windows) -> None:
    window = await windows.open("psm.sumberwuluh")
    await window.go("/tugas")
    await window.page.evaluate(
        """() => {
            const one = document.createElement("script");
            one.textContent = "document.title = 'breached'";
            document.head.append(one);
        }"""
    )
    await expect(window.page).not_to_have_title("breached")
    (complaint,) = window.complaints
    assert "Content Security Policy" in complaint
    window.complaints.clear()
