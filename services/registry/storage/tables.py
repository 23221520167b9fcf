"""The tables of registry."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, UUID

from shared.audit import audit_tables
from shared.messaging.tables import messaging_tables

metadata = sa.MetaData()
messaging_tables(metadata)
audit_tables(metadata)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_beneficiary(*, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(
        "beneficiary_id",
        UUID,
        sa.ForeignKey("beneficiaries.id"),
        nullable=False,
        primary_key=primary_key,
    )


beneficiaries = sa.Table(
    "beneficiaries",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text(collation="C"), nullable=False),
    sa.Column("sex", sa.Text),
    sa.Column("birth_precision", sa.Text),
    sa.Column("birth_year", sa.SmallInteger),
    sa.Column("birth_on", sa.Date),
    sa.Column("nik_sealed", BYTEA),
    sa.Column("nik_absent_reason", sa.Text),
    sa.Column("area", sa.Text(collation="C"), nullable=False),
    sa.Column("address", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("safe_contact", sa.Boolean),
    sa.Column("categories", ARRAY(sa.Text), nullable=False),
    sa.Column("confidentiality", sa.Text, nullable=False),
    sa.Column("registered_by", UUID, nullable=False),
    sa.Column("granted_to", ARRAY(UUID), nullable=False, server_default="{}"),
    sa.Column("aliases", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("disabilities", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("latitude", sa.Double),
    sa.Column("longitude", sa.Double),
    sa.Column("size", sa.Integer),
    _moment("registered_at"),
    _moment("changed_at"),
    sa.Column("merged_into", UUID, sa.ForeignKey("beneficiaries.id")),
    _moment("restricted_at", nullable=True),
    _moment("erase_at", nullable=True),
    _moment("anonymised_at", nullable=True),
    sa.Column("review_on", sa.Date, nullable=False, server_default=sa.text("(CURRENT_DATE + 365)")),
    sa.Index(
        "ix_beneficiaries_review_on", "review_on", postgresql_where=sa.text("anonymised_at is null")
    ),
    sa.Index(
        "ix_beneficiaries_erase_at", "erase_at", postgresql_where=sa.text("erase_at is not null")
    ),
    sa.Index("ix_beneficiaries_area", "area", "id"),
    sa.Index("ix_beneficiaries_registered_by", "registered_by", "area"),
    sa.Index("ix_beneficiaries_granted_to", "granted_to", postgresql_using="gin"),
)

nik_index = sa.Table(
    "nik_index",
    metadata,
    sa.Column("blind_index", BYTEA, primary_key=True),
    _of_beneficiary(primary_key=True),
    sa.Index("ix_nik_index_beneficiary_id", "beneficiary_id"),
)

category_periods = sa.Table(
    "category_periods",
    metadata,
    _of_beneficiary(primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("given_at", sa.DateTime(timezone=True), primary_key=True),
    _moment("ended_at", nullable=True),
    sa.Column("evidence", sa.Text),
    sa.Column("given_by", UUID, nullable=False),
    sa.Column("since", sa.Date),
    sa.Column("until", sa.Date),
    sa.Column("verified_by", UUID),
    _moment("verified_at", nullable=True),
    sa.Column("ended_by", UUID),
    sa.Column("end_reason", sa.Text),
    sa.Index(
        "uq_category_periods_current",
        "beneficiary_id",
        "code",
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    ),
)

legal_bases = sa.Table(
    "legal_bases",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _of_beneficiary(),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("text_version", sa.Text),
    sa.Column("channel", sa.Text),
    _moment("at"),
    sa.Column("taken_by", UUID, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False, server_default="service"),
    sa.Column("guardian", sa.Text),
    _moment("withdrawn_at", nullable=True),
    sa.Column("withdrawn_by", UUID),
    _moment("stops_at", nullable=True),
    _moment("stopped_at", nullable=True),
    sa.Index("ix_legal_bases_beneficiary_id", "beneficiary_id"),
    sa.Index(
        "ix_legal_bases_stops_at",
        "stops_at",
        postgresql_where=sa.text("stops_at is not null and stopped_at is null"),
    ),
)

access_grants = sa.Table(
    "access_grants",
    metadata,
    sa.Column("referral_id", UUID, primary_key=True),
    sa.Column("beneficiary_id", UUID, nullable=False),
    sa.Column("worker_id", UUID),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("safe_contact_only", sa.Boolean, nullable=False, server_default="false"),
    sa.Index("ix_access_grants_beneficiary_id", "beneficiary_id", "worker_id"),
    sa.Index(
        "ix_access_grants_worker_id", "worker_id", postgresql_where=sa.text("worker_id is not null")
    ),
)

services_received = sa.Table(
    "services_received",
    metadata,
    sa.Column("referral_id", UUID, primary_key=True),
    sa.Column("beneficiary_id", UUID, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("service", sa.Text),
    sa.Column("confidentiality", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    _moment("at"),
    sa.Index("ix_services_received_beneficiary_id", "beneficiary_id"),
)

nik_searches = sa.Table(
    "nik_searches",
    metadata,
    sa.Column("actor_id", UUID, primary_key=True),
    _moment("window_started_at"),
    sa.Column("searches", sa.Integer, nullable=False),
    sa.Column("last_asked", UUID),
)
