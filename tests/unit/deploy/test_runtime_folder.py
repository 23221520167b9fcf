import tempfile
from pathlib import Path

import pytest

from deploy.embedded import runtime_folder
from deploy.embedded.child import Account
from deploy.embedded.problem import Problem
from deploy.embedded.runtime_folder import own_folder, reachable_folder

STRANGER = Account(uid=65533, gid=65533)


def test_without_another_account_the_wanted_folder_is_used(tmp_path: Path) -> None:
    assert reachable_folder(tmp_path / "postgres", None) == (tmp_path / "postgres", "")


def test_a_folder_behind_a_closed_door_is_replaced_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    with tempfile.TemporaryDirectory() as public:
        Path(public).chmod(0o711)
        monkeypatch.setattr(runtime_folder, "_SYSTEM_FOLDER", Path(public) / "sinergi")
        _check_replacement(closed)


def _check_replacement(closed: Path) -> None:
    folder, notice = reachable_folder(closed / "postgres", STRANGER)
    assert closed not in folder.parents
    assert str(folder) in notice
    assert notice.count(". ") == 0
    assert reachable_folder(closed / "postgres", STRANGER) == (folder, notice)
    assert reachable_folder(closed / "other", STRANGER)[0] != folder


def test_a_path_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="cannot be written"):
        own_folder(tmp_path / "file" / "data", None)
