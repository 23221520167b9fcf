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
SAME_DAY = """
    (select m.* from marks m
     where m.regency = left(p.area, 5) and m.birth_on = p.birth_on and m.kind = p.kind
       and similarity(m.sound, p.sound) >= 0.1
     order by left(m.area, 8) = left(p.area, 8) desc, m.beneficiary_id limit 40)
"""


def _consonants(more: str = "") -> str:
    return f"""
    (select m.* from marks m
     where m.regency = left(p.area, 5) and m.kind = p.kind
       and m.consonants = translate(p.sound, 'aiueohy ', '') {more}
     order by left(m.area, 8) = left(p.area, 8) desc, m.beneficiary_id limit 40)
    """


# One digit of a year is ten; births further apart speak against a person more than a name for them.
WITHIN_TEN = "and coalesce(abs(m.birth_year - p.birth_year) <= 10, true)"
SPELLING = """
    (select m.* from marks m
     where by_spelling and m.regency = left(p.area, 5) and m.kind = p.kind
       and m.sound % p.sound
     order by similarity(m.sound, p.sound) desc, m.beneficiary_id limit 40)
"""


def _of_village(birth: str) -> str:
    """Neighbours of such a birth, by how alike the names sound.

    Two with different NIK are one person only where name or day agree wholly: found above.
    """
    return f"""
    (select m.* from marks m
     where m.area = p.area and m.kind = p.kind
       and m.has_nik = any(case when p.has_nik then '{{f}}'::boolean[] else '{{f,t}}' end)
       and {birth} and similarity(m.sound, p.sound) >= 0.3
     order by similarity(m.sound, p.sound) desc, m.beneficiary_id limit 40)
    """


# Four years are how far an estimated age is off; of whom no birth is known may be of any.
NEAR_YEAR = """
    m.birth_year between coalesce(p.birth_year - 4, 0) and coalesce(p.birth_year + 4, 9999)
"""
ALIKE = f"""
    create function alike_marks(
        kinds text[], areas text[], sounds text[], births date[], years smallint[], niks boolean[]
    )
    returns table ({COLUMNS})
    language sql stable security definer rows 1000
    set search_path = registry, public, pg_temp
    as $$
        select p.place, m.beneficiary_id, m.area, m.sound, m.sex, m.birth_precision, m.birth_year,
               m.birth_on, m.has_nik, m.phone
        from unnest(kinds, areas, sounds, births, years, niks)
            with ordinality as p (kind, area, sound, birth_on, birth_year, has_nik, place)
        cross join lateral (
            {SAME_DAY} union all {_consonants(WITHIN_TEN)} union all {_of_village(NEAR_YEAR)}
            union all {_of_village("m.birth_year is null")}
        ) m
    $$
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
        cross join lateral ({SAME_DAY} union all {_consonants()} union all {SPELLING}) m
    $$
"""
SIGNATURE = "alike_marks(text[], text[], text[], date[], smallint[], boolean[])"
SIGNATURE_BEFORE = "alike_marks(text[], text[], text[], date[], boolean)"


def upgrade() -> None:
    """One more index, and one less: no query asks by the rules a mark was made by."""
    op.execute(f"drop function {SIGNATURE_BEFORE}")
    op.execute("drop index ix_marks_spelling")
    op.execute("create index ix_marks_village on marks (area, kind, has_nik, birth_year)")
    _create(ALIKE, SIGNATURE)


def downgrade() -> None:
    """Find by similar spelling again."""
    op.execute(f"drop function {SIGNATURE}")
    op.execute("drop index ix_marks_village")
    op.execute("create index ix_marks_spelling on marks (spelling)")
    _create(ALIKE_BEFORE, SIGNATURE_BEFORE)


def _create(function: str, signature: str) -> None:
    op.execute(function)
    op.execute(f"revoke all on function {signature} from public")
    op.execute(
        f"grant execute on function {signature} to {api_role(SCHEMA)}, {worker_role(SCHEMA)}"
    )
