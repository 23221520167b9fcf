"""Who may do what: one table, from which come both decisions and SQL.

Scope is role x pillar x organisation x area, never area alone: two offices in one area do not
see each other's people. The table is data; `decide`, `reaches` and `shared.predicates` are its
only readers, and property tests hold them to the same answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality, Role
from shared.errors import Forbidden


class Action(StrEnum):
    """Everything a route can ask permission for."""

    ME_READ = "me.read"
    WORKER_READ = "worker.read"
    WORKER_MANAGE = "worker.manage"
    ABSENCE_ANNOUNCE = "absence.announce"
    ORGANISATION_READ = "organisation.read"
    SESSION_OPEN = "session.open"
    PASSWORD_CHANGE = "password.change"  # noqa: S105 - the name of an action
    BENEFICIARY_REGISTER = "beneficiary.register"
    BENEFICIARY_READ = "beneficiary.read"
    BENEFICIARY_CHANGE = "beneficiary.change"
    BENEFICIARY_SEARCH_NIK = "beneficiary.search_nik"
    BENEFICIARY_IMPORT = "beneficiary.import"
    BENEFICIARY_EXPORT = "beneficiary.export"
    BENEFICIARY_MERGE = "beneficiary.merge"
    BENEFICIARY_SHARE = "beneficiary.share"
    REPORT_FILE = "report.file"
    REPORT_HANDLE = "report.handle"
    VULNERABILITY_READ = "vulnerability.read"
    PROTECTION_RECORD = "protection.record"
    PROTECTION_HANDLE = "protection.handle"
    REFERRAL_SEND = "referral.send"
    REFERRAL_READ = "referral.read"
    REFERRAL_RECEIVE = "referral.receive"
    GLASS_BREAK = "glass.break"
    BOARD_READ = "board.read"
    WORK_ASSIGN = "work.assign"
    RULE_READ = "rule.read"
    RULE_CHANGE = "rule.change"
    OUTSIDE_SERVICE_READ = "outside_service.read"
    OUTSIDE_SERVICE_MANAGE = "outside_service.manage"
    DISASTER_READ = "disaster.read"
    DISASTER_MANAGE = "disaster.manage"
    DISASTER_INTAKE = "disaster.intake"
    REFERENCE_READ = "reference.read"
    NOTICE_READ = "notice.read"
    DELIVERY_READ = "delivery.read"
    EVENTS_READ = "events.read"
    AUDIT_READ = "audit.read"


class Match(StrEnum):
    """A condition a grant puts on the thing itself."""

    AREA = "area"
    """The thing's area lies in the duty's area."""
    SENDER_AREA = "sender_area"
    """The thing was sent from the duty's area."""
    PILLAR = "pillar"
    """The thing waits for the duty's pillar."""
    ORGANISATION = "organisation"
    """The thing names no organisation, or the duty's."""
    OWN = "own"
    """The thing belongs to the caller: sent, held or received by them."""
    NAMED = "named"
    """The caller is named on the thing's own list of people."""
    STAND_IN = "stand_in"
    """The thing belongs to an absent colleague whom the caller stands in for."""


_BY_AREA: Final = frozenset({Match.AREA, Match.PILLAR, Match.ORGANISATION})


@dataclass(frozen=True, slots=True)
class Grant:
    """Holders of one of `roles` (in one of `pillars`, if given) may, where all of `where` holds."""

    roles: frozenset[Role]
    where: frozenset[Match] = frozenset()
    pillars: frozenset[str] | None = None
    up_to: Confidentiality = Confidentiality.C3

    def is_of(self, duty: Duty) -> bool:
        """Whether the holder of this duty has it."""
        return duty.role in self.roles and (self.pillars is None or duty.pillar in self.pillars)


def _grant(
    *roles: Role,
    where: tuple[Match, ...] = (),
    pillars: tuple[str, ...] | None = None,
    up_to: Confidentiality = Confidentiality.C3,
) -> Grant:
    only = frozenset(pillars) if pillars is not None else None
    return Grant(frozenset(roles), frozenset(where), only, up_to)


