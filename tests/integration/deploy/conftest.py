import shutil
import subprocess
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


@pytest.fixture(scope="session")
def first_data() -> Iterator[Path]:
    """The folder of a PostgreSQL that was never started: to copy it takes less than to make one."""
    made = Path(tempfile.mkdtemp(prefix="sinergi-deploy-"))
    made.chmod(0o755)
    server = EmbeddedPostgres(made / "postgres", free_port(), binaries=BINARIES)
    server.prepare()
    yield server.folder
    shutil.rmtree(made)


def copy_data(first_data: Path, to: Path) -> None:
    """Put such a folder elsewhere; its files stay with the account of the server."""
    subprocess.run(["cp", "--archive", first_data, to], check=True)


@pytest.fixture
def postgres(folder: Path, first_data: Path) -> Iterator[EmbeddedPostgres]:
    copy_data(first_data, folder / "postgres")
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
