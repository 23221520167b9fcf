"""The tables of notifications; the migrations create the same, and a test compares them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.messaging.tables import messaging_tables

metadata = sa.MetaData()
messaging_tables(metadata)

_NOW = sa.text("now()")


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


notices = sa.Table(
    "notices",
    metadata,
    sa.Column("recipient_id", UUID, primary_key=True),
    sa.Column("id", UUID, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("referral_id", UUID),
    sa.Column("case_number", sa.Text),
    sa.Column("title", sa.Text, nullable=False),
    _time("at"),
    _time("read_at", nullable=True),
    sa.Column("event_id", UUID, nullable=False),
    sa.UniqueConstraint("event_id", "recipient_id", name="uq_notices_event_recipient"),
    sa.Index(
        "ix_notices_unread", "recipient_id", "id", postgresql_where=sa.text("read_at is null")
    ),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("event_id", UUID, primary_key=True),
    sa.Column("recipient_id", UUID, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("notice_id", UUID, nullable=False),
    sa.Column("referral_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    _time("at"),
    sa.Column("detail", sa.Text),
    sa.Column("sender_id", UUID, nullable=False),
    sa.Column("pillar", sa.Text, nullable=False),
    sa.Column("area", sa.Text(collation="C"), nullable=False),
    sa.Column("organisation_id", UUID),
    sa.Column("confidentiality", sa.Text, nullable=False),
    sa.Index("ix_deliveries_referral", "referral_id", "notice_id", "channel"),
)

stream_rows = sa.Table(
    "stream_rows",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("worker_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Index("ix_stream_rows_worker", "worker_id", "seq"),
    sa.Index("ix_stream_rows_at", "at", postgresql_using="brin"),
)

stream_state = sa.Table(
    "stream_state",
    metadata,
    sa.Column("id", sa.Boolean, primary_key=True, server_default=sa.true()),
    sa.Column("swept_through", sa.BigInteger, nullable=False),
)

referral_view = sa.Table(
    "referral_view",
    metadata,
    sa.Column("referral_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("holder_id", UUID),
    sa.Column("pool", ARRAY(UUID), nullable=False),
)

known_workers = sa.Table(
    "known_workers",
    metadata,
    sa.Column("worker_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)
