"""Migrations: one history per service, run inside that service's schema."""

import asyncio
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from shared.database import connector

SERVICES: Final = ("directory", "registry", "cases", "notifications")
_ROOT: Final = Path(__file__).resolve().parent.parent


def configuration(service: str, url: str) -> Config:
    """Alembic's configuration for one service against the owner's URL."""
    config = Config()
    folder = _ROOT / "services" / service / "storage" / "migrations"
    config.set_main_option("script_location", str(folder))
    config.attributes["url"] = url
    return config


def upgrade(service: str, url: str, revision: str = "head") -> None:
    """Bring a service's schema to a revision."""
    command.upgrade(configuration(service, url), revision)


def downgrade(service: str, url: str, revision: str) -> None:
    """Take a service's schema back to a revision."""
    command.downgrade(configuration(service, url), revision)


def heads(service: str) -> list[str]:
    """The newest revisions of a service; anything but one is a fault."""
    return list(ScriptDirectory.from_config(configuration(service, "")).get_heads())


def run(schema: str, metadata: sa.MetaData) -> None:
    """Run the migrations Alembic asked for; called by each service's env.py."""
    asyncio.run(_run(schema, metadata))


async def _run(schema: str, metadata: sa.MetaData) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connector(
            context.config.attributes["url"],
            server_settings={"search_path": f"{schema}, public"},
        ),
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, schema, metadata)
        await connection.commit()
    await engine.dispose()


def _migrate(connection: sa.Connection, schema: str, metadata: sa.MetaData) -> None:
    # A migration that cannot get its lock soon gives up instead of stopping the service.
    connection.execute(sa.text("set lock_timeout = '5s'"))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=schema,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
