"""Send a referral elsewhere: this one ends, a new one takes its place."""

from dataclasses import dataclass
from uuid import UUID

from services.cases.domain.errors import NobodyToReceive, UnknownReceiver
from services.cases.domain.following import following
from services.cases.domain.legs import Leg
from services.cases.domain.outside import leg_to_service
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Verb
from services.cases.storage import known, planned_legs, referrals
from services.cases.storage.rules import RuleBook
from services.cases.use_cases.access import Act, taken_up
from services.cases.use_cases.plan_referral import need_of, planned, service_in
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.errors import RuleViolated
from shared.ids import new_id
from shared.reference.areas import require_known
from shared.reference.pillars import require_pillar


@dataclass(frozen=True, slots=True)
class Target:
    """Where somebody wants a referral to go; at least one is named."""

    pillar: str | None = None
    area: str | None = None
    worker_id: UUID | None = None
    service: UUID | None = None
    """An outside service, whose status the sender keeps."""


class TargetMissing(RuleViolated):
    """Rerouting needs a new receiver."""

    code = "target-missing"
    title = "Pilih tujuan baru"
    title_en = "Choose a new receiver"


async def reroute_referral(
    act: Act, *, target: Target, note: str | None, tx: Tx, actor: Actor, rules: RuleBook
) -> tuple[Referral, tuple[str, ...]]:
    """End this referral and send its need to the target; the answer is the ended one.

    The new referral stays its first sender's, has its own clocks and is linked both ways. The
    words warn when nobody would read it.
    """
    if not (target.pillar or target.area or target.worker_id or target.service):
        raise TargetMissing(pointer="/target")
    if target.pillar:
        require_pillar(target.pillar, "/target/pillar")
    if target.area:
        require_known(target.area, "/target/area")
    referral, by = await taken_up(tx, actor, act)
    referral.require_allowed(Verb.REROUTE, by)
    if target.service:
        service = await service_in(target.service, referral.place, "/target/service", tx=tx)
        leg = leg_to_service(service, pillar=referral.sender_pillar, area=referral.place)
        warnings: tuple[str, ...] = ()
    else:
        leg, warnings = await _leg(referral, target, tx=tx, rules=rules)
    new = following(referral, new_id(), leg, role=referral.role)
    new.service_id = target.service
    new.rerouted_from = referral.id
    referral.reroute(by, new.id, note=note)
    new.send(by)
    await referrals.save(tx, referral)
    await referrals.add(tx, new)
    await planned_legs.follow(tx, {referral.id: new.id})
    return referral, warnings


async def _leg(
    referral: Referral, target: Target, *, tx: Tx, rules: RuleBook
) -> tuple[Leg, tuple[str, ...]]:
    """Where the need goes by the rules and this target, and what to warn of."""
    where = target.area or referral.place
    around = await known.surroundings(tx, referral.beneficiary_id, where, target.worker_id)
    if target.worker_id and target.worker_id not in {one.worker_id for one in around.duties}:
        raise UnknownReceiver(pointer="/target/worker_id")
    need = need_of(
        referral,
        area=where,
        target_pillar=target.pillar or (None if target.worker_id else referral.pillar),
        target_worker=target.worker_id,
    )
    book = await rules.current(tx, around.rules_stamp, referral.place)
    plan = await planned(book, need, around.duties, tx=tx)
    if referral.confidentiality is Confidentiality.C3 and plan.primary.worker_id is None:
        raise NobodyToReceive
    return plan.primary, plan.warnings
