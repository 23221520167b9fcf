"""The documents are complete and say what is so."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from deploy.cli.app import COMMANDS
from deploy.demo_logins import DEMO_LOGINS
from scripts.generate_events import document
from tests.architecture.project import ROOT, code, files

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


def figures() -> set[str]:
    """The names of everything the code counts or measures for Prometheus."""
    return {
        node.args[0].value
        for _, tree in code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Counter", "Gauge", "Histogram", "Summary"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_operations_explains_every_figure() -> None:
    text = read("docs/operations.md")
    names = figures()
    assert {"sinergi_http_requests", "sinergi_dead_letters", "sinergi_notice_seconds"} <= names
    assert [name for name in sorted(names) if f"`{name}" not in text] == []


def test_operations_explains_every_command() -> None:
    text = read("docs/operations.md")
    assert [name for name in COMMANDS if f"| `sinergi {name}" not in text] == []


def test_the_readme_names_every_folder() -> None:
    readme = read("README.md")
    folders = {path.relative_to(ROOT).parts[0] for path in files() if path.parent != ROOT}
    shown = {name for name in folders if name[0] != "."}
    assert {"services", "tests", "scripts"} <= shown
    assert [name for name in sorted(shown) if f"| `{name}/" not in readme] == []


def test_a_promise_names_the_tests_that_show_it() -> None:
    rows = re.findall(r"^\| (P\d) \|.*\| ([^|]+) \|$", read("docs/architecture.md"), re.MULTILINE)
    assert len(rows) == len({promise for promise, _ in rows}) > 6
    for promise, shown_by in rows:
        tests = re.findall(r"`([^`]+)`", shown_by)
        assert tests, promise
        assert [test for test in tests if not (ROOT / "tests" / test).is_file()] == [], promise


def test_the_row_of_layers_in_the_guides_is_the_one_that_is_checked() -> None:
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    [layers] = [one["layers"] for one in contracts if one["name"].startswith("A service's layers")]
    names = [set(re.findall(r"\w+", layer)) for layer in layers][1:]
    for guide in ("docs/architecture.md", "CONTRIBUTING.md"):
        row = re.search(r"`main`, `worker` -> [^.]+\.", read(guide))
        assert row is not None
        told = [set(re.findall(r"`(\w+)`", layer)) for layer in row[0].split("->")]
        assert len(told) == len(names), guide
        assert [own - shown for own, shown in zip(names, told, strict=True) if own - shown] == []


def test_every_make_target_of_the_guides_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", read("Makefile"), re.MULTILINE))
    suites = re.search(r"^SUITES := (.+)$", read("Makefile"), re.MULTILINE)
    assert suites is not None
    targets |= set(suites.group(1).split())
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    used = set(re.findall(r"\bmake ([a-z0-9-]+)`", text))
    assert used - targets == set()
