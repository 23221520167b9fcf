"""Marks: what look-alikes are found by, kept beside each record and read by nobody directly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from services.registry.domain.beneficiary import Particulars
from services.registry.domain.birth import Birth, Precision
from services.registry.domain.likeness import Likeness, Traits, likeness, years_of
from services.registry.domain.lookalike import Lookalike, similar
from services.registry.domain.sex import Sex
from services.registry.domain.sounds import sounds_of
from services.registry.storage import alias_marks, different, merges
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.standing import known_by_name
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind
from shared.database import Tx
from shared.reference.areas import label_of

SPELLING: Final = 2
"""Which rules of `domain/sounds.py` a mark was made by; raise it with them."""
SHOWN: Final = 10
"""How many look-alikes of one record are told."""
FIRST: Final = UUID(int=0)
"""Lies before the id of every record."""
_LAST: Final = UUID(int=2**128 - 1)
LOOKED_AT: Final = 2_000
"""How many records one transaction goes through for those without a mark."""
_ALIKE_SQL: Final = """
    select * from alike_marks(
        $1::text[], $2::text[], $3::text[], $4::date[], $5::smallint[], $6::smallint[], $7::bool[]
    )
"""
_CARDS_SQL: Final = "select person_id, cards from cards_of($1::uuid[])"
_ON_CARDS_SQL: Final = "select * from marks_on($1::bytea[])"
_NEXT_SQL: Final = "select id from beneficiaries where id > $1 order by id offset $2 - 1 limit 1"
_UNMARKED_SQL: Final = """
    select b.id, b.kind, b.name, b.aliases, b.area, b.sex, b.birth_precision, b.birth_year,
           b.birth_on, b.nik_sealed is not null as has_nik, b.phone
    from beneficiaries b left join marks m on m.beneficiary_id = b.id
    where b.id > $1 and b.id <= $2 and m.spelling is distinct from $3
      and b.restricted_at is null and b.anonymised_at is null
    for update of b skip locked
"""
_MARK_SQL: Final = """
    insert into marks (beneficiary_id, spelling, kind, regency, area, sound, sex, birth_precision,
                       birth_year, birth_on, has_nik, phone)
    select id, $11::smallint, kind, left(area, 5), area, sound, sex, birth_precision, birth_year,
           birth_on, has_nik, phone
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                $7::smallint[], $8::date[], $9::bool[], $10::bytea[]) as m
        (id, kind, area, sound, sex, birth_precision, birth_year, birth_on, has_nik, phone)
    on conflict (beneficiary_id) do update
    set spelling = excluded.spelling, sound = excluded.sound
