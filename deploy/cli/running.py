"""What the commands know about the installation: its data folder and its environment."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.lock import is_supervised
from deploy.embedded.problem import Problem
from deploy.embedded.settings import default_folder
from deploy.embedded.supervisor import ENVIRONMENT_FILE


def data_folder() -> Path:
    """Return the data folder that `sinergi up` uses here."""
    return default_folder(os.environ)


def supervised_environment() -> dict[str, str] | None:
    """Return the environment of the supervisor that runs on the data folder, if one does."""
    path = data_folder() / ENVIRONMENT_FILE
    try:
        supervised = is_supervised(data_folder())
        environment: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Problem(f"{path} cannot be read: use the account that runs `sinergi up`.") from error
    return environment if supervised else None


def effective_environment() -> Mapping[str, str]:
    """Return the running installation's environment, or our own where services run elsewhere."""
    return supervised_environment() or os.environ
