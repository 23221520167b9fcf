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
# As subselects PostgreSQL asks for them once a statement and not once a row: counting the open
# referrals of a kabupaten takes half the time.
_ACTOR = "(select nullif(current_setting('app.actor', true), '')::uuid)"
_FROM = "(select current_setting('app.area_from', true))"
_TO = "(select current_setting('app.area_to', true))"


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
        "glass_grants",
        "planned_legs",
        "referral_steps",
        "referrals",
        "case_steps",
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
            phase text not null,
            is_open boolean not null,
            closed_at timestamptz,
            close_reason text,
            version integer not null,
            constraint ck_cases_closed check (is_open = (closed_at is null))
        );
        create index ix_cases_beneficiary on cases (beneficiary_id);
        create index ix_cases_open on cases (area, opened_at) where is_open;

        create table case_steps (
            case_id uuid not null constraint fk_case_steps_case references cases (id),
            version integer not null,
            verb text not null,
            phase text not null,
            at timestamptz not null,
            actor_id uuid,
            note text,
            reason text,
            constraint pk_case_steps primary key (case_id, version)
        );

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
            regency text collate "C" generated always as (left(area, 5)) stored,
            district text collate "C" generated always as (left(area, 8)) stored,
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
            working boolean not null,
            role text not null,
            attributes jsonb not null,
            reported_urgency text,
            service_id uuid,
            named uuid[] not null,
            rerouted_from uuid,
            sent_at timestamptz not null,
            seen_at timestamptz,
            replied_at timestamptz,
            ended_at timestamptz,
            escalation_level smallint not null,
            reply_by timestamptz,
            act_by timestamptz,
            close_by timestamptz,
            paused_at timestamptz,
            hold_until timestamptz,
            rung_until timestamptz,
            due_at timestamptz,
            alarm_at timestamptz,
            calm boolean generated always as (escalation_level = 0) stored,
            names_more boolean generated always as (cardinality(named) > 0) stored,
            due_key timestamptz
                generated always as (coalesce(due_at, 'infinity'::timestamptz)) stored,
            constraint ck_referrals_status check (status in (
                'sent', 'accepted', 'in_progress', 'on_hold', 'completed', 'returned',
                'rerouted', 'recalled', 'cancelled', 'entered_in_error')),
            constraint ck_referrals_holder check (
                (holder_id is not null) or status not in ('accepted', 'in_progress', 'on_hold'))
        );
        create index ix_referrals_pool on referrals (pillar, district, due_key, id)
            where status = 'sent' and worker_id is null and service_id is null;
        create index ix_referrals_by_name on referrals (worker_id, due_key, id)
            where status = 'sent' and worker_id is not null;
        create index ix_referrals_held on referrals (holder_id, due_key, id)
            where status in ('accepted', 'in_progress', 'on_hold');
        create index ix_referrals_back on referrals (sender_id, due_key, id)
            where status = 'returned' or (status = 'sent' and service_id is not null);
        create index ix_referrals_open on referrals (regency, pillar, calm, due_key, id)
            include (area, sender_area, sender_id, holder_id, worker_id, named, organisation_id,
                     service_id, confidentiality, status, urgency, sent_at, case_id)
            where status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned');
        create index ix_referrals_named on referrals (calm, due_key, id)
            include (area, sender_area, sender_id, holder_id, worker_id, named, pillar, status)
            where names_more
              and status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned');
        create index ix_referrals_replied on referrals (regency, replied_at)
            include (area, sender_area, sender_id, holder_id, worker_id, named, organisation_id,
                     pillar, urgency, sent_at)
            where replied_at is not null;
        create index ix_referrals_completed on referrals (regency, ended_at)
            include (area, sender_area, sender_id, holder_id, worker_id, named, organisation_id,
                     pillar, urgency, sent_at)
            where status = 'completed';
        create index ix_referrals_alarm on referrals (alarm_at) where alarm_at is not null;
        create index ix_referrals_sender on referrals (sender_id, id);
        create index ix_referrals_case on referrals (case_id);
        create index ix_referrals_place on referrals (place, sent_at);

        create table referral_steps (
            referral_id uuid not null
                constraint fk_referral_steps_referral references referrals (id),
            version integer not null,
            verb text not null,
            status text not null,
            at timestamptz not null,
            occurred_at timestamptz not null,
            actor_id uuid,
            acting_pillar text,
            acting_area text collate "C",
            note text,
            reason text,
            outcome text,
            service text,
            subject_id uuid,
            constraint pk_referral_steps primary key (referral_id, version)
        );

        create table planned_legs (
            id uuid constraint pk_planned_legs primary key,
            case_id uuid not null constraint fk_planned_legs_case references cases (id),
            after_id uuid not null constraint fk_planned_legs_after references referrals (id),
            pillar text not null,
            area text collate "C" not null,
            planned_by uuid not null,
            planned_at timestamptz not null,
            referral_id uuid,
            dropped_at timestamptz
        );
        create index ix_planned_legs_after on planned_legs (after_id)
            where referral_id is null and dropped_at is null;
        create index ix_planned_legs_case on planned_legs (case_id);

        create table glass_grants (
            referral_id uuid not null
                constraint fk_glass_grants_referral references referrals (id),
            worker_id uuid not null,
            reason text not null,
            at timestamptz not null,
            until timestamptz not null,
            told uuid[] not null,
            constraint pk_glass_grants primary key (referral_id, worker_id)
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
    grant(SCHEMA, "case_steps", api="select, insert", worker="select, insert")
    grant(SCHEMA, "planned_legs", api="select, insert, update", worker="select, insert, update")
    grant(SCHEMA, "glass_grants", api="select, insert, update", worker="select")
    grant(SCHEMA, "case_numbers", api="select, insert, update", worker="select, insert, update")
    # The policy of the application is the exact wall; this one is flat, so that it costs no join:
    # the caller's area on either end of the referral, or the caller's own name on it.
    wall(
        SCHEMA,
        "referrals",
        f"(area >= {_FROM} and area < {_TO})"
        f" or (sender_area >= {_FROM} and sender_area < {_TO})"
        f" or sender_id = {_ACTOR} or holder_id = {_ACTOR} or worker_id = {_ACTOR}"
        f" or {_ACTOR} = any(named)",
    )
    wall(
        SCHEMA,
        "cases",
        f"(area >= {_FROM} and area < {_TO}) or opened_by = {_ACTOR}"
        " or exists (select from referrals where case_id = cases.id)",
    )
    # Found by its referral alone, so the look behind the other wall is one index probe.
    for table in ("referral_steps", "glass_grants"):
        wall(SCHEMA, table, "exists (select from referrals where referrals.id = referral_id)")
    for table in ("case_steps", "planned_legs"):
        wall(SCHEMA, table, "exists (select from cases where cases.id = case_id)")


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
            area text collate "C" not null,
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
            working boolean not null,
            flags text[] not null,
            rationale text not null,
            retired boolean not null,
            author_id uuid,
            valid_from timestamptz not null,
            valid_to timestamptz,
            constraint pk_routing_rules primary key (id, area, version)
        )
        """
    )
    # A version of a rule is never changed, only ended.
    grant(SCHEMA, "routing_rules", api="select, insert, update (valid_to)", worker="select")
    insert = sa.text(
        """
        insert into routing_rules values (
            :rule_id, '', 1, :priority, :ppks_code, :situation_code, :condition, :primary_pillar,
            string_to_array(nullif(:supporting_pillars, ''), '|'),
            coalesce(string_to_array(nullif(:external_services, ''), '|'), '{}'),
            lower(:urgency), :confidentiality, :reply, :act, :close,
            :urgency in ('NORMAL', 'LOW'),
            coalesce(string_to_array(nullif(:mandatory_flags, ''), '|'), '{}'), :rationale,
            false, null, now()
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
