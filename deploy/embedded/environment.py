"""The complete environment of the processes, from settings and secrets."""

import json
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from deploy.embedded.ports import LOOPBACK
from deploy.embedded.secrets import CLIENTS, DATABASE_SERVICES, Secrets
from deploy.embedded.settings import EmbeddedSettings


def build_environment(
    settings: EmbeddedSettings,
    kept: Secrets,
    *,
    postgres_url: str,
    redis_url: str,
    given: Mapping[str, str],
) -> dict[str, str]:
    """Return every setting of every process; what the operator gave wins over what we made."""
    made = {
        "ENVIRONMENT": "embedded",
        "LOG_LEVEL": "INFO",
        "REDIS_PREFIX": "sinergi",
        "DIRECTORY_SIGNING_KEY": json.dumps(dict(kept.directory_signing_key)),
        "REGISTRY_NIK_KEYS": json.dumps(dict(kept.nik_keys)),
        "REGISTRY_NIK_INDEX_KEY": kept.nik_index_key,
        "REGISTRY_IMPORTS_URL": (settings.folder.resolve() / "imports").as_uri(),
        "CASES_ATTACHMENT_KEYS": json.dumps(dict(kept.attachment_keys)),
        "CASES_ATTACHMENTS_URL": (settings.folder.resolve() / "attachments").as_uri(),
        "DEMO_PASSWORD": kept.demo_password,
        # The embedded portal speaks plain HTTP on this machine alone.
        "PORTAL_SECURE_COOKIE": "false",
        "PORTAL_HOST": LOOPBACK,
        "PORTAL_MAP_FOLDER": str(settings.folder.resolve() / "map"),
    }
    for service in DATABASE_SERVICES:
        made |= _of_service(service, settings, kept, postgres_url)
    made |= {f"{client.upper()}_CLIENT_SECRET": kept.client_secrets[client] for client in CLIENTS}
    effective = made | {name: given[name] for name in made if given.get(name)}
    effective |= {name: str(settings.ports[name]) for name in settings.service_ports}
    effective |= {"POSTGRES_URL": postgres_url, "REDIS_URL": redis_url}
    known = {client: effective[f"{client.upper()}_CLIENT_SECRET"] for client in CLIENTS}
    return {"DIRECTORY_CLIENTS": given.get("DIRECTORY_CLIENTS") or json.dumps(known)} | effective


def _of_service(
    service: str, settings: EmbeddedSettings, kept: Secrets, postgres_url: str
) -> dict[str, str]:
    prefix = service.upper()
    port = settings.ports[f"{prefix}_PORT"]
    return {
        f"{prefix}_HOST": LOOPBACK,
        f"{prefix}_URL": f"http://{LOOPBACK}:{port}",
        f"{prefix}_POOL_SIZE": "10",
        f"{prefix}_DATABASE_URL": _login_url(postgres_url, kept, service),
        f"{prefix}_WORKER_DATABASE_URL": _login_url(postgres_url, kept, f"{service}_worker"),
    }


def _login_url(postgres_url: str, kept: Secrets, login: str) -> str:
    parts = urlsplit(postgres_url)
    password = quote(kept.database_passwords[login], safe="")
    address = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"sinergi_{login}:{password}@{address}").geturl()
