"""The databases of the services, as the operator's commands open them."""

from deploy.cli.running import effective_environment
from deploy.embedded.problem import Problem
from shared.database import Database


def worker_database(service: str) -> Database:
    """The service's database under the role of its message process, which sees every row."""
    name = f"{service.upper()}_WORKER_DATABASE_URL"
    url = effective_environment().get(name)
    if not url:
        raise Problem(f"{name} is not set, and no Sinergi runs on this data folder.")
    return Database(url, pool_size=1, name="sinergi-command")
