"""The first tables of registry."""

from alembic import op

from shared.ddl import (
    ACTOR,
    create_audit_tables,
    create_messaging_tables,
    drop_audit_tables,
    drop_messaging_tables,
    drop_tables,
    grant,
    in_range,
    wall,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "registry"

# One range of the area index and two equality looks, all on the row itself: a subquery on
# access_grants here would run for every row a list passes, and was measured 500 times as slow.
# granted_to repeats that table's open grants on the row, kept by the same transaction.
IN_SCOPE = f"""
    {in_range("area")}
    or registered_by = {ACTOR}
    or granted_to @> array[{ACTOR}]
"""
# The parts of a record are only ever read for one beneficiary, whose own wall applies inside.
PART_OF_VISIBLE = "exists (select from beneficiaries b where b.id = beneficiary_id)"

TABLES = (
    """
    create table beneficiaries (
        id uuid constraint pk_beneficiaries primary key,
        version integer not null constraint ck_beneficiaries_version check (version >= 1),
        kind text not null constraint ck_beneficiaries_kind
            check (kind in ('person', 'family', 'group', 'community')),
        name text not null constraint ck_beneficiaries_name check (name <> ''),
        name_key text collate "C" not null,
        sex text constraint ck_beneficiaries_sex check (sex in ('M', 'F')),
        birth_precision text,
        birth_year smallint,
        birth_on date,
        nik_sealed bytea,
        nik_absent_reason text constraint ck_beneficiaries_nik_absent_reason
            check (nik_absent_reason in ('none', 'unknown', 'refused', 'lost')),
        area text collate "C" not null constraint ck_beneficiaries_area check (length(area) = 13),
        address text,
        phone text,
        safe_contact boolean,
        categories text[] not null
            constraint ck_beneficiaries_categories check (cardinality(categories) > 0),
        confidentiality text not null constraint ck_beneficiaries_confidentiality
            check (confidentiality in ('C1', 'C2', 'C3')),
        registered_by uuid not null,
        granted_to uuid[] not null default '{}',
        registered_at timestamptz not null,
        changed_at timestamptz not null,
        constraint ck_beneficiaries_birth check (
            (birth_precision is null and birth_year is null and birth_on is null)
            or (birth_precision in ('year', 'age') and birth_year is not null
                and birth_on is null)
            or (birth_precision = 'day' and birth_on is not null
                and birth_year = extract(year from birth_on))
        ),
        constraint ck_beneficiaries_nik check (
            case kind when 'person' then num_nonnulls(nik_sealed, nik_absent_reason) = 1
                      else num_nonnulls(nik_sealed, nik_absent_reason, sex, birth_precision) = 0
            end
        )
    )
    """,
    "create index ix_beneficiaries_area on beneficiaries (area, id)",
    # A range of "C"-collated text, not LIKE and not trigrams: behind row-level security an index
    # serves leakproof operators only, and neither of those is.
    "create index ix_beneficiaries_name_key on beneficiaries (name_key, id)",
    "create index ix_beneficiaries_registered_by on beneficiaries (registered_by)",
    "create index ix_beneficiaries_granted_to on beneficiaries using gin (granted_to)",
    # No wall: a duplicate in another area must be found, and a keyed hash names nobody.
    # Not unique: a worker may decide that two records with one NIK are two people.
    """
    create table nik_index (
        blind_index bytea not null,
        beneficiary_id uuid not null constraint fk_nik_index_beneficiary_id
            references beneficiaries (id),
        constraint pk_nik_index primary key (blind_index, beneficiary_id)
    )
    """,
    "create index ix_nik_index_beneficiary_id on nik_index (beneficiary_id)",
    """
    create table category_periods (
        beneficiary_id uuid not null constraint fk_category_periods_beneficiary_id
            references beneficiaries (id),
        code text not null,
        given_at timestamptz not null,
        ended_at timestamptz,
        evidence text,
        given_by uuid not null,
        constraint pk_category_periods primary key (beneficiary_id, code, given_at),
        constraint ck_category_periods_order check (ended_at >= given_at)
    )
    """,
    """
    create unique index uq_category_periods_current on category_periods (beneficiary_id, code)
    where ended_at is null
    """,
    """
    create table legal_bases (
        id uuid constraint pk_legal_bases primary key,
        beneficiary_id uuid not null constraint fk_legal_bases_beneficiary_id
            references beneficiaries (id),
        basis text not null,
        text_version text,
        channel text constraint ck_legal_bases_channel
            check (channel in ('written', 'recorded', 'electronic')),
        at timestamptz not null,
        taken_by uuid not null
    )
    """,
    "create index ix_legal_bases_beneficiary_id on legal_bases (beneficiary_id)",
    # No foreign key here and below: an event must not fail for what it says of a record.
    # worker_id is null once the grant has ended; the row stays, so a late older event is known.
    """
    create table access_grants (
        referral_id uuid constraint pk_access_grants primary key,
        beneficiary_id uuid not null,
        worker_id uuid,
        version integer not null
    )
    """,
    "create index ix_access_grants_beneficiary_id on access_grants (beneficiary_id, worker_id)",
    """
    create table services_received (
        referral_id uuid constraint pk_services_received primary key,
        beneficiary_id uuid not null,
        outcome text not null,
        service text,
        confidentiality text not null,
        version integer not null,
        at timestamptz not null
    )
    """,
    "create index ix_services_received_beneficiary_id on services_received (beneficiary_id)",
    """
    create table nik_searches (
        actor_id uuid constraint pk_nik_searches primary key,
        window_started_at timestamptz not null,
        searches integer not null
    )
    """,
)


def upgrade() -> None:
    """Create everything."""
    create_messaging_tables(SCHEMA)
    create_audit_tables(SCHEMA)
    for statement in TABLES:
        op.execute(statement)
    grant(
        SCHEMA,
        "beneficiaries",
        api="select, insert, update (version, name, name_key, sex, birth_precision, birth_year, "
        "birth_on, area, address, phone, safe_contact, categories, confidentiality, changed_at)",
        worker="select, insert, update (granted_to)",
    )
    grant(SCHEMA, "nik_index", api="select, insert", worker="select, insert")
    grant(
        SCHEMA,
        "category_periods",
        api="select, insert, update (ended_at)",
        worker="select, insert",
    )
    grant(SCHEMA, "legal_bases", api="select, insert", worker="select, insert")
    grant(SCHEMA, "access_grants", api="select", worker="select, insert, update")
    grant(SCHEMA, "services_received", api="select", worker="select, insert, update")
    grant(SCHEMA, "nik_searches", api="select, insert, update", worker=None)
    wall(SCHEMA, "beneficiaries", IN_SCOPE)
    wall(SCHEMA, "access_grants", f"worker_id = {ACTOR}")
    for part in ("category_periods", "legal_bases", "services_received"):
        wall(SCHEMA, part, PART_OF_VISIBLE)


def downgrade() -> None:
    """Drop everything."""
    drop_tables(
        "nik_searches",
        "services_received",
        "access_grants",
        "legal_bases",
        "category_periods",
        "nik_index",
        "beneficiaries",
    )
    drop_audit_tables()
    drop_messaging_tables()