"""


@dataclass(frozen=True, slots=True)
class Probe:
    """Somebody looked for among the registered, as far as records are compared."""

    kind: BeneficiaryKind
    traits: Traits
    id: UUID | None = None
    """Its own, when it is registered already."""

    @property
    def sound_text(self) -> str:
        """How its name sounds, as the index holds it."""
        return " ".join(self.traits.sounds)


def probe_of(
    vault: NikVault,
    kind: BeneficiaryKind,
    said: Particulars,
    *,
    has_nik: bool,
    beneficiary_id: UUID | None = None,
    cards: Iterable[bytes] = (),
) -> Probe:
    """What is compared of these particulars; `cards` are those a person is said to stand on."""
    return Probe(
        kind,
        id=beneficiary_id,
        traits=Traits(
            sounds=sounds_of(said.name),
            area=said.area,
            sex=said.sex,
            birth=said.birth,
            has_nik=has_nik,
            phone=vault.phone_mark(said.phone),
            cards=frozenset(cards),
        ),
    )


def sound_text(name: str) -> str:
    """How a name sounds, as the index holds it."""
    return " ".join(sounds_of(name))


async def alike(tx: Tx, probes: Sequence[Probe]) -> list[dict[UUID, Likeness]]:
    """Those of the whole kabupaten who look much like each of these, in anybody's area.

    Found by equal day of birth, equal consonants, one family card, and in the village by a birth
    near enough; the more are asked for at once, the fewer are looked at for each. A record that
    was merged answers with the one that remains; a pair that was said to be two people is left out.
    """
    if not probes:
        return []
    births = [probe.traits.birth for probe in probes]
    rows = await tx.fetch(
        _ALIKE_SQL,
        [probe.kind for probe in probes],
        [probe.traits.area for probe in probes],
        [probe.sound_text for probe in probes],
        [birth.on if birth else None for birth in births],
        *zip(*map(years_of, births), strict=True),
        [probe.traits.has_nik for probe in probes],
    )
    candidates = {(row["place"] - 1, row["beneficiary_id"]): row for row in rows}
    traits = await _with_cards(tx, probes)
    held = await _on_their_cards(tx, traits, candidates)
    shown = [
        (place, marked, how)
        for (place, marked), row in candidates.items()
        if (how := likeness(traits[place], _traits(row, held.get(marked)))).is_shown
    ]
    remaining = await merges.remaining(tx, {one for _, one, _ in shown}) if shown else {}
    apart = await different.known(tx, [probe.id for probe in probes if probe.id])
    found: list[dict[UUID, Likeness]] = [{} for _ in probes]
    for place, marked, how in shown:
        one, own = remaining.get(marked, marked), probes[place].id
        if one == own or (own, one) in apart:
            continue
        if one not in found[place] or found[place][one].weight < how.weight:
            found[place][one] = how
    return found


async def lookalikes(tx: Tx, actor: Actor, probes: Sequence[Probe]) -> list[list[Lookalike]]:
    """Who may be each of these, the likest first, as far as the caller may know.

    Of a record the caller may not see only that it is there, and that only when much more than
    the name agrees.
    """
    found = await alike(tx, probes)
    known = await known_by_name(tx, actor, {one for some in found for one in some})
    places = {one: label_of(known[one].area) for one in known}
    return [
        [
            told
            for one, how in sorted(some.items(), key=lambda pair: (-pair[1].weight, pair[0]))
            if (told := similar(one, how, place=places.get(one)))
        ][:SHOWN]
        for some in found
    ]


async def _with_cards(tx: Tx, probes: Sequence[Probe]) -> list[Traits]:
    """What is compared of each, with the cards on which it stands in the registry."""
    own = [probe.id for probe in probes if probe.id]
    rows = await tx.fetch(_CARDS_SQL, own) if own else []
    cards = {row["person_id"]: frozenset(row["cards"]) for row in rows}
    return [
        replace(probe.traits, cards=probe.traits.cards | cards[probe.id])
        if probe.id in cards
        else probe.traits
        for probe in probes
    ]


async def _on_their_cards(
    tx: Tx, traits: Sequence[Traits], candidates: dict[tuple[int, UUID], Any]
) -> dict[UUID, set[bytes]]:
    """Who stands on the same cards is a candidate too; returns the cards each of them has."""
    places: dict[bytes, list[int]] = {}
    for place, one in enumerate(traits):
        for card in one.cards:
            places.setdefault(card, []).append(place)
    held: dict[UUID, set[bytes]] = {}
    for row in await tx.fetch(_ON_CARDS_SQL, list(places)) if places else []:
        held.setdefault(row["beneficiary_id"], set()).add(row["card"])
        for place in places[row["card"]]:
            candidates.setdefault((place, row["beneficiary_id"]), row)
    return held


async def mark_missing(tx: Tx, vault: NikVault, after: UUID) -> tuple[int, UUID | None]:
    """Mark those of the next `LOOKED_AT` records that have no mark of today's spelling.

    Returns how many those were and after which record to go on; None when there is no other.
    Going through all of them at once would take longer than a statement may.
    """
    last = await tx.fetchval(_NEXT_SQL, after, LOOKED_AT)
    rows = await tx.fetch(_UNMARKED_SQL, after, last or _LAST, SPELLING)
    if rows:
        await tx.fetch(_MARK_SQL, *_columns(vault, rows), SPELLING)
        await alias_marks.put(tx, ((row["id"], row["area"], row["aliases"]) for row in rows))
    return len(rows), last


def _columns(vault: NikVault, rows: Iterable[Any]) -> list[list[Any]]:
    marked = [
        (
            row["id"], row["kind"], row["area"], sound_text(row["name"]), row["sex"],
            row["birth_precision"], row["birth_year"], row["birth_on"], row["has_nik"],
            vault.phone_mark(row["phone"]),
        )
        for row in rows
    ]  # fmt: skip
    return [list(column) for column in zip(*marked, strict=True)]


def _traits(row: Any, cards: Iterable[bytes] | None) -> Traits:
    return Traits(
        sounds=tuple(row["sound"].split()),
        area=row["area"],
        sex=Sex(row["sex"]) if row["sex"] else None,
        birth=Birth(Precision(row["birth_precision"]), row["birth_year"], row["birth_on"])
        if row["birth_precision"]
        else None,
        has_nik=row["has_nik"],
        phone=row["phone"],
        cards=frozenset(cards or ()),
    )
