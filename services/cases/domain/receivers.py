"""Who could receive a referral that is under way: its pool changes with the directory."""

from collections.abc import Sequence
from dataclasses import replace

from services.cases.domain.flags import Bind, binds
from services.cases.domain.legs import Candidate, Leg
from services.cases.domain.ranking import ranked
from services.cases.domain.referral import Referral
from shared.contracts.codes import Confidentiality


def receivers_now(referral: Referral, duties: Sequence[Candidate]) -> Leg:
    """The leg that a referral is, with those of these duties who could receive it."""
    named_only = referral.confidentiality is Confidentiality.C3 or binds(
        referral.flags, Bind.NAMED_ONLY
    )
    fitting = [
        # A stand-in acts for a colleague, but is not the person named.
        replace(one, stand_in_id=None) if named_only else one
        for one in duties
        if one.pillar == referral.pillar and referral.organisation_id in (None, one.organisation_id)
    ]
    people = ranked(fitting, referral.pillar, referral.area)
    if referral.worker_id is not None:
        people = [one for one in people if one.worker_id == referral.worker_id]
    return Leg(
        role=referral.role,
        pillar=referral.pillar,
        area=referral.area,
        worker_id=referral.worker_id,
        people=tuple(people),
        reasons=(),
    )
