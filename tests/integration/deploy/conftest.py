import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.valkey import EmbeddedValkey
from tests.fixtures.stack import BINARIES, free_port


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the account of PostgreSQL may enter, unlike those of pytest."""
    made = Path(tempfile.mkdtemp(prefix="sinergi-deploy-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder / "postgres", free_port(), binaries=BINARIES)
    server.start()
    server.wait_ready()
    yield server
    server.kill()


@pytest.fixture
def valkey(folder: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(folder / "valkey", free_port(), password="open-sesame")
    server.start()
    server.wait_ready()
    yield server
    server.kill()
