"""Read a disaster with its sites, their figures, and what its routing rule asks of an intake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.cases.domain.disaster import Disaster, Site
from services.cases.domain.flags import Flag
from services.cases.domain.routing import Need, choose_rule
from services.cases.storage import disasters, known
from services.cases.storage.disasters import SiteFigures
from services.cases.storage.rules import RuleBook
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class DisasterFile:
    """A disaster as its page shows it."""

    disaster: Disaster
    sites: Sequence[Site]
    figures: Mapping[UUID, SiteFigures]
    flags: tuple[str, ...]

    @property
    def bulk_intake(self) -> bool:
        """Whether families may be taken in by batch."""
        return Flag.BULK_INTAKE in self.flags

    @property
    def offline_form(self) -> bool:
        """Whether the form works without a network."""
        return Flag.OFFLINE_FORM in self.flags

    @property
    def head_count_required(self) -> bool:
        """Whether each family comes with its number of people."""
        return Flag.SITE_HEADCOUNT in self.flags


async def read_disaster(
    disaster_id: UUID, *, tx: Tx, actor: Actor, rules: RuleBook
) -> DisasterFile:
    """The disaster, if it touches the caller's areas; raises `NotFound`."""
    disaster = await disasters.get(tx, actor, disaster_id)
    if disaster is None:
        raise NotFound
    sites = await disasters.sites_of(tx, actor, disaster_id)
    around = await known.surroundings(tx, None, disaster.area, None)
    book = await rules.current(tx, around.rules_stamp, disaster.area)
    rule = choose_rule(book, Need(disaster.category, disaster.situation, disaster.area, {}))
    figures = await disasters.figures(tx, disaster_id, sites)
    return DisasterFile(disaster, sites, figures, rule.flags)
