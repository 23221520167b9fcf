"""The tables of cases; the migrations create the same, and a test compares them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from shared.audit import audit_tables
from shared.messaging.tables import messaging_tables

metadata = sa.MetaData()
messaging_tables(metadata)
audit_tables(metadata)


def _area(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("beneficiary_id", UUID, nullable=False),
    _area("area"),
    sa.Column("opened_by", UUID, nullable=False),
    _time("opened_at", nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    _time("closed_at"),
    sa.Column("close_reason", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_cases_beneficiary", "beneficiary_id"),
)

referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("case_id", UUID, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("case_number", sa.Text, nullable=False),
    sa.Column("beneficiary_id", UUID, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("pillar", sa.Text, nullable=False),
    _area("area"),
    sa.Column("organisation_id", UUID),
    sa.Column("worker_id", UUID),
    sa.Column("holder_id", UUID),
    sa.Column("sender_id", UUID, nullable=False),
    sa.Column("sender_pillar", sa.Text, nullable=False),
    _area("sender_area"),
    _area("place"),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("situation", sa.Text, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("confidentiality", sa.Text, nullable=False),
    sa.Column("need", sa.Text, nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("reasons", ARRAY(sa.Text), nullable=False),
    sa.Column("flags", ARRAY(sa.Text), nullable=False),
    sa.Column("pool", ARRAY(UUID), nullable=False),
    sa.Column("reply_limit", sa.Interval, nullable=False),
    sa.Column("act_limit", sa.Interval, nullable=False),
    sa.Column("close_limit", sa.Interval, nullable=False),
    _time("sent_at", nullable=False),
    _time("seen_at"),
    _time("reply_by"),
    _time("act_by"),
    _time("close_by"),
    _time("paused_at"),
    _time("due_at"),
    sa.Index(
        "ix_referrals_pool_due",
        "pillar",
        "area",
        "due_at",
        "id",
        postgresql_where=sa.text("status = 'sent'"),
    ),
    sa.Index(
        "ix_referrals_holder_due",
        "holder_id",
        "due_at",
        "id",
        postgresql_where=sa.text("status in ('accepted', 'in_progress', 'on_hold')"),
    ),
    sa.Index("ix_referrals_sender", "sender_id", "id"),
    sa.Index("ix_referrals_case", "case_id"),
)

referral_steps = sa.Table(
    "referral_steps",
    metadata,
    sa.Column("referral_id", UUID, sa.ForeignKey("referrals.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    _time("at", nullable=False),
    _time("occurred_at", nullable=False),
    sa.Column("actor_id", UUID, nullable=False),
    sa.Column("acting_pillar", sa.Text, nullable=False),
    _area("acting_area"),
    sa.Column("note", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("service", sa.Text),
)

known_beneficiaries = sa.Table(
    "known_beneficiaries",
    metadata,
    sa.Column("beneficiary_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    _area("area"),
    sa.Column("confidentiality", sa.Text, nullable=False),
    sa.Column("merged_into", UUID),
)

known_workers = sa.Table(
    "known_workers",
    metadata,
    sa.Column("worker_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)

known_duties = sa.Table(
    "known_duties",
    metadata,
    sa.Column("duty_id", UUID, primary_key=True),
    sa.Column(
        "worker_id",
        UUID,
        sa.ForeignKey("known_workers.worker_id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("pillar", sa.Text, nullable=False),
    _area("area"),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("organisation_id", UUID),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date),
    sa.Index("ix_known_duties_area", "area", "pillar"),
    sa.Index("ix_known_duties_worker", "worker_id"),
)

known_absences = sa.Table(
    "known_absences",
    metadata,
    sa.Column(
        "worker_id",
        UUID,
        sa.ForeignKey("known_workers.worker_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("starts_on", sa.Date, primary_key=True),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("stand_in_id", UUID),
)

routing_rules = sa.Table(
    "routing_rules",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("situation", sa.Text, nullable=False),
    sa.Column("condition", sa.Text, nullable=False),
    sa.Column("primary_pillar", sa.Text, nullable=False),
    sa.Column("supporting_pillars", ARRAY(sa.Text), nullable=False),
    sa.Column("external_services", ARRAY(sa.Text), nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("confidentiality", sa.Text, nullable=False),
    sa.Column("reply_minutes", sa.Integer, nullable=False),
    sa.Column("act_hours", sa.Integer, nullable=False),
    sa.Column("close_days", sa.Integer, nullable=False),
    sa.Column("flags", ARRAY(sa.Text), nullable=False),
    sa.Column("rationale", sa.Text, nullable=False),
    _time("valid_from", nullable=False),
    _time("valid_to"),
)

case_numbers = sa.Table(
    "case_numbers",
    metadata,
    sa.Column("regency", sa.Text(collation="C"), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("next", sa.Integer, nullable=False),
)
