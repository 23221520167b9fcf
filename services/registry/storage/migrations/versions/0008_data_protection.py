"""Grounds per purpose with their withdrawal, requests of people, restriction and anonymising."""

from alembic import op

from shared.ddl import ACTOR, drop_tables, grant, in_range, run_script, wall

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "registry"

GROUNDS = """
    alter table legal_bases
        add column purpose text not null default 'service' constraint ck_legal_bases_purpose
            check (purpose in ('service', 'sharing', 'documentation')),
        add column guardian text,
        add column withdrawn_at timestamptz,
        add column withdrawn_by uuid,
        add column stops_at timestamptz,
        add column stopped_at timestamptz,
        add constraint ck_legal_bases_withdrawal check (
            num_nonnulls(withdrawn_at, withdrawn_by, stops_at) in (0, 3)
            and (stopped_at is null or stops_at is not null));
    create index ix_legal_bases_stops_at on legal_bases (stops_at)
        where stops_at is not null and stopped_at is null
"""
# The day of the next look at a record's retention is no promise about it: each look counts from
# what happened last. A year is the shortest period there is, so no record waits too long.
RECORDS = """
    alter table beneficiaries
        add column restricted_at timestamptz,
        add column erase_at timestamptz,
        add column anonymised_at timestamptz,
        add column review_on date not null default (current_date + 365);
    alter table beneficiaries drop constraint ck_beneficiaries_nik;
    alter table beneficiaries add constraint ck_beneficiaries_nik check (
        anonymised_at is not null
        or case kind when 'person' then num_nonnulls(nik_sealed, nik_absent_reason) = 1
                     else num_nonnulls(nik_sealed, nik_absent_reason, sex, birth_precision) = 0
           end);
    alter table beneficiaries add constraint ck_beneficiaries_anonymised check (
        anonymised_at is null
        or num_nonnulls(nik_sealed, nik_absent_reason, birth_on, address, phone, safe_contact,
                        erase_at) = 0);
    create index ix_beneficiaries_review_on on beneficiaries (review_on)
        where anonymised_at is null;
    create index ix_beneficiaries_erase_at on beneficiaries (erase_at)
        where erase_at is not null
"""
REQUESTS = """
    create table requests (
        id uuid constraint pk_requests primary key,
        kind text not null constraint ck_requests_kind check (kind in (
            'access', 'correction', 'withdrawal', 'restriction', 'erasure', 'breach')),
        beneficiary_id uuid constraint fk_requests_beneficiary_id references beneficiaries (id),
        legal_basis_id uuid constraint fk_requests_legal_basis_id references legal_bases (id),
        area text collate "C" not null,
        state text not null constraint ck_requests_state
            check (state in ('open', 'done', 'refused')),
        words text,
        taken_by uuid not null,
        received_at timestamptz not null,
        due_at timestamptz not null,
        reminded_at timestamptz,
        handled_by uuid,
        handled_at timestamptz,
        refusal text constraint ck_requests_refusal
            check (refusal in ('safety', 'legal_duty', 'not_the_person')),
        answer text,
        constraint ck_requests_about check (
            (kind = 'breach') = (beneficiary_id is null)
            and (kind = 'withdrawal') = (legal_basis_id is not null)),
        constraint ck_requests_handled check (
            (state = 'open') = (handled_at is null)
            and (state = 'refused') = (refusal is not null))
    );
    create index ix_requests_open on requests (due_at, id) where state = 'open';
    create index ix_requests_beneficiary_id on requests (beneficiary_id);
    create index ix_requests_taken_by on requests (taken_by)
"""
# Without a wall: the role of the API has no rights on them at all.
OFFICERS = """
    create table known_officers (
        worker_id uuid constraint pk_known_officers primary key,
        version integer not null,
        active boolean not null
    );
    create table officer_duties (
        duty_id uuid constraint pk_officer_duties primary key,
        worker_id uuid not null constraint fk_officer_duties_worker_id
            references known_officers (worker_id) on delete cascade,
        area text collate "C" not null,
        role text not null,
        starts_on date not null,
        ends_on date
    );
    create index ix_officer_duties_area on officer_duties (area);
    create index ix_officer_duties_worker_id on officer_duties (worker_id)
"""
# Of referrals known before, those that somebody holds are open for certain.
GRANTS = """
    alter table access_grants add column is_open boolean not null default false;
    update access_grants set is_open = worker_id is not null
"""
OLD_NIK = """
    alter table beneficiaries drop constraint ck_beneficiaries_nik;
    alter table beneficiaries add constraint ck_beneficiaries_nik check (
        case kind when 'person' then num_nonnulls(nik_sealed, nik_absent_reason) = 1
                  else num_nonnulls(nik_sealed, nik_absent_reason, sex, birth_precision) = 0
        end) not valid
"""
PERSONAL = (
    "version, name, name_key, birth_precision, birth_on, nik_sealed, nik_absent_reason, address, "
    "phone, safe_contact, restricted_at, erase_at, anonymised_at, review_on, changed_at"
)


def upgrade() -> None:
    """Create the table and columns, and let each role do its part."""
    run_script(GROUNDS)
    run_script(RECORDS)
    run_script(REQUESTS)
    run_script(GRANTS)
    run_script(OFFICERS)
    grant(
        SCHEMA,
        "legal_bases",
        api="update (withdrawn_at, withdrawn_by, stops_at)",
        worker="update (stopped_at, guardian)",
    )
    grant(
        SCHEMA,
        "beneficiaries",
        api="update (restricted_at, erase_at)",
        worker=f"update ({PERSONAL})",
    )
    grant(SCHEMA, "category_periods", api=None, worker="update (evidence)")
    for table in ("nik_index", "family_cards", "kk_index", "family_members"):
        grant(SCHEMA, table, api=None, worker="delete")
    # Who is restricted is no longer found by how the name sounds.
    grant(SCHEMA, "marks", api="delete", worker=None)
    grant(
        SCHEMA,
        "requests",
        api="select, insert, update (state, handled_by, handled_at, refusal, answer)",
        worker="select, insert, update",
    )
    for table in ("known_officers", "officer_duties"):
        grant(SCHEMA, table, api=None, worker="select, insert, update, delete")
    wall(SCHEMA, "requests", f"{in_range('area')} or taken_by = {ACTOR}")


def downgrade() -> None:
    """Drop them; what was anonymised stays so."""
    op.execute(f"revoke delete on marks from sinergi_{SCHEMA}")
    for table in ("nik_index", "family_cards", "kk_index", "family_members"):
        op.execute(f"revoke delete on {table} from sinergi_{SCHEMA}_worker")
    op.execute(f"revoke update (evidence) on category_periods from sinergi_{SCHEMA}_worker")
    kept = PERSONAL.replace(", restricted_at, erase_at, anonymised_at, review_on", "")
    op.execute(f"revoke update ({kept}) on beneficiaries from sinergi_{SCHEMA}_worker")
    drop_tables("officer_duties", "known_officers", "requests")
    op.execute("alter table access_grants drop column is_open")
    op.execute("alter table beneficiaries drop constraint ck_beneficiaries_anonymised")
    run_script(OLD_NIK)
    op.execute(
        "alter table beneficiaries drop column restricted_at, drop column erase_at, "
        "drop column anonymised_at, drop column review_on"
    )
    op.execute("alter table legal_bases drop constraint ck_legal_bases_withdrawal")
    op.execute(
        "alter table legal_bases drop column purpose, drop column guardian, "
        "drop column withdrawn_at, drop column withdrawn_by, drop column stops_at, "
        "drop column stopped_at"
    )
