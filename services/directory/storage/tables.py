"""The tables of directory; migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID

from shared.audit import audit_tables
from shared.messaging.tables import messaging_tables

metadata = sa.MetaData()
messaging_tables(metadata)
audit_tables(metadata)

_AREA = sa.Text(collation="C")
_MOMENT = sa.DateTime(timezone=True)
_NOW = sa.func.now()

organisations = sa.Table(
    "organisations",
    metadata,
    sa.Column("id", UUID, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("pillar", sa.Text, nullable=False),
    sa.Column("area", _AREA, nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_organisations"),
    sa.Index("ix_organisations_area", "area"),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("id", UUID, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    # First and last area code among the worker's duties: row-level security compares flat columns.
    sa.Column("area_low", _AREA, nullable=False),
    sa.Column("area_high", _AREA, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
    sa.PrimaryKeyConstraint("id", name="pk_workers"),
    sa.UniqueConstraint("id", "area_low", "area_high", name="uq_workers_span"),
    sa.CheckConstraint("version >= 1", name="ck_workers_version"),
)

duties = sa.Table(
    "duties",
    metadata,
    sa.Column("id", UUID, nullable=False),
    sa.Column("worker_id", UUID, nullable=False),
    sa.Column("pillar", sa.Text, nullable=False),
    sa.Column("area", _AREA, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("organisation_id", UUID),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date),
    sa.PrimaryKeyConstraint("id", name="pk_duties"),
    sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name="fk_duties_worker"),
    sa.ForeignKeyConstraint(
        ["organisation_id"], ["organisations.id"], name="fk_duties_organisation"
    ),
    sa.CheckConstraint(
        "role in ('worker', 'coordinator', 'dinsos', 'village_head', 'admin', 'data_protection')",
        name="ck_duties_role",
    ),
    sa.Index("ix_duties_worker", "worker_id"),
    sa.Index("ix_duties_area_pillar", "area", "pillar"),
)

absences = sa.Table(
    "absences",
    metadata,
    sa.Column("id", UUID, nullable=False),
    sa.Column("worker_id", UUID, nullable=False),
    sa.Column("area_low", _AREA, nullable=False),
    sa.Column("area_high", _AREA, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("stand_in_id", UUID),
    sa.Column("announced_at", _MOMENT, nullable=False, server_default=_NOW),
    sa.PrimaryKeyConstraint("id", name="pk_absences"),
    sa.ForeignKeyConstraint(
        ["worker_id", "area_low", "area_high"],
        ["workers.id", "workers.area_low", "workers.area_high"],
        name="fk_absences_worker",
        onupdate="CASCADE",
    ),
    sa.ForeignKeyConstraint(["stand_in_id"], ["workers.id"], name="fk_absences_stand_in"),
    sa.CheckConstraint("ends_on >= starts_on", name="ck_absences_period"),
    sa.Index("ix_absences_worker", "worker_id", "ends_on"),
    sa.Index("ix_absences_stand_in", "stand_in_id", "ends_on"),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("worker_id", UUID, nullable=False),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("password_changed_at", _MOMENT, nullable=False, server_default=_NOW),
    sa.PrimaryKeyConstraint("worker_id", name="pk_accounts"),
    sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name="fk_accounts_worker"),
    sa.UniqueConstraint("username", name="uq_accounts_username"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", BYTEA, nullable=False),
    sa.Column("worker_id", UUID, nullable=False),
    sa.Column("opened_at", _MOMENT, nullable=False, server_default=_NOW),
    sa.Column("used_at", _MOMENT, nullable=False, server_default=_NOW),
    sa.Column("expires_at", _MOMENT, nullable=False),
    sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    sa.ForeignKeyConstraint(["worker_id"], ["accounts.worker_id"], name="fk_sessions_account"),
    sa.Index("ix_sessions_worker", "worker_id"),
)

sign_in_attempts = sa.Table(
    "sign_in_attempts",
    metadata,
    sa.Column("key", BYTEA, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", _MOMENT, nullable=False),
    sa.Column("blocked_until", _MOMENT, nullable=False),
    sa.PrimaryKeyConstraint("key", name="pk_sign_in_attempts"),
)