W, C, D, V, A = Role.WORKER, Role.COORDINATOR, Role.DINSOS, Role.VILLAGE_HEAD, Role.ADMIN
P = Role.DATA_PROTECTION
_EVERYBODY = (W, C, D, V, A, P)
_FIELD = (W, C, D)
_PERSON_PILLARS = ("PSM", "PENSOSMAS", "TKSK", "PEKSOS", "PENDAMPING_PKH", "DINSOS")

SERVICE_ACTIONS: Final = frozenset(
    {
        Action.EVENTS_READ,
        Action.SESSION_OPEN,
        Action.WORKER_READ,
        Action.BENEFICIARY_SHARE,
        Action.REPORT_FILE,
        Action.REFERENCE_READ,
    }
)
"""What our own services may ask of one another, unscoped: they check their callers themselves."""

_READERS: Final = (
    _grant(W, C, where=(Match.AREA,), up_to=Confidentiality.C1),
    _grant(W, C, where=(Match.AREA,), pillars=_PERSON_PILLARS, up_to=Confidentiality.C2),
    _grant(W, where=(Match.AREA,), pillars=("TKSK", "PEKSOS")),
    _grant(D, where=(Match.AREA,)),
    _grant(*_FIELD, where=(Match.OWN,)),
    _grant(*_FIELD, where=(Match.NAMED,)),
)
"""Who reads a beneficiary's record."""

