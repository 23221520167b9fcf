"""Organisations, workers with duties and absences, accounts, sessions, attempts to sign in."""

from alembic import op

from shared.ddl import (
    ACTOR,
    AREA_FROM,
    AREA_TO,
    create_audit_tables,
    create_messaging_tables,
    drop_audit_tables,
    drop_messaging_tables,
    drop_tables,
    grant,
    in_range,
    wall,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "directory"

SPAN_IN_RANGE = f"area_low < {AREA_TO} and area_high >= {AREA_FROM}"


def upgrade() -> None:
    """Create everything directory keeps, with its grants and walls."""
    create_messaging_tables(SCHEMA)
    create_audit_tables(SCHEMA)
    _people()
    _accounts()
    _grants()
    wall(SCHEMA, "workers", f"({SPAN_IN_RANGE}) or id = {ACTOR}")
    wall(SCHEMA, "duties", f"{in_range('area')} or worker_id = {ACTOR}")
    wall(SCHEMA, "absences", f"({SPAN_IN_RANGE}) or worker_id = {ACTOR}")


def downgrade() -> None:
    """Drop all of it."""
    drop_tables(
        "sign_in_attempts",
        "sessions",
        "accounts",
        "absences",
        "duties",
        "workers",
        "organisations",
    )
    drop_audit_tables()
    drop_messaging_tables()


def _people() -> None:
    op.execute(
        """
        create table organisations (
            id uuid not null constraint pk_organisations primary key,
            name text not null,
            pillar text not null,
            area text collate "C" not null
        )
        """
    )
    op.execute("create index ix_organisations_area on organisations (area)")
    op.execute(
        """
        create table workers (
            id uuid not null constraint pk_workers primary key,
            name text not null,
            version integer not null constraint ck_workers_version check (version >= 1),
            active boolean not null,
            area_low text collate "C" not null,
            area_high text collate "C" not null,
            created_at timestamptz not null default now(),
            constraint uq_workers_span unique (id, area_low, area_high)
        )
        """
    )
    op.execute(
        """
        create table duties (
            id uuid not null constraint pk_duties primary key,
            worker_id uuid not null constraint fk_duties_worker references workers (id),
            pillar text not null,
            area text collate "C" not null,
            role text not null constraint ck_duties_role
                check (role in ('worker', 'coordinator', 'dinsos', 'village_head', 'admin',
                                'data_protection')),
            organisation_id uuid
                constraint fk_duties_organisation references organisations (id),
            starts_on date not null,
            ends_on date
        )
        """
    )
    op.execute("create index ix_duties_worker on duties (worker_id)")
    op.execute("create index ix_duties_area_pillar on duties (area, pillar)")
    op.execute(
        """
        create table absences (
            id uuid not null constraint pk_absences primary key,
            worker_id uuid not null,
            area_low text collate "C" not null,
            area_high text collate "C" not null,
            starts_on date not null,
            ends_on date not null,
            stand_in_id uuid constraint fk_absences_stand_in references workers (id),
            announced_at timestamptz not null default now(),
            constraint ck_absences_period check (ends_on >= starts_on),
            constraint fk_absences_worker foreign key (worker_id, area_low, area_high)
                references workers (id, area_low, area_high) on update cascade
        )
        """
    )
    op.execute("create index ix_absences_worker on absences (worker_id, ends_on)")
    op.execute("create index ix_absences_stand_in on absences (stand_in_id, ends_on)")


def _accounts() -> None:
    op.execute(
        """
        create table accounts (
            worker_id uuid not null constraint pk_accounts primary key
                constraint fk_accounts_worker references workers (id),
            username text not null constraint uq_accounts_username unique,
            password_hash text not null,
            password_changed_at timestamptz not null default now()
        )
        """
    )
    op.execute(
        """
        create table sessions (
            token_hash bytea not null constraint pk_sessions primary key,
            worker_id uuid not null
                constraint fk_sessions_account references accounts (worker_id),
            opened_at timestamptz not null default now(),
            used_at timestamptz not null default now(),
            expires_at timestamptz not null
        )
        """
    )
    op.execute("create index ix_sessions_worker on sessions (worker_id)")
    op.execute(
        """
        create table sign_in_attempts (
            key bytea not null constraint pk_sign_in_attempts primary key,
            failures integer not null,
            last_at timestamptz not null,
            blocked_until timestamptz not null
        )
        """
    )


def _grants() -> None:
    grant(SCHEMA, "organisations", api="select, insert, update", worker=None)
    grant(SCHEMA, "workers", api="select, insert, update", worker="select, update")
    grant(SCHEMA, "duties", api="select, insert, update", worker="select")
    grant(SCHEMA, "absences", api="select, insert", worker="select")
    grant(SCHEMA, "accounts", api="select, insert, update", worker=None)
    grant(SCHEMA, "sessions", api="select, insert, update, delete", worker="select, delete")
    grant(
        SCHEMA,
        "sign_in_attempts",
        api="select, insert, update, delete",
        worker="select, delete",
    )
