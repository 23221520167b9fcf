import re

import pytest

from tests.architecture.project import ROOT, files

HANDWRITTEN = (".py", ".js", ".css", ".html", ".mako", ".sql", ".sh", ".yml", ".yaml")
MOST_LINES = 500
TEXT = (*HANDWRITTEN, "", ".md", ".toml", ".lock", ".json", ".csv", ".svg", ".txt", ".cfg", ".ini")

SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|ruff:|mypy:)")
REASONED_NOQA = re.compile(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \S")
REASONED_IGNORE = re.compile(r"# type: ignore\[[a-z, -]+\] +# \S")
MACHINE_PATH = re.compile(r"(?<![\w.$}-])/(?:work|root|home/\w+|opt/(?:pypi|wheels))(?:/|\b(?!\.))")
REGISTRY = re.compile(r"https?://[^\s\"'>)]*(?:pypi|pythonhosted|npmjs|artifactory|nexus)[./-]")


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    too_long = []
    for path in files(*HANDWRITTEN):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > MOST_LINES:
            too_long.append(f"{path.relative_to(ROOT)}: {lines}")
    assert too_long == []


def test_every_suppressed_warning_says_why() -> None:
    bare = []
    for path in files(".py"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            # Regular expressions and text about suppressions are not suppressions.
            if not SUPPRESSION.search(line) or path.parent == ROOT / "tests" / "architecture":
                continue
            if not (REASONED_NOQA.search(line) or REASONED_IGNORE.search(line)):
                bare.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert bare == []


def test_no_file_names_a_machine_or_a_package_registry() -> None:
    found = []
    for path in files(*TEXT):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if MACHINE_PATH.search(line) or REGISTRY.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert found == []


def test_clients_are_made_in_one_place_which_reads_what_the_machine_trusts_once() -> None:
    makers = {
        str(path.relative_to(ROOT))
        for path in files(".py")
        if path.relative_to(ROOT).parts[0] in {"shared", "services", "deploy"}
        and "httpx2.AsyncClient(" in path.read_text(encoding="utf-8")
    }
    assert makers == {"shared/calls.py"}


def test_the_searches_find_what_they_are_for() -> None:
    home = "/home/" + "somebody/sinergi"
    registry = "https://pypi" + ".org/simple"
    assert MACHINE_PATH.search(f"cd {home}")
    assert REGISTRY.search(f"--index-url {registry}")
    assert SUPPRESSION.search("x = 1  # noqa")
    assert not REASONED_NOQA.search("x = 1  # noqa: E501")
    assert REASONED_NOQA.search("x = 1  # noqa: E501 - the address must stand in one piece")
    assert not REASONED_IGNORE.search("x = 1  # type: ignore[misc]")


@pytest.mark.parametrize(("held", "least"), [("requirements", 20), ("requirements-install", 1)])
def test_the_development_lock_holds_the_others(held: str, least: int) -> None:
    pin = re.compile(r"^([a-z0-9-]+==\S+)", re.MULTILINE)
    others = set(pin.findall((ROOT / f"{held}.lock").read_text(encoding="utf-8")))
    dev = set(pin.findall((ROOT / "requirements-dev.lock").read_text(encoding="utf-8")))
    assert len(others) >= least
    assert others - dev == set()
