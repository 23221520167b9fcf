"""Records that are one person, and pairs that are not."""

from alembic import op

from shared.ddl import api_role, drop_tables, grant, run_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "registry"

# No walls: the tables hold ids alone, and that two records are one, or are not, must be known
# whoever asks. remains_id repeats the end of the chain of open merges, and so does merged_into on
# the record itself, where lists and counts see it.
TABLES = """
    alter table beneficiaries add merged_into uuid
        constraint fk_beneficiaries_merged_into references beneficiaries (id)
        constraint ck_beneficiaries_merged_into check (merged_into <> id);
    create table merges (
        id uuid constraint pk_merges primary key,
        merged_id uuid not null
            constraint fk_merges_merged_id references beneficiaries (id),
        into_id uuid not null
            constraint fk_merges_into_id references beneficiaries (id),
        remains_id uuid not null
            constraint fk_merges_remains_id references beneficiaries (id),
        merged_by uuid not null,
        merged_at timestamptz not null,
        undone_by uuid,
        undone_at timestamptz,
        constraint ck_merges_undone check (num_nonnulls(undone_by, undone_at) in (0, 2)),
        constraint ck_merges_two check (merged_id <> into_id and merged_id <> remains_id)
    );
    create unique index uq_merges_merged_id on merges (merged_id) where undone_at is null;
    create index ix_merges_remains_id on merges (remains_id) where undone_at is null;
    create table different_people (
        one_id uuid constraint fk_different_people_one_id references beneficiaries (id),
        other_id uuid constraint fk_different_people_other_id references beneficiaries (id),
        said_by uuid not null,
        said_at timestamptz not null,
        constraint pk_different_people primary key (one_id, other_id),
        constraint ck_different_people_order check (one_id < other_id)
    );
    create index ix_different_people_other_id on different_people (other_id)
"""
# What a record received under the number of one that was merged into it belongs to it.
OF_WHAT_REMAINS = """
    exists (select from beneficiaries b where b.id = coalesce(
        (select m.remains_id from merges m
         where m.merged_id = beneficiary_id and m.undone_at is null), beneficiary_id))
"""
OF_VISIBLE = "exists (select from beneficiaries b where b.id = beneficiary_id)"


def upgrade() -> None:
    """Add both, and let services received follow a merge."""
    run_script(TABLES)
    op.execute(f"grant update (merged_into) on beneficiaries to {api_role(SCHEMA)}")
    grant(
        SCHEMA,
        "merges",
        api="select, insert, update (remains_id, undone_by, undone_at)",
        worker="select",
    )
    grant(SCHEMA, "different_people", api="select, insert", worker="select")
    op.execute(f"alter policy api_scope on services_received using ({OF_WHAT_REMAINS})")


def downgrade() -> None:
    """Forget both."""
    op.execute(f"alter policy api_scope on services_received using ({OF_VISIBLE})")
    drop_tables("different_people", "merges")
    op.execute("alter table beneficiaries drop merged_into")
