"""The import contracts hold, and each of them can fail."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.project import ROOT

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
BROKEN = re.compile(r"^(.+) BROKEN\b", re.MULTILINE)

SINS = {
    "Services never import one another": (
        "services/cases/use_cases/sin.py",
        "import services.registry.settings",
    ),
    "Shared knows no service, and neither knows how it is deployed": (
        "shared/sin.py",
        "import services.cases.settings",
    ),
    "A service's layers point inward": (
        "services/cases/storage/sin.py",
        "import services.cases.use_cases",
    ),
    "A domain takes of shared only contracts, reference data, errors, clock and ids": (
        "services/cases/domain/sin.py",
        "import shared.policy",
    ),
    "A domain, and what it takes of shared, does no I/O": (
        "services/cases/domain/sin.py",
        "import sqlalchemy",
    ),
    "Event contracts need nothing else of ours": (
        "shared/contracts/sin.py",
        "import shared.errors",
    ),
    "Use cases know no HTTP and no broker": (
        "services/cases/use_cases/sin.py",
        "import fastapi",
    ),
    "Only the workers touch relay and consumer": (
        "services/cases/api/sin.py",
        "import shared.messaging.relay",
    ),
    "FastStream is known to one module": (
        "services/cases/api/sin.py",
        "import faststream",
    ),
    "The portal has no database and no broker": (
        "services/portal/sin.py",
        "import sqlalchemy",
    ),
    "Of deploy only the operator's commands and preparations reach into services": (
        "deploy/embedded/sin.py",
        "import services.cases.settings",
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's code and configuration in a folder that may be harmed."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("shared", "services", "deploy"):
        shutil.copytree(
            ROOT / package,
            folder / package,
            ignore=lambda _, names: {name for name in names if name == "__pycache__"},
        )
    return folder


def broken_contracts(folder: Path) -> set[str]:
    done = subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return set(BROKEN.findall(done.stdout))


def test_every_contract_has_an_import_that_breaks_it() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = configuration["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == set(SINS)


def test_the_code_keeps_every_contract(copy: Path) -> None:
    assert broken_contracts(copy) == set()


@pytest.mark.parametrize("contract", SINS)
def test_a_bad_import_breaks_its_contract(copy: Path, contract: str) -> None:
    place, line = SINS[contract]
    sin = copy / place
    sin.write_text(f"{line}\n", encoding="utf-8")
    try:
        assert contract in broken_contracts(copy)
    finally:
        sin.unlink()
