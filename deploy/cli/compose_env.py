"""`sinergi compose-env`: fresh secrets for docker-compose.yml."""

import json
import secrets
import sys

from deploy.embedded.secrets import CLIENTS, Secrets, generate_secrets


def compose_env() -> None:
    """Print an `.env` file with fresh secrets for docker-compose.yml."""
    for name, value in compose_values(generate_secrets()).items():
        sys.stdout.write(f"{name}='{value}'\n")


def compose_values(made: Secrets) -> dict[str, str]:
    """Return a value for every secret that docker-compose.yml asks for."""
    return (
        {"POSTGRES_PASSWORD": secrets.token_urlsafe(24), "REDIS_PASSWORD": made.redis_password}
        | {
            f"{login.upper()}_DATABASE_PASSWORD": password
            for login, password in made.database_passwords.items()
        }
        | {f"{client.upper()}_CLIENT_SECRET": made.client_secrets[client] for client in CLIENTS}
        | {
            "DIRECTORY_SIGNING_KEY": json.dumps(dict(made.directory_signing_key)),
            "REGISTRY_NIK_KEYS": json.dumps(dict(made.nik_keys)),
            "REGISTRY_NIK_INDEX_KEY": made.nik_index_key,
            "CASES_ATTACHMENT_KEYS": json.dumps(dict(made.attachment_keys)),
            "DEMO_PASSWORD": made.demo_password,
            "KEYCLOAK_ADMIN_PASSWORD": secrets.token_urlsafe(18),
            "GRAFANA_ADMIN_PASSWORD": secrets.token_urlsafe(18),
        }
    )
