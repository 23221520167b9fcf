"""The tables of cases; the migrations create the same, and a test compares them."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.audit import audit_tables
from shared.messaging.tables import messaging_tables

metadata = sa.MetaData()
messaging_tables(metadata)
audit_tables(metadata)


def _area(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _computed(name: str, kind: sa.types.TypeEngine[Any], how: str) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.Computed(how, persisted=True))


cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("beneficiary_id", UUID, nullable=False),
    _area("area"),
    sa.Column("opened_by", UUID, nullable=False),
    _time("opened_at", nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    _time("closed_at"),
    sa.Column("close_reason", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_cases_beneficiary", "beneficiary_id"),
    sa.Index("ix_cases_open", "area", "opened_at", postgresql_where=sa.text("is_open")),
)

case_steps = sa.Table(
    "case_steps",
    metadata,
    sa.Column("case_id", UUID, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    _time("at", nullable=False),
    sa.Column("actor_id", UUID),
    sa.Column("note", sa.Text),
    sa.Column("reason", sa.Text),
    _time("occurred_at", nullable=False),
    sa.Column("acting_pillar", sa.Text),
    _area("acting_area", nullable=True),
)

_WALL: Final = ("area", "sender_area", "sender_id", "holder_id", "worker_id", "named")
_IS_OPEN: Final = "status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned')"

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
    # The area or what holds it at these levels; a wider area stands for itself.
    _computed("regency", sa.Text(collation="C"), "left(area, 5)"),
    _computed("district", sa.Text(collation="C"), "left(area, 8)"),
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
    sa.Column("working", sa.Boolean, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("attributes", JSONB, nullable=False),
    sa.Column("reported_urgency", sa.Text),
    sa.Column("service_id", UUID),
    sa.Column("named", ARRAY(UUID), nullable=False),
    sa.Column("rerouted_from", UUID),
    _time("sent_at", nullable=False),
    _time("seen_at"),
    _time("replied_at"),
    _time("ended_at"),
    sa.Column("escalation_level", sa.SmallInteger, nullable=False),
    _time("reply_by"),
    _time("act_by"),
    _time("close_by"),
    _time("paused_at"),
    _time("hold_until"),
    _time("rung_until"),
    _time("due_at"),
    _time("alarm_at"),
    # Lists are ordered by these: what was never escalated after what was; without a deadline last.
    _computed("calm", sa.Boolean(), "escalation_level = 0"),
    _computed("names_more", sa.Boolean(), "cardinality(named) > 0"),
    _computed("due_key", sa.DateTime(timezone=True), "coalesce(due_at, 'infinity'::timestamptz)"),
    sa.Index("ix_referrals_alarm", "alarm_at", postgresql_where=sa.text("alarm_at is not null")),
    sa.Index(
        "ix_referrals_pool",
        "pillar",
        "district",
        "due_key",
        "id",
        postgresql_where=sa.text("status = 'sent' and worker_id is null and service_id is null"),
    ),
    sa.Index(
        "ix_referrals_by_name",
        "worker_id",
        "due_key",
        "id",
        postgresql_where=sa.text("status = 'sent' and worker_id is not null"),
    ),
    sa.Index(
        "ix_referrals_held",
        "holder_id",
        "due_key",
        "id",
        postgresql_where=sa.text("status in ('accepted', 'in_progress', 'on_hold')"),
    ),
    sa.Index(
        "ix_referrals_back",
        "sender_id",
        "due_key",
        "id",
        postgresql_where=sa.text(
            "status = 'returned' or (status = 'sent' and service_id is not null)"
        ),
    ),
    # Lists, counts and times read these indexes alone, so they hold what the wall compares.
    sa.Index(
        "ix_referrals_open",
        "regency",
        "pillar",
        "calm",
        "due_key",
        "id",
        postgresql_include=[
            *_WALL,
            "organisation_id",
            "service_id",
            "confidentiality",
            "status",
            "urgency",
            "sent_at",
            "case_id",
        ],
        postgresql_where=sa.text(_IS_OPEN),
    ),
    sa.Index(
        "ix_referrals_named",
        "calm",
        "due_key",
        "id",
        postgresql_include=[*_WALL, "pillar", "status"],
        postgresql_where=sa.text(f"names_more and {_IS_OPEN}"),
    ),
    sa.Index(
        "ix_referrals_replied",
        "regency",
        "pillar",
        "replied_at",
        postgresql_include=[*_WALL, "organisation_id", "urgency", "sent_at"],
        postgresql_where=sa.text("replied_at is not null"),
    ),
    sa.Index(
        "ix_referrals_completed",
        "regency",
        "pillar",
        "ended_at",
        postgresql_include=[*_WALL, "organisation_id", "urgency", "sent_at"],
        postgresql_where=sa.text("status = 'completed'"),
    ),
    sa.Index("ix_referrals_sender", "sender_id", "id"),
    sa.Index("ix_referrals_case", "case_id"),
    sa.Index("ix_referrals_place", "place", "sent_at"),
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
    sa.Column("actor_id", UUID),
    sa.Column("acting_pillar", sa.Text),
    _area("acting_area", nullable=True),
    sa.Column("note", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("service", sa.Text),
    sa.Column("subject_id", UUID),
)

planned_legs = sa.Table(
    "planned_legs",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("case_id", UUID, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("after_id", UUID, sa.ForeignKey("referrals.id"), nullable=False),
    sa.Column("pillar", sa.Text, nullable=False),
    _area("area"),
    sa.Column("planned_by", UUID, nullable=False),
    _time("planned_at", nullable=False),
    sa.Column("referral_id", UUID),
    _time("dropped_at"),
    sa.Index(
        "ix_planned_legs_after",
        "after_id",
        postgresql_where=sa.text("referral_id is null and dropped_at is null"),
    ),
    sa.Index("ix_planned_legs_case", "case_id"),
)

glass_grants = sa.Table(
    "glass_grants",
    metadata,
    sa.Column("referral_id", UUID, sa.ForeignKey("referrals.id"), primary_key=True),
    sa.Column("worker_id", UUID, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    _time("at", nullable=False),
    _time("until", nullable=False),
    sa.Column("told", ARRAY(UUID), nullable=False),
)

known_beneficiaries = sa.Table(
    "known_beneficiaries",
    metadata,
    sa.Column("beneficiary_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    _area("area"),
    sa.Column("confidentiality", sa.Text, nullable=False),
    sa.Column("merged_into", UUID),
    sa.Column("anonymised", sa.Boolean, nullable=False, server_default=sa.false()),
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
    sa.Column("area", sa.Text(collation="C"), primary_key=True),
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
    sa.Column("working", sa.Boolean, nullable=False),
    sa.Column("flags", ARRAY(sa.Text), nullable=False),
    sa.Column("rationale", sa.Text, nullable=False),
    sa.Column("retired", sa.Boolean, nullable=False),
    sa.Column("author_id", UUID),
    _time("valid_from", nullable=False),
    _time("valid_to"),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("escalate_to", sa.Text, nullable=False),
)

case_numbers = sa.Table(
    "case_numbers",
    metadata,
    sa.Column("regency", sa.Text(collation="C"), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("next", sa.Integer, nullable=False),
)


def _counted(number: sa.types.TypeEngine[Any]) -> list[sa.Column[Any]]:
    return [
        _area("regency"),
        _area("area"),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("pillar", "status", "urgency")),
        sa.Column("organisation_id", UUID),
        sa.Column("open", number, nullable=False),
        sa.Column("escalated", number, nullable=False),
    ]


open_counts = sa.Table(
    "open_counts",
    metadata,
    *_counted(sa.Integer()),
    sa.UniqueConstraint(
        "regency",
        "area",
        "pillar",
        "status",
        "urgency",
        "organisation_id",
        name="uq_open_counts_cell",
        postgresql_nulls_not_distinct=True,
    ),
)
open_changes = sa.Table(
    "open_changes",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    *_counted(sa.SmallInteger()),
    sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
)
open_ages = sa.Table(
    "open_ages",
    metadata,
    _area("regency"),
    sa.Column("pillar", sa.Text, nullable=False),
    sa.Column("organisation_id", UUID),
    sa.Column("sent_day", sa.DateTime(timezone=True), nullable=False),
    sa.Column("open", sa.Integer, nullable=False),
    sa.Column("escalated", sa.Integer, nullable=False),
    sa.UniqueConstraint(
        "regency",
        "pillar",
        "organisation_id",
        "sent_day",
        name="uq_open_ages_cell",
        postgresql_nulls_not_distinct=True,
    ),
    sa.Index(
        "ix_open_ages_spent",
        "sent_day",
        postgresql_where=sa.text("open = 0 and escalated = 0"),
    ),
)
