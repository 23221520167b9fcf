"""The tables every service keeps beside its own: log, inbox, dead letters, marks, keys."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, UUID


def messaging_tables(metadata: sa.MetaData) -> None:
    """Declare the shared tables in a service's metadata; migrations create the same."""
    now = sa.text("now()")
    sa.Table(
        "event_log",
        metadata,
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("id", UUID, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject", UUID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("data", BYTEA, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("subject", "version", "time", name="uq_event_log_subject_version"),
        sa.Index(
            "ix_event_log_unpublished", "seq", postgresql_where=sa.text("published_at is null")
        ),
        sa.Index("ix_event_log_published", "published_at", postgresql_using="brin"),
        sa.Index("ix_event_log_time", "time", postgresql_using="brin"),
        postgresql_partition_by="RANGE (time)",
    )
    sa.Table(
        "relay_state",
        metadata,
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("high_water", sa.Float(53), nullable=False, server_default="0"),
    )
    sa.Table(
        "inbox",
        metadata,
        sa.Column("event_id", UUID, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Index("ix_inbox_source_event_time", "source", "event_time"),
    )
    sa.Table(
        "dead_letters",
        metadata,
        sa.Column("id", UUID, primary_key=True),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("entry_id", sa.Text, nullable=False),
        sa.Column("event_id", UUID),
        sa.Column("type", sa.Text),
        sa.Column("raw", BYTEA, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("deliveries", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("replayed_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("stream", "entry_id", name="uq_dead_letters_entry"),
    )
    sa.Table(
        "idempotency_keys",
        metadata,
        sa.Column("actor_id", UUID, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", BYTEA, nullable=False),
        sa.Column("status", sa.SmallInteger),
        sa.Column("body", BYTEA),
        sa.Column("subjects", ARRAY(UUID), nullable=False, server_default="{}"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=now),
    )
