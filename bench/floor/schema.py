"""The tables of the bare floor: same columns, indexes and references.

No row-level security, no partitions and no triggers: what these cost is part of ours.
"""

import asyncpg

_SQL = """
drop schema if exists floor cascade;
create schema floor;
create table floor.cases (like cases.cases including all);
create table floor.case_steps (like cases.case_steps including all);
create table floor.referrals (like cases.referrals including all);
create table floor.referral_steps (like cases.referral_steps including all);
alter table floor.case_steps add foreign key (case_id) references floor.cases;
alter table floor.referrals add foreign key (case_id) references floor.cases;
alter table floor.referral_steps add foreign key (referral_id) references floor.referrals;
create table floor.event_log (
    seq bigint generated always as identity primary key,
    id uuid not null, type text not null, subject uuid not null, version int not null,
    time timestamptz not null, data bytea not null, published_at timestamptz,
    unique (subject, version));
create index on floor.event_log (seq) where published_at is null;
create table floor.idempotency_keys (like cases.idempotency_keys including all);
create table floor.inbox (like notifications.inbox including all);
create table floor.known_beneficiaries (like cases.known_beneficiaries including all);
create table floor.known_workers (like notifications.known_workers including all);
create table floor.referral_view (like notifications.referral_view including all);
create table floor.notices (like notifications.notices including all);
create table floor.deliveries (like notifications.deliveries including all);
create table floor.stream_rows (like notifications.stream_rows including all);
"""


async def make(owner_url: str) -> None:
    """Create the floor's schema anew."""
    connection = await asyncpg.connect(owner_url)
    await connection.execute(_SQL)
    await connection.close()
