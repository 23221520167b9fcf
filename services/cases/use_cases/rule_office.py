"""For which area somebody changes rules."""

from services.cases.domain.rule_change import NoOfficeThere, require_office
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.policy import Action, Resource, require
from shared.reference.areas import require_known


def office_area(actor: Actor, asked: str | None) -> str:
    """The area asked for, or else that of the caller's one duty in a Dinsos.

    Raises `UnknownArea`, `Forbidden` outside the caller's areas, `NoOfficeThere` where no Dinsos
    has rules of its own or the caller has several such areas and names none.
    """
    if asked is not None:
        require_known(asked)
    else:
        own = {duty.area for duty in actor.duties if duty.role is Role.DINSOS}
        if len(own) != 1:
            raise NoOfficeThere("Sebutkan wilayahnya.", "/area")
        (asked,) = own
    require(actor, Action.RULE_CHANGE, Resource(area=asked))
    require_office(asked)
    return asked
