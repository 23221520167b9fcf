"""Families with their cards and members, dated categories, and versions of the index key."""

from alembic import op

from shared.ddl import drop_tables, grant, run_script, wall

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "registry"

PARTICULARS = """
    alter table beneficiaries
        add column aliases text[] not null default '{}',
        add column disabilities text[] not null default '{}'
            constraint ck_beneficiaries_disabilities
            check (disabilities <@ array['physical', 'intellectual', 'mental', 'sensory']),
        add column latitude double precision,
        add column longitude double precision,
        add column size integer constraint ck_beneficiaries_size
            check (size is null or size > 0 and kind in ('group', 'community')),
        add constraint ck_beneficiaries_point check (
            num_nonnulls(latitude, longitude) in (0, 2)
            and latitude between -11.1 and 6.3 and longitude between 94.9 and 141.1
        ),
        add constraint ck_beneficiaries_personal check (
            kind = 'person' or cardinality(aliases) + cardinality(disabilities) = 0
        ),
        drop constraint ck_beneficiaries_categories
"""
# A date is null where the day of the record is the best that is known.
CATEGORIES = """
    alter table category_periods
        add column since date,
        add column until date,
        add column verified_by uuid,
        add column verified_at timestamptz,
        add column ended_by uuid,
        add column end_reason text constraint ck_category_periods_end_reason
            check (end_reason in ('no_longer', 'other_category', 'mistaken', 'moved', 'died')),
        add constraint ck_category_periods_dates check (until >= since),
        add constraint ck_category_periods_verified check
            (num_nonnulls(verified_by, verified_at) in (0, 2)),
        add constraint ck_category_periods_ended check
            (ended_at is not null or num_nonnulls(until, ended_by, end_reason) = 0)
"""
TABLES = """
    create table family_cards (
        beneficiary_id uuid constraint pk_family_cards primary key
            constraint fk_family_cards_beneficiary_id references beneficiaries (id),
        kk_sealed bytea not null
    );
    create table kk_index (
        blind_index bytea not null,
        beneficiary_id uuid not null constraint fk_kk_index_beneficiary_id
            references beneficiaries (id),
        constraint pk_kk_index primary key (blind_index, beneficiary_id)
    );
    create index ix_kk_index_beneficiary_id on kk_index (beneficiary_id);
    create table family_members (
        id uuid constraint pk_family_members primary key,
        family_id uuid not null constraint fk_family_members_family_id
            references beneficiaries (id),
        person_id uuid not null constraint fk_family_members_person_id
            references beneficiaries (id),
        relation text not null,
        joined_on date,
        left_on date,
        added_at timestamptz not null,
        added_by uuid not null,
        removed_at timestamptz,
        removed_by uuid,
        constraint ck_family_members_self check (family_id <> person_id),
        constraint ck_family_members_days check (left_on >= joined_on),
        constraint ck_family_members_removed check
            (num_nonnulls(left_on, removed_at, removed_by) in (0, 3))
    );
    create unique index uq_family_members_current on family_members (family_id, person_id)
        where removed_at is null;
    create unique index uq_family_members_head on family_members (family_id)
        where removed_at is null and relation = 'head';
    create index ix_family_members_person_id on family_members (person_id)
"""
# What was marked before, was marked by the first key.
VERSIONED = (
    r"update nik_index set blind_index = '\x01'::bytea || blind_index",
    r"update marks set phone = '\x01'::bytea || phone where phone is not null",
)
UNVERSIONED = (
    "update nik_index set blind_index = substring(blind_index from 2)",
    "update marks set phone = substring(phone from 2) where phone is not null",
)


def upgrade() -> None:
    """Create what is new; old hashes get the version of their key."""
    run_script(PARTICULARS)
    run_script(CATEGORIES)
    run_script(TABLES)
    for statement in VERSIONED:
        op.execute(statement)
    particulars = "aliases, disabilities, latitude, longitude, size"
    grant(
        SCHEMA,
        "beneficiaries",
        api=f"update ({particulars})",
        worker=f"update ({particulars}, nik_sealed)",
    )
    grant(
        SCHEMA,
        "category_periods",
        api="update (evidence, since, until, verified_by, verified_at, ended_by, end_reason)",
        worker=None,
    )
    grant(SCHEMA, "nik_index", api=None, worker="update (blind_index)")
    grant(
        SCHEMA,
        "family_cards",
        api="select, insert, update (kk_sealed), delete",
        worker="select, insert, update (kk_sealed)",
    )
    # No wall, like that of NIKs: a keyed hash names nobody.
    grant(
        SCHEMA,
        "kk_index",
        api="select, insert, delete",
        worker="select, insert, update (blind_index)",
    )
    grant(
        SCHEMA,
        "family_members",
        api="select, insert, update (left_on, removed_at, removed_by)",
        worker="select",
    )
    visible = "exists (select from beneficiaries b where b.id = {})"
    wall(SCHEMA, "family_cards", visible.format("beneficiary_id"))
    wall(
        SCHEMA,
        "family_members",
        f"{visible.format('family_id')} and {visible.format('person_id')}",
    )


def downgrade() -> None:
    """Undo it; a record without any category needs one first."""
    drop_tables("family_members", "kk_index", "family_cards")
    for statement in UNVERSIONED:
        op.execute(statement)
    op.execute(
        """
        alter table category_periods
            drop column since, drop column until, drop column verified_by,
            drop column verified_at, drop column ended_by, drop column end_reason
        """
    )
    op.execute(
        """
        alter table beneficiaries
            drop constraint ck_beneficiaries_personal,
            drop column aliases, drop column disabilities, drop column latitude,
            drop column longitude, drop column size,
            add constraint ck_beneficiaries_categories check (cardinality(categories) > 0)
            not valid
        """
    )
    op.execute("revoke update (nik_sealed) on beneficiaries from sinergi_registry_worker")
    op.execute("revoke update (blind_index) on nik_index from sinergi_registry_worker")
