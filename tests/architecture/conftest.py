"""What several checks of this folder are given."""

from pathlib import Path

import pytest

from deploy.embedded.environment import build_environment
from deploy.embedded.secrets import load_secrets
from deploy.embedded.settings import read_settings
from tests.architecture.apps import NOWHERE


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of an embedded installation whose servers nobody started."""
    settings = build_environment(
        read_settings({}),
        load_secrets(tmp_path),
        postgres_url=f"postgresql://owner:secret@{NOWHERE}/sinergi",
        redis_url=f"redis://{NOWHERE}/0",
        given={},
    )
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
