"""Look-alikes are found among a whole village, instead of by similar spelling in a kabupaten."""

from alembic import op

from shared.ddl import api_role, worker_role

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SCHEMA = "registry"

COLUMNS = """
    place bigint, beneficiary_id uuid, area text, sound text, sex text, birth_precision text,
    birth_year smallint, birth_on date, has_nik boolean, phone bytea
"""
# One digit of a year is ten; births further apart outweigh every name.
WITHIN_TEN = "and coalesce(m.birth_year between p.year_from - 10 and p.year_to + 10, true)"
# An estimated age may be years off: those may be of any year, as those of whom none is known.
KNOWN_YEAR = "case when birth_precision <> 'age' then birth_year end"
NEAREST = "left(m.area, 8) = left(p.area, 8)"
LIKEST = "similarity(m.sound, p.sound)"
# A list asks for a thousand at once, and a village may hold tens of thousands: whatever is asked,
# one statement looks at so many and comes to its end.
AT_MOST = "least(20000, 200000 / cardinality(kinds))"
SAME_DAY = f"""
    (select m.* from (
        select * from marks m
        where m.regency = left(p.area, 5) and m.birth_on = p.birth_on and m.kind = p.kind
        limit {AT_MOST}
     ) m
     where {LIKEST} >= 0.1 order by {NEAREST} desc, m.beneficiary_id limit 40)
"""
SAME_CONSONANTS = f"""
    (select m.* from (
        select * from marks m
        where m.regency = left(p.area, 5) and m.consonants = translate(p.sound, 'aiueohy ', '')
          and m.kind = p.kind {WITHIN_TEN}
        limit {AT_MOST}
     ) m
     order by {NEAREST} desc, m.beneficiary_id limit 40)
"""


def _of_village(birth: str) -> str:
    """Neighbours of such a birth, by how alike the names sound.

    Two with different NIK are one person only where name or day agree wholly: found above.
    """
    return f"""
    (select m.* from (
        select * from marks m
        where m.area = p.area and m.kind = p.kind
          and m.has_nik = any(case when p.has_nik then '{{f}}'::boolean[] else '{{f,t}}' end)
          and {birth}
        limit {AT_MOST}
     ) m
     where {LIKEST} >= 0.3 order by {LIKEST} desc, m.beneficiary_id limit 40)
    """


NEAR_YEAR = "known_year between p.year_from and p.year_to"
ALIKE = f"""
    create function alike_marks(
        kinds text[], areas text[], sounds text[], births date[], years_from smallint[],
        years_to smallint[], niks boolean[]
    )
    returns table ({COLUMNS})
    language sql stable security definer rows 1000
    set search_path = registry, public, pg_temp
    as $$
        select p.place, m.beneficiary_id, m.area, m.sound, m.sex, m.birth_precision, m.birth_year,
               m.birth_on, m.has_nik, m.phone
        from unnest(kinds, areas, sounds, births, years_from, years_to, niks)
            with ordinality as p (kind, area, sound, birth_on, year_from, year_to, has_nik, place)
        cross join lateral (
            {SAME_DAY} union all {SAME_CONSONANTS} union all {_of_village(NEAR_YEAR)}
            union all {_of_village("known_year is null")}
        ) m
    $$
"""
BEFORE = """
    (select m.* from marks m
     where m.regency = left(p.area, 5) and m.birth_on = p.birth_on and m.kind = p.kind
       and similarity(m.sound, p.sound) >= 0.1
     order by left(m.area, 8) = left(p.area, 8) desc, m.beneficiary_id limit 40)
    union all
    (select m.* from marks m
     where m.regency = left(p.area, 5) and m.kind = p.kind
       and m.consonants = translate(p.sound, 'aiueohy ', '')
     order by left(m.area, 8) = left(p.area, 8) desc, m.beneficiary_id limit 40)
    union all
    (select m.* from marks m
     where by_spelling and m.regency = left(p.area, 5) and m.kind = p.kind
       and m.sound % p.sound
     order by similarity(m.sound, p.sound) desc, m.beneficiary_id limit 40)
"""
ALIKE_BEFORE = f"""
    create function alike_marks(
        kinds text[], areas text[], sounds text[], births date[], by_spelling boolean
    )
    returns table ({COLUMNS})
    language sql stable security definer rows 1000
    set search_path = registry, public, pg_temp
    set pg_trgm.similarity_threshold = 0.35
    as $$
        select p.place, m.beneficiary_id, m.area, m.sound, m.sex, m.birth_precision, m.birth_year,
               m.birth_on, m.has_nik, m.phone
        from unnest(kinds, areas, sounds, births)
            with ordinality as p (kind, area, sound, birth_on, place)
        cross join lateral ({BEFORE}) m
    $$
"""
SIGNATURE = "alike_marks(text[], text[], text[], date[], smallint[], smallint[], boolean[])"
SIGNATURE_BEFORE = "alike_marks(text[], text[], text[], date[], boolean)"


def upgrade() -> None:
    """One more column and index, and one less: no query asks by the rules a mark was made by."""
    op.execute(f"drop function {SIGNATURE_BEFORE}")
    op.execute("drop index ix_marks_spelling")
    op.execute(
        f"alter table marks add known_year smallint generated always as ({KNOWN_YEAR}) stored"
    )
    op.execute("create index ix_marks_village on marks (area, kind, has_nik, known_year)")
    _create(ALIKE, SIGNATURE)


def downgrade() -> None:
    """Find by similar spelling again."""
    op.execute(f"drop function {SIGNATURE}")
    op.execute("alter table marks drop known_year")
    op.execute("create index ix_marks_spelling on marks (spelling)")
    _create(ALIKE_BEFORE, SIGNATURE_BEFORE)


def _create(function: str, signature: str) -> None:
    op.execute(function)
    op.execute(f"revoke all on function {signature} from public")
    op.execute(
        f"grant execute on function {signature} to {api_role(SCHEMA)}, {worker_role(SCHEMA)}"
    )