GRANTS: Final[Mapping[Action, tuple[Grant, ...]]] = {
    Action.ME_READ: (_grant(*_EVERYBODY),),
    Action.REFERENCE_READ: (_grant(*_EVERYBODY),),
    Action.ORGANISATION_READ: (_grant(C, D, A, where=(Match.AREA,)),),
    Action.WORKER_READ: (
        _grant(W, where=(Match.AREA, Match.PILLAR, Match.ORGANISATION)),
        _grant(C, where=(Match.AREA, Match.PILLAR, Match.ORGANISATION)),
        _grant(D, V, A, where=(Match.AREA,)),
        _grant(*_EVERYBODY, where=(Match.OWN,)),
    ),
    Action.WORKER_MANAGE: (
        _grant(D, A, where=(Match.AREA,)),
        _grant(C, where=(Match.AREA, Match.PILLAR, Match.ORGANISATION)),
    ),
    Action.ABSENCE_ANNOUNCE: (
        _grant(*_EVERYBODY, where=(Match.OWN,)),
        _grant(C, where=(Match.AREA, Match.PILLAR, Match.ORGANISATION)),
        _grant(D, A, where=(Match.AREA,)),
    ),
    Action.BENEFICIARY_REGISTER: (_grant(*_FIELD, where=(Match.AREA,)),),
    Action.BENEFICIARY_READ: _READERS,
    Action.BENEFICIARY_CHANGE: (
        _grant(W, C, where=(Match.AREA,), pillars=_PERSON_PILLARS, up_to=Confidentiality.C2),
        _grant(D, where=(Match.AREA,)),
        _grant(*_FIELD, where=(Match.OWN,)),
    ),
    Action.BENEFICIARY_SEARCH_NIK: (
        _grant(W, C, where=(Match.AREA,), pillars=_PERSON_PILLARS),
        _grant(D, where=(Match.AREA,)),
    ),
    # Both tell much at once, also whose NIK is registered.
    Action.BENEFICIARY_IMPORT: (
        _grant(C, where=(Match.AREA,), pillars=_PERSON_PILLARS),
        _grant(D, where=(Match.AREA,)),
    ),
    Action.BENEFICIARY_EXPORT: (
        _grant(C, where=(Match.AREA,), pillars=_PERSON_PILLARS, up_to=Confidentiality.C2),
        _grant(D, where=(Match.AREA,)),
    ),
    Action.BENEFICIARY_MERGE: (
        _grant(C, where=(Match.AREA,), pillars=_PERSON_PILLARS, up_to=Confidentiality.C2),
        _grant(W, where=(Match.AREA,), pillars=("TKSK",), up_to=Confidentiality.C2),
        _grant(D, where=(Match.AREA,)),
    ),
    Action.BENEFICIARY_SHARE: (),
    Action.REPORT_FILE: (),
    # Whoever may read and register there: what another system tells becomes a record by them.
    Action.REPORT_HANDLE: (
        _grant(W, C, where=(Match.AREA,), pillars=_PERSON_PILLARS, up_to=Confidentiality.C2),
        _grant(W, where=(Match.AREA,), pillars=("TKSK", "PEKSOS")),
        _grant(D, where=(Match.AREA,)),
    ),
    # Real numbers there; of the rest of the province those that reveal nobody.
    Action.VULNERABILITY_READ: (_grant(*_FIELD, V, where=(Match.AREA,)),),
    # Whoever stands before the person takes down what they ask; the office answers it.
    Action.PROTECTION_RECORD: (*_READERS, _grant(P, where=(Match.AREA,))),
    Action.PROTECTION_HANDLE: (_grant(D, P, where=(Match.AREA,)),),
    Action.REFERRAL_SEND: (_grant(*_FIELD, V, where=(Match.AREA,)),),
    Action.REFERRAL_READ: (
        _grant(
            W,
            where=(Match.AREA, Match.PILLAR, Match.ORGANISATION),
            up_to=Confidentiality.C2,
        ),
        _grant(
            C,
            where=(Match.AREA, Match.PILLAR, Match.ORGANISATION),
            up_to=Confidentiality.C2,
        ),
        _grant(W, where=(Match.AREA,), pillars=("TKSK",), up_to=Confidentiality.C2),
        # Whose profession it is to manage cases; not those of another office.
        _grant(
            W,
            where=(Match.AREA, Match.ORGANISATION),
            pillars=("PEKSOS",),
            up_to=Confidentiality.C2,
        ),
        _grant(D, where=(Match.AREA,), up_to=Confidentiality.C2),
        _grant(D, where=(Match.SENDER_AREA,), up_to=Confidentiality.C2),
        _grant(*_FIELD, V, where=(Match.OWN,)),
        _grant(*_FIELD, where=(Match.STAND_IN,), up_to=Confidentiality.C2),
        _grant(*_FIELD, where=(Match.NAMED,)),
        # Those told that it was opened in an emergency look into it.
        _grant(P, where=(Match.NAMED,)),
    ),
    Action.GLASS_BREAK: (
        _grant(W, where=(Match.AREA,), pillars=("TKSK", "PEKSOS")),
        _grant(C, where=(Match.AREA, Match.PILLAR, Match.ORGANISATION)),
        _grant(D, where=(Match.AREA,)),
    ),
    Action.BOARD_READ: (
        _grant(C, where=(Match.AREA, Match.PILLAR, Match.ORGANISATION)),
        _grant(D, where=(Match.AREA,)),
    ),
    Action.WORK_ASSIGN: (
        _grant(
            C,
            where=(Match.AREA, Match.PILLAR, Match.ORGANISATION),
            up_to=Confidentiality.C2,
        ),
        _grant(D, where=(Match.AREA,), up_to=Confidentiality.C2),
        _grant(C, D, where=(Match.NAMED,)),
    ),
    Action.RULE_READ: (_grant(C, D, A),),
    Action.RULE_CHANGE: (_grant(D, where=(Match.AREA,)),),
    Action.OUTSIDE_SERVICE_READ: (_grant(*_FIELD, V),),
    Action.OUTSIDE_SERVICE_MANAGE: (_grant(D, where=(Match.AREA,)),),
    Action.DISASTER_READ: (_grant(*_FIELD, V, where=(Match.AREA,)),),
    Action.DISASTER_MANAGE: (
        _grant(D, where=(Match.AREA,)),
        _grant(C, where=(Match.AREA,), pillars=("TAGANA",)),
    ),
    Action.DISASTER_INTAKE: (_grant(*_FIELD, where=(Match.AREA,)),),
    Action.REFERRAL_RECEIVE: (
        _grant(
            *_FIELD,
            where=(Match.AREA, Match.PILLAR, Match.ORGANISATION),
            up_to=Confidentiality.C2,
        ),
        _grant(*_FIELD, where=(Match.NAMED,)),
    ),
    Action.NOTICE_READ: (_grant(*_EVERYBODY, where=(Match.OWN,)),),
    Action.DELIVERY_READ: (
        _grant(*_FIELD, V, where=(Match.OWN,)),
        _grant(
            C,
            where=(Match.AREA, Match.PILLAR, Match.ORGANISATION),
            up_to=Confidentiality.C2,
        ),
        _grant(D, where=(Match.AREA,), up_to=Confidentiality.C2),
    ),
    Action.EVENTS_READ: (),
    Action.SESSION_OPEN: (),
    Action.PASSWORD_CHANGE: (_grant(*_EVERYBODY),),
    Action.AUDIT_READ: (_grant(D, A, P, where=(Match.AREA,)),),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """What the policy needs to know of one thing; a missing fact matches nothing."""

    area: str | None = None
    sender_area: str | None = None
    pillar: str | None = None
    organisation_id: UUID | None = None
    owners: tuple[UUID | None, ...] = ()
    named: tuple[UUID | None, ...] = ()
    confidentiality: Confidentiality = Confidentiality.C1


@dataclass(frozen=True, slots=True)
class Reach:
    """One stretch of things an action is open on: what `predicate` says, as plain values.

    `pillar` None stands for every pillar. `any_organisation` says that the office does not count;
    else the thing names no organisation, or this one.
    """

    area: str
    pillar: str | None
    any_organisation: bool
    organisation_id: UUID | None
    up_to: Confidentiality


def may(actor: Actor, action: Action) -> bool:
    """Whether any duty of the caller allows this on some thing at all."""
    if actor.kind == "service":
        return action in SERVICE_ACTIONS
    return any(grant.is_of(duty) for grant in GRANTS[action] for duty in actor.duties)


def decide(actor: Actor, action: Action, resource: Resource) -> bool:
    """Whether the caller may do this to this thing."""
    if actor.kind == "service":
        return action in SERVICE_ACTIONS
    return any(
        grant.is_of(duty)
        and resource.confidentiality <= grant.up_to
        and all(_holds(match, actor, duty, resource) for match in grant.where)
        for grant in GRANTS[action]
        for duty in actor.duties
    )


def require(actor: Actor, action: Action, resource: Resource) -> None:
    """Raise `Forbidden` unless the caller may do this to this thing."""
    if not decide(actor, action, resource):
        raise Forbidden


def reaches(actor: Actor, action: Action) -> list[Reach]:
    """Where the caller's duties open the action by area, for statements fixed for their speed.

    Grants that ask for anything but area, pillar and organisation have no part in it: what is the
    caller's own, or names them, a statement asks for beside.
    """
    found = [
        Reach(
            area=duty.area,
            pillar=duty.pillar if Match.PILLAR in grant.where else None,
            any_organisation=Match.ORGANISATION not in grant.where,
            organisation_id=duty.organisation_id if Match.ORGANISATION in grant.where else None,
            up_to=grant.up_to,
        )
        for grant in GRANTS[action]
        if Match.AREA in grant.where and grant.where <= _BY_AREA
        for duty in actor.duties
        if grant.is_of(duty)
    ]
    return list(dict.fromkeys(found))


def _holds(match: Match, actor: Actor, duty: Duty, resource: Resource) -> bool:
    match match:
        case Match.AREA:
            return resource.area is not None and duty.covers(resource.area)
        case Match.SENDER_AREA:
            return resource.sender_area is not None and duty.covers(resource.sender_area)
        case Match.PILLAR:
            return resource.pillar == duty.pillar
        case Match.ORGANISATION:
            return resource.organisation_id in (None, duty.organisation_id)
        case Match.OWN:
            return actor.id in resource.owners
        case Match.NAMED:
            return actor.id in resource.named
        case Match.STAND_IN:
            return any(one in resource.owners for one in actor.stands_for)
