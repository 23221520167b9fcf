"""Notices, the delivery ledger, the rows behind live streams, and two projections."""

from alembic import op

from shared.ddl import (
    ACTOR,
    create_messaging_tables,
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

SCHEMA = "notifications"


def upgrade() -> None:
    """Create everything."""
    create_messaging_tables(SCHEMA)
    _notices()
    _deliveries()
    _streams()
    _projections()


def downgrade() -> None:
    """Drop everything."""
    drop_tables(
        "known_workers",
        "referral_view",
        "stream_state",
        "stream_rows",
        "deliveries",
        "notices",
    )
    drop_messaging_tables()


def _notices() -> None:
    op.execute(
        """
        create table notices (
            recipient_id uuid not null,
            id uuid not null,
            kind text not null,
            referral_id uuid not null,
            case_number text not null,
            title text not null,
            at timestamptz not null,
            read_at timestamptz,
            event_id uuid not null,
            constraint pk_notices primary key (recipient_id, id),
            constraint uq_notices_event_recipient unique (event_id, recipient_id)
        )
        """
    )
    op.execute("create index ix_notices_unread on notices (recipient_id, id) where read_at is null")
    grant(SCHEMA, "notices", api="select", worker="select, insert")
    grant(SCHEMA, "notices", api="update (read_at)", worker="update (read_at)")
    wall(SCHEMA, "notices", f"recipient_id = {ACTOR}")


def _deliveries() -> None:
    op.execute(
        """
        create table deliveries (
            event_id uuid not null,
            recipient_id uuid not null,
            channel text not null,
            notice_id uuid not null,
            referral_id uuid not null,
            kind text not null,
            status text not null,
            at timestamptz not null,
            detail text,
            sender_id uuid not null,
            pillar text not null,
            area text collate "C" not null,
            organisation_id uuid,
            confidentiality text not null,
            constraint pk_deliveries primary key (event_id, recipient_id, channel),
            constraint ck_deliveries_status check (
                status in ('queued', 'sent', 'delivered', 'opened', 'failed', 'uncertain'))
        )
        """
    )
    op.execute(
        "create index ix_deliveries_referral on deliveries (referral_id, notice_id, channel)"
    )
    grant(SCHEMA, "deliveries", api="select", worker="select, insert")
    grant(SCHEMA, "deliveries", api="update (status, at)", worker="update (status, at)")
    wall(
        SCHEMA,
        "deliveries",
        f"sender_id = {ACTOR} or recipient_id = {ACTOR} or {in_range('area')}",
    )


def _streams() -> None:
    op.execute(
        """
        create table stream_rows (
            seq bigint generated always as identity constraint pk_stream_rows primary key,
            worker_id uuid not null,
            kind text not null,
            data jsonb not null,
            at timestamptz not null default now(),
            constraint ck_stream_rows_kind check (kind in ('notice', 'worklist'))
        )
        """
    )
    op.execute("create index ix_stream_rows_worker on stream_rows (worker_id, seq)")
    op.execute("create index ix_stream_rows_at on stream_rows using brin (at)")
    op.execute(
        """
        create table stream_state (
            id boolean not null default true constraint pk_stream_state primary key,
            swept_through bigint not null,
            constraint ck_stream_state_id check (id)
        )
        """
    )
    grant(SCHEMA, "stream_rows", api="select", worker="select, insert, delete")
    grant(SCHEMA, "stream_state", api="select", worker="select, insert, update")
    # A request sees its caller's rows. The one reader behind all open streams of a process says
    # what it is for its own transaction, and hands each row to its owner alone.
    wall(
        SCHEMA,
        "stream_rows",
        f"worker_id = {ACTOR} or current_setting('app.stream_reader', true) = 'on'",
    )


def _projections() -> None:
    op.execute(
        """
        create table referral_view (
            referral_id uuid constraint pk_referral_view primary key,
            version integer not null,
            status text not null,
            holder_id uuid,
            pool uuid[] not null
        )
        """
    )
    op.execute(
        """
        create table known_workers (
            worker_id uuid constraint pk_known_workers primary key,
            version integer not null,
            active boolean not null
        )
        """
    )
    grant(SCHEMA, "referral_view", api=None, worker="select, insert, update")
    grant(SCHEMA, "known_workers", api=None, worker="select, insert, update")
