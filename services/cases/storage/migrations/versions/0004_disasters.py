"""Disasters, their sites, the families taken in there, and head counts in time."""

from shared.ddl import ACTOR, AREA_FROM, drop_tables, grant, in_range, run_script, wall

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "cases"
_HEADS = """
    male integer not null,
    female integer not null,
    children integer not null,
    elders integer not null,
    disabled integer not null
"""


def upgrade() -> None:
    run_script(
        f"""
        create table disasters (
            id uuid constraint pk_disasters primary key,
            name text not null,
            situation text not null,
            category text not null,
            area text collate "C" not null,
            started_at timestamptz not null,
            declared_by uuid not null,
            declared_at timestamptz not null,
            closed_at timestamptz,
            closed_by uuid
        );
        create table disaster_sites (
            id uuid constraint pk_disaster_sites primary key,
            disaster_id uuid not null
                constraint fk_disaster_sites_disaster references disasters (id),
            name text not null,
            area text collate "C" not null,
            kind text not null,
            capacity integer,
            added_by uuid not null,
            added_at timestamptz not null
        );
        create index ix_disaster_sites_disaster on disaster_sites (disaster_id);
        create table disaster_intakes (
            recorded_by uuid not null,
            key uuid not null,
            disaster_id uuid not null
                constraint fk_disaster_intakes_disaster references disasters (id),
            site_id uuid not null
                constraint fk_disaster_intakes_site references disaster_sites (id),
            area text collate "C" not null,
            beneficiary_id uuid not null,
            case_id uuid not null constraint fk_disaster_intakes_case references cases (id),
            {_HEADS},
            occurred_at timestamptz not null,
            recorded_at timestamptz not null,
            constraint pk_disaster_intakes primary key (recorded_by, key)
        );
        create index ix_disaster_intakes_disaster on disaster_intakes (disaster_id, site_id);
        create index ix_disaster_intakes_beneficiary on disaster_intakes (beneficiary_id);
        create table site_head_counts (
            site_id uuid not null
                constraint fk_site_head_counts_site references disaster_sites (id),
            id uuid not null,
            at timestamptz not null,
            {_HEADS},
            counted_by uuid not null,
            recorded_at timestamptz not null,
            constraint pk_site_head_counts primary key (site_id, id)
        );
        """
    )
    grant(SCHEMA, "disasters", api="select, insert", worker="select")
    grant(SCHEMA, "disasters", api="update (closed_at, closed_by)", worker=None)
    for table in ("disaster_sites", "disaster_intakes", "site_head_counts"):
        grant(SCHEMA, table, api="select, insert", worker="select")
    # A disaster is wider than most of those who work in it, and says nothing of a person.
    for table in ("disasters", "disaster_sites", "site_head_counts"):
        wall(SCHEMA, table, f"{AREA_FROM} <> ''")
    wall(SCHEMA, "disaster_intakes", f"{in_range('area')} or recorded_by = {ACTOR}")


def downgrade() -> None:
    drop_tables("site_head_counts", "disaster_intakes", "disaster_sites", "disasters")
