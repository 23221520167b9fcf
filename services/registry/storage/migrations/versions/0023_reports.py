"""What other systems tell of somebody waits for a worker, and those who work there hear of it."""

from shared.ddl import ACTOR, drop_tables, grant, in_range, run_script, wall

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SCHEMA = "registry"

REPORTS = """
    create table reports (
        id uuid constraint pk_reports primary key,
        key uuid not null,
        source text not null,
        filed_by uuid not null,
        area text collate "C" not null,
        confidentiality text not null constraint ck_reports_confidentiality
            check (confidentiality in ('C1', 'C2', 'C3')),
        said_sealed bytea,
        state text not null constraint ck_reports_state
            check (state in ('open', 'settled', 'refused')),
        received_at timestamptz not null,
        announced_at timestamptz,
        settled_at timestamptz,
        settled_by uuid,
        beneficiary_id uuid constraint fk_reports_beneficiary_id references beneficiaries (id),
        refusal text constraint ck_reports_refusal
            check (refusal in ('already_recorded', 'not_found', 'not_in_need', 'elsewhere',
                               'mistaken')),
        constraint uq_reports_key unique (key),
        constraint ck_reports_settled check (
            (state = 'open') = (said_sealed is not null)
            and num_nonnulls(settled_at, settled_by) = case state when 'open' then 0 else 2 end
            and (state = 'settled' or beneficiary_id is null)
            and (state = 'refused') = (refusal is not null))
    );
    create index ix_reports_open on reports (area, id) where state = 'open';
    create index ix_reports_unannounced on reports (id) where announced_at is null;
    create index ix_reports_beneficiary_id on reports (beneficiary_id)
"""
# Until now those who answer for personal data alone. What was passed over of the others comes
# with the next that directory says of them; until then their Dinsos hears of reports.
WORKERS = """
    alter table known_officers rename to known_workers;
    alter table known_workers rename constraint pk_known_officers to pk_known_workers;
    alter table officer_duties rename to worker_duties;
    alter table worker_duties rename constraint pk_officer_duties to pk_worker_duties;
    alter table worker_duties rename constraint fk_officer_duties_worker_id
        to fk_worker_duties_worker_id;
    alter index ix_officer_duties_area rename to ix_worker_duties_area;
    alter index ix_officer_duties_worker_id rename to ix_worker_duties_worker_id;
    alter table worker_duties add column pillar text;
    update worker_duties set pillar = 'DINSOS' where pillar is null;
    alter table worker_duties alter column pillar set not null;
    alter table known_workers
        add column absent_from date[] not null default '{}',
        add column absent_to date[] not null default '{}',
        add column stand_ins uuid[] not null default '{}'
"""
OFFICERS = """
    delete from worker_duties where role not in ('data_protection', 'dinsos');
    alter table worker_duties drop column pillar;
    alter table known_workers
        drop column absent_from, drop column absent_to, drop column stand_ins;
    alter index ix_worker_duties_worker_id rename to ix_officer_duties_worker_id;
    alter index ix_worker_duties_area rename to ix_officer_duties_area;
    alter table worker_duties rename constraint fk_worker_duties_worker_id
        to fk_officer_duties_worker_id;
    alter table worker_duties rename constraint pk_worker_duties to pk_officer_duties;
    alter table worker_duties rename to officer_duties;
    alter table known_workers rename constraint pk_known_workers to pk_known_officers;
    alter table known_workers rename to known_officers
"""


def upgrade() -> None:
    """Create the table, and know all workers."""
    run_script(REPORTS)
    run_script(WORKERS)
    grant(
        SCHEMA,
        "reports",
        api="select, insert, update (said_sealed, state, settled_at, settled_by, beneficiary_id, "
        "refusal)",
        worker="select, insert, update",
    )
    wall(SCHEMA, "reports", f"{in_range('area')} or filed_by = {ACTOR}")


def downgrade() -> None:
    """Drop it, and know officers alone."""
    drop_tables("reports")
    run_script(OFFICERS)
