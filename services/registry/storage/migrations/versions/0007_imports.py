"""Lists taken in row by row: how far each has come, and what became of every line."""

from alembic import op

from shared.ddl import ACTOR, drop_tables, grant, run_script, wall, worker_role

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "registry"

# An import is its importer's alone. `similar` is a word of SQL, hence the quotes.
TABLES = """
    create table imports (
        id uuid constraint pk_imports primary key,
        actor_id uuid not null,
        duties jsonb not null,
        sha256 bytea not null,
        parts integer not null,
        total integer not null,
        columns jsonb,
        status text not null,
        position integer not null default 0,
        created integer not null default 0,
        matched integer not null default 0,
        "similar" integer not null default 0,
        refused integer not null default 0,
        skipped integer not null default 0,
        at timestamptz not null,
        changed_at timestamptz not null
    );
    create index ix_imports_actor on imports (actor_id, id);
    create index ix_imports_waiting on imports (id) where status in ('checking', 'running');
    create table import_lines (
        import_id uuid not null constraint fk_import_lines_import_id
            references imports (id) on delete cascade,
        line integer not null,
        status text not null,
        beneficiary_id uuid,
        why text,
        constraint pk_import_lines primary key (import_id, line)
    )
"""


def upgrade() -> None:
    """Create the tables; the worker keeps the keys of rows beside those of devices."""
    run_script(TABLES)
    grant(
        SCHEMA,
        "imports",
        api="select, insert, update (columns, duties, status, position, created, matched, "
        '"similar", refused, skipped, changed_at)',
        worker="select, insert, update, delete",
    )
    grant(SCHEMA, "import_lines", api="select, delete", worker="select, insert, delete")
    wall(SCHEMA, "imports", f"actor_id = {ACTOR}")
    wall(SCHEMA, "import_lines", "exists (select from imports i where i.id = import_id)")
    grant(SCHEMA, "registration_keys", api=None, worker="insert")


def downgrade() -> None:
    """Drop them."""
    op.execute(f"revoke insert on registration_keys from {worker_role(SCHEMA)}")
    drop_tables("import_lines", "imports")
