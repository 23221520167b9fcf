"""Cases, referrals, their history, what is known of others, and the default routing rules."""

import sqlalchemy as sa
from alembic import op

from shared.ddl import (
    create_audit_tables,
    create_messaging_tables,
    grant,
    run_script,
    wall,
)
from shared.reference.tables import rows

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "cases"
_ACTOR = "nullif(current_setting('app.actor', true), '')::uuid"
_FROM = "current_setting('app.area_from', true)"
_TO = "current_setting('app.area_to', true)"


def upgrade() -> None:
    create_messaging_tables(SCHEMA)
    create_audit_tables(SCHEMA)
    _cases_and_referrals()
    _known_of_others()
    _rules()


def downgrade() -> None:
    # It looks into referrals, so it would hold them.
    op.execute("drop policy api_scope on cases")
    for table in (
        "case_numbers",
        "routing_rules",
        "known_absences",
        "known_duties",
        "known_workers",
        "known_beneficiaries",
        "referral_steps",
        "referrals",
        "cases",
        "audit_seals",
        "audit_log",
        "idempotency_keys",
        "dead_letters",
        "inbox",
        "relay_state",
        "event_log",
    ):
        op.execute(f"drop table {table}")


def _cases_and_referrals() -> None:
    run_script(
        """
        create table cases (
            id uuid constraint pk_cases primary key,
            number text not null constraint uq_cases_number unique,
            beneficiary_id uuid not null,
            area text collate "C" not null,
            opened_by uuid not null,
            opened_at timestamptz not null,
            is_open boolean not null,
            closed_at timestamptz,
            close_reason text,
            version integer not null,
            constraint ck_cases_closed check (is_open = (closed_at is null))
        );
        create index ix_cases_beneficiary on cases (beneficiary_id);

        create table referrals (
            id uuid constraint pk_referrals primary key,
            case_id uuid not null constraint fk_referrals_case references cases (id),
            case_number text not null,
            beneficiary_id uuid not null,
            status text not null,
            version integer not null,
            pillar text not null,
            area text collate "C" not null,
            organisation_id uuid,
            worker_id uuid,
            holder_id uuid,
            sender_id uuid not null,
            sender_pillar text not null,
            sender_area text collate "C" not null,
            place text collate "C" not null,
            category text not null,
            situation text not null,
            urgency text not null,
            confidentiality text not null,
            need text not null,
            legal_basis text not null,
            rule_id text not null,
            reasons text[] not null,
            flags text[] not null,
            pool uuid[] not null,
            reply_limit interval not null,
            act_limit interval not null,
            close_limit interval not null,
            sent_at timestamptz not null,
            seen_at timestamptz,
            reply_by timestamptz,
            act_by timestamptz,
            close_by timestamptz,
            paused_at timestamptz,
            due_at timestamptz,
            constraint ck_referrals_status check (status in (
                'sent', 'accepted', 'in_progress', 'on_hold', 'completed', 'returned',
                'rerouted', 'recalled', 'cancelled', 'entered_in_error')),
            constraint ck_referrals_holder check (
                (holder_id is not null) or status not in ('accepted', 'in_progress', 'on_hold'))
        );
        create index ix_referrals_pool_due on referrals (pillar, area, due_at, id)
            where status = 'sent';
        create index ix_referrals_holder_due on referrals (holder_id, due_at, id)
            where status in ('accepted', 'in_progress', 'on_hold');
        create index ix_referrals_sender on referrals (sender_id, id);
        create index ix_referrals_case on referrals (case_id);

        create table referral_steps (
            referral_id uuid not null
                constraint fk_referral_steps_referral references referrals (id),
            version integer not null,
            verb text not null,
            status text not null,
            at timestamptz not null,
            occurred_at timestamptz not null,
            actor_id uuid not null,
            acting_pillar text not null,
            acting_area text collate "C" not null,
            note text,
            reason text,
            outcome text,
            service text,
            constraint pk_referral_steps primary key (referral_id, version)
        );

        create table case_numbers (
            regency text collate "C" not null,
            year integer not null,
            next integer not null,
            constraint pk_case_numbers primary key (regency, year)
        );
        """
    )
    grant(SCHEMA, "cases", api="select, insert, update", worker="select, insert, update")
    grant(SCHEMA, "referrals", api="select, insert, update", worker="select, insert, update")
    grant(SCHEMA, "referral_steps", api="select, insert", worker="select, insert")
    grant(SCHEMA, "case_numbers", api="select, insert, update", worker=None)
    # The policy of the application is the exact wall; this one is flat, so that it costs no join:
    # the caller's area on either end of the referral, or the caller's own name on it.
    wall(
        SCHEMA,
        "referrals",
        f"(area >= {_FROM} and area < {_TO})"
        f" or (sender_area >= {_FROM} and sender_area < {_TO})"
        f" or sender_id = {_ACTOR} or holder_id = {_ACTOR} or worker_id = {_ACTOR}",
    )
    wall(
        SCHEMA,
        "cases",
        f"(area >= {_FROM} and area < {_TO}) or opened_by = {_ACTOR}"
        " or exists (select from referrals where case_id = cases.id)",
    )
    # Found by its referral alone, so the look behind the other wall is one index probe.
    wall(
        SCHEMA,
        "referral_steps",
        "exists (select from referrals where referrals.id = referral_id)",
    )


