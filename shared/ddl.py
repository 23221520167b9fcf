"""Migration steps for the shared tables and the two login roles of a service."""

from datetime import date
from itertools import pairwise
from typing import Final

from alembic import op

MONTHS_AHEAD: Final = 13
ACTOR: Final = "nullif(current_setting('app.actor', true), '')::uuid"
"""The caller of the transaction, as conditions of walls see it; null without one."""
AREA_FROM: Final = "current_setting('app.area_from', true)"
"""First area code of the caller's range."""
AREA_TO: Final = "current_setting('app.area_to', true)"
"""Where the caller's range ends; this code is outside."""


def api_role(schema: str) -> str:
    """The role of a service's HTTP process: bound by row-level security."""
    return f"sinergi_{schema}"


def worker_role(schema: str) -> str:
    """The role of a service's message process: sees all rows of its schema."""
    return f"sinergi_{schema}_worker"


def run_script(sql: str) -> None:
    """Run several statements: the driver takes one at a time, and none of ours quotes a `;`."""
    for statement in sql.split(";"):
        if statement.strip():
            op.execute(statement)


def grant(schema: str, table: str, *, api: str | None, worker: str | None) -> None:
    """Give each role the named rights on a table, and no more."""
    for role, rights in ((api_role(schema), api), (worker_role(schema), worker)):
        if rights:
            op.execute(f"grant {rights} on {table} to {role}")


def wall(schema: str, table: str, api_condition: str) -> None:
    """Row-level security: the API role sees what the condition lets through, the worker all."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy api_scope on {table} to {api_role(schema)} "
        f"using ({api_condition}) with check (true)"
    )
    op.execute(
        f"create policy worker_all on {table} to {worker_role(schema)} "
        "using (true) with check (true)"
    )


def in_range(column: str) -> str:
    """Condition of a wall: the column's area code lies within the caller's range."""
    return f"({column} >= {AREA_FROM} and {column} < {AREA_TO})"


def drop_tables(*tables: str) -> None:
    """Drop tables in the order they are named."""
    for table in tables:
        op.execute(f"drop table {table}")


def create_messaging_tables(schema: str) -> None:
    """Create log, inbox, dead letters, relay mark and idempotency keys, with their grants."""
    op.execute(
        """
        create table event_log (
            seq bigint generated always as identity,
            id uuid not null,
            type text not null,
            subject uuid not null,
            version integer not null,
            time timestamptz not null,
            data bytea not null,
            published_at timestamptz,
            constraint pk_event_log primary key (seq, time),
            constraint uq_event_log_subject_version unique (subject, version, time)
        ) partition by range (time)
        """
    )
    op.execute(
        "create index ix_event_log_unpublished on event_log (seq) where published_at is null"
    )
    op.execute("create index ix_event_log_published on event_log using brin (published_at)")
    # Whatever the clock says, an event is never refused for want of a partition.
    op.execute("create table event_log_other partition of event_log default")
    op.execute(
        """
        create table relay_state (
            source text constraint pk_relay_state primary key,
            high_water double precision not null default 0
        );
        """
    )
    op.execute(
        """
        create table inbox (
            event_id uuid constraint pk_inbox primary key,
            source text not null,
            type text not null,
            event_time timestamptz not null,
            received_at timestamptz not null default now()
        )
        """
    )
    op.execute("create index ix_inbox_source_event_time on inbox (source, event_time)")
    op.execute(
        """
        create table dead_letters (
            id uuid constraint pk_dead_letters primary key,
            stream text not null,
            entry_id text not null,
            event_id uuid,
            type text,
            raw bytea not null,
            error text not null,
            deliveries integer not null,
            at timestamptz not null default now(),
            replayed_at timestamptz,
            constraint uq_dead_letters_entry unique (stream, entry_id)
        )
        """
    )
    op.execute(
        """
        create table idempotency_keys (
            actor_id uuid not null,
            key text not null,
            fingerprint bytea not null,
            status smallint,
            body bytea,
            at timestamptz not null default now(),
            constraint pk_idempotency_keys primary key (actor_id, key)
        )
        """
    )
    grant(schema, "event_log", api="select, insert", worker="select, insert")
    grant(schema, "event_log", api=None, worker="update (published_at)")
    grant(schema, "relay_state", api=None, worker="select, insert, update")
    grant(schema, "inbox", api=None, worker="select, insert, delete")
    grant(schema, "dead_letters", api="select", worker="select, insert, update")
    grant(
        schema,
        "idempotency_keys",
        api="select, insert, update",
        worker="select, insert, update, delete",
    )
    wall(schema, "idempotency_keys", f"actor_id = {ACTOR}")


def drop_messaging_tables() -> None:
    """Undo `create_messaging_tables`."""
    drop_tables("idempotency_keys", "dead_letters", "inbox", "relay_state", "event_log")


def partition_statements(today: date) -> list[str]:
    """What the owner runs at each start: this month's partition of the log and the next ones."""
    months = [
        date(today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1, 1)
        for ahead in range(MONTHS_AHEAD + 1)
    ]
    return [
        f"create table if not exists event_log_{first:%Y_%m} partition of event_log "
        f"for values from ('{first}') to ('{after}')"
        for first, after in pairwise(months)
    ]


def create_audit_tables(schema: str) -> None:
    """Migration step: the tables, insert-only for everybody."""
    op.execute(
        """
        create table audit_log (
            id bigint generated always as identity constraint pk_audit_log primary key,
            at timestamptz not null default now(),
            actor_id uuid not null,
            actor_kind text not null,
            action text not null,
            subject_id uuid not null,
            detail text,
            request_id text
        )
        """
    )
    op.execute("create index ix_audit_log_subject on audit_log (subject_id, id)")
    op.execute(
        """
        create table audit_seals (
            position bigint constraint pk_audit_seals primary key,
            audit_id bigint not null constraint uq_audit_seals_audit_id unique,
            hash bytea not null
        )
        """
    )
    op.execute(f"grant select, insert on audit_log to {api_role(schema)}, {worker_role(schema)}")
    op.execute(f"grant select on audit_seals to {api_role(schema)}")
    op.execute(f"grant select, insert on audit_seals to {worker_role(schema)}")


def tell_complete_seals() -> None:
    """Migration step: each seal says up to which audit row all are sealed."""
    op.execute("alter table audit_seals add complete_to bigint not null default 0")


def forget_complete_seals() -> None:
    """Undo `tell_complete_seals`."""
    op.execute("alter table audit_seals drop complete_to")


def index_time_of_log() -> None:
    """Migration step: some hours of the log are found without reading the others."""
    # By blocks: rows come in the order of their time, and each costs next to nothing.
    op.execute("create index ix_event_log_time on event_log using brin (time)")


def drop_index_of_log() -> None:
    """Undo `index_time_of_log`."""
    op.execute("drop index ix_event_log_time")


def keep_subjects_of_answers() -> None:
    """Migration step: an answer kept for a repeat says of which records it is."""
    op.execute("alter table idempotency_keys add subjects uuid[] not null default '{}'")


def forget_subjects_of_answers() -> None:
    """Undo `keep_subjects_of_answers`."""
    op.execute("alter table idempotency_keys drop subjects")


def drop_audit_tables() -> None:
    """Undo `create_audit_tables`."""
    drop_tables("audit_seals", "audit_log")
