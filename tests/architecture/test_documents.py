"""The documents are complete and say what is so."""

import re
from pathlib import Path

import pytest

from deploy.demo_logins import DEMO_LOGINS
from scripts.generate_events import document
from shared.messaging import metrics
from tests.architecture.project import ROOT, files

DOCUMENTS = sorted(files(".md"))
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
PARTS = ("Status", "Context", "Decision", "Rejected", "Consequences", "Revisit when")
LINK = re.compile(r"(?:\]\(|src=\"|srcset=\")(?!https?:|#)([^)\s\"#]+)")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_the_event_document_is_what_the_catalogue_says() -> None:
    assert read("docs/events.md") == document(), "run: make docs"


def test_the_readme_names_the_two_commands_and_the_demo_logins() -> None:
    readme = read("README.md")
    assert "make run" in readme
    assert "make test" in readme
    assert [login.username for login in DEMO_LOGINS if f"`{login.username}`" not in readme] == []


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_names_what_was_rejected_and_when_to_think_again(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    number, title = path.stem.split("-", 1)
    assert text.startswith(f"# {int(number)}. "), title
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    assert tuple(parts[::2]) == PARTS
    assert [
        name for name, body in zip(parts[::2], parts[1::2], strict=True) if not body.strip()
    ] == []


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    numbers = [int(path.stem.split("-", 1)[0]) for path in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))
    index = read("docs/adr/README.md")
    assert [path.name for path in RECORDS if f"({path.name})" not in index] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_operations_explains_every_figure_of_the_event_backbone() -> None:
    text = read("docs/operations.md")
    names = [value._name for value in vars(metrics).values() if hasattr(value, "_labelnames")]
    assert len(names) > 5
    assert [name for name in names if f"`{name}" not in text] == []


def test_every_make_target_of_the_guides_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", read("Makefile"), re.MULTILINE))
    suites = re.search(r"^SUITES := (.+)$", read("Makefile"), re.MULTILINE)
    assert suites is not None
    targets |= set(suites.group(1).split())
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    used = set(re.findall(r"\bmake ([a-z0-9-]+)`", text))
    assert used - targets == set()
