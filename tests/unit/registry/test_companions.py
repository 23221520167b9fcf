"""Look-alikes within one batch."""

from dataclasses import replace
from datetime import date

from services.registry.domain.birth import Birth, Precision
from services.registry.domain.companions import earlier_alike
from services.registry.domain.likeness import Traits
from services.registry.domain.sex import Sex
from services.registry.domain.sounds import sounds_of

SITI = Traits(
    sounds_of("Siti Aminah"),
    "35.08.03.2005",
    Sex.FEMALE,
    Birth(Precision.DAY, 1954, date(1954, 3, 12)),
)


def test_the_later_of_two_finds_the_earlier() -> None:
    mistyped = replace(SITI, sounds=sounds_of("Siti Amniah"))
    dateless = replace(SITI, sounds=sounds_of("St. Amina"), birth=None)
    stranger = replace(SITI, sounds=sounds_of("Wagiyem"))
    found = earlier_alike([SITI, stranger, mistyped, dateless])
    assert [sorted(some) for some in found] == [[], [], [0], [0, 2]]


def test_nobody_is_looked_for_in_another_kabupaten() -> None:
    assert earlier_alike([SITI, replace(SITI, area="35.09.01.2001")]) == [{}, {}]


def test_many_who_share_nothing_are_not_compared() -> None:
    days = [Birth(Precision.DAY, 1954, date(1954, 1 + n % 12, 2 + n // 12)) for n in range(300)]
    crowd = [
        replace(SITI, sounds=(f"{'bdgklmnprst'[n % 11]}a", str(n)), birth=day)
        for n, day in enumerate(days)
    ]
    assert not any(earlier_alike(crowd))