def _known_of_others() -> None:
    run_script(
        """
        create table known_beneficiaries (
            beneficiary_id uuid constraint pk_known_beneficiaries primary key,
            version integer not null,
            area text collate "C" not null,
            confidentiality text not null,
            merged_into uuid
        );
        create table known_workers (
            worker_id uuid constraint pk_known_workers primary key,
            version integer not null,
            active boolean not null
        );
        create table known_duties (
            duty_id uuid constraint pk_known_duties primary key,
            worker_id uuid not null constraint fk_known_duties_worker
                references known_workers (worker_id) on delete cascade,
            pillar text not null,
            area text collate "C" not null,
            role text not null,
            organisation_id uuid,
            starts_on date not null,
            ends_on date
        );
        create index ix_known_duties_area on known_duties (area, pillar);
        create index ix_known_duties_worker on known_duties (worker_id);
        create table known_absences (
            worker_id uuid not null constraint fk_known_absences_worker
                references known_workers (worker_id) on delete cascade,
            starts_on date not null,
            ends_on date not null,
            stand_in_id uuid,
            constraint pk_known_absences primary key (worker_id, starts_on)
        );
        """
    )
    grant(
        SCHEMA,
        "known_beneficiaries",
        api="select, insert, update",
        worker="select, insert, update",
    )
    for table in ("known_workers", "known_duties", "known_absences"):
        grant(SCHEMA, table, api="select", worker="select, insert, update, delete")


def _rules() -> None:
    run_script(
        """
        create table routing_rules (
            id text not null,
            version integer not null,
            priority integer not null,
            category text not null,
            situation text not null,
            condition text not null,
            primary_pillar text not null,
            supporting_pillars text[] not null,
            external_services text[] not null,
            urgency text not null,
            confidentiality text not null,
            reply_minutes integer not null,
            act_hours integer not null,
            close_days integer not null,
            flags text[] not null,
            rationale text not null,
            valid_from timestamptz not null,
            valid_to timestamptz,
            constraint pk_routing_rules primary key (id, version)
        )
        """
    )
    grant(SCHEMA, "routing_rules", api="select", worker="select")
    insert = sa.text(
        """
        insert into routing_rules values (
            :rule_id, 1, :priority, :ppks_code, :situation_code, :condition, :primary_pillar,
            string_to_array(nullif(:supporting_pillars, ''), '|'),
            coalesce(string_to_array(nullif(:external_services, ''), '|'), '{}'),
            lower(:urgency), :confidentiality, :reply, :act, :close,
            coalesce(string_to_array(nullif(:mandatory_flags, ''), '|'), '{}'), :rationale, now()
        )
        """
    )
    for row in rows("routing_rules.csv"):
        op.execute(
            insert.bindparams(
                **{
                    name: row[name]
                    for name in (
                        "rule_id", "ppks_code", "situation_code", "condition", "primary_pillar",
                        "supporting_pillars", "external_services", "urgency", "confidentiality",
                        "mandatory_flags", "rationale",
                    )
                },
                priority=int(row["priority"]),
                reply=int(row["ack_sla_minutes"]),
                act=int(row["first_action_sla_hours"]),
                close=int(row["close_target_days"]),
            )
        )  # fmt: skip
