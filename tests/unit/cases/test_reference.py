"""What /reference says of the verbs is what their calls take."""

import inspect
import uuid
from enum import StrEnum
from typing import Any

import pytest
from fastapi.routing import APIRoute

from services.cases.api.bodies import VerbIn
from services.cases.api.reference import NEEDS, reference
from services.cases.api.verbs import router
from services.cases.domain.flags import Flag, FlagNotKept, require_kept_on_completing
from services.cases.domain.referral_status import STATUSES, TRANSITIONS, Verb
from services.cases.domain.services_given import SERVICES_GIVEN
from shared.auth import Actor
from shared.contracts.codes import LegalBasis, Outcome, ReferralStatus, ReturnReason, Urgency

OF_EVERY_VERB = frozenset(VerbIn.model_fields)


def bodies() -> dict[Verb, type[VerbIn]]:
    """What the call of each verb takes."""
    found = {}
    for route in router.routes:
        assert isinstance(route, APIRoute)
        verb = Verb(route.path.rpartition("/")[2])
        found[verb] = inspect.signature(route.endpoint).parameters["body"].annotation
    return found


@pytest.mark.parametrize(("verb", "body"), bodies().items())
def test_a_verb_asks_for_exactly_what_its_call_takes(verb: Verb, body: type[VerbIn]) -> None:
    taken = {
        name: field.is_required()
        for name, field in body.model_fields.items()
        if name not in OF_EVERY_VERB
    }
    assert {need["field"]: need["required"] for need in NEEDS.get(verb, [])} == taken


def test_nothing_is_asked_for_a_verb_nobody_can_call() -> None:
    assert NEEDS.keys() <= bodies().keys()


def test_each_service_that_is_offered_can_be_given_and_mediation_be_forbidden() -> None:
    (asked,) = (need for need in NEEDS[Verb.COMPLETE] if need["field"] == "service")
    offered: list[dict[str, Any]] = asked["options"]
    assert {one["code"] for one in offered} == SERVICES_GIVEN.keys()
    refused = set()
    for one in offered:
        try:
            require_kept_on_completing([Flag.NO_MEDIATION], service=one["code"])
        except FlagNotKept:
            refused.add(one["code"])
    assert refused == {"MEDIASI"}


async def test_statuses_and_verbs_are_told_with_all_that_their_tables_hold() -> None:
    said = await reference(Actor(uuid.UUID(int=1), "worker"))
    assert [
        (one["code"], one["final"], one["gravity"], one["bser"]) for one in said["statuses"]
    ] == [(code, info.final, info.gravity, info.bser) for code, info in STATUSES.items()]
    assert all(one["gravity"] and one["bser"] for one in said["statuses"])
    verbs = {one["code"]: one for one in said["verbs"]}
    assert list(verbs) == list(TRANSITIONS)
    for verb, row in TRANSITIONS.items():
        told = verbs[verb]
        assert (frozenset(told["from"]), told["to"]) == (row.origins, row.to), verb
        assert (frozenset(told["actors"]), told["event"]) == (row.actors, row.event.wire_type()), (
            verb
        )


async def test_whatever_a_screen_names_has_a_label_in_both_languages() -> None:
    said = await reference(Actor(uuid.UUID(int=1), "worker"))
    names = ("statuses", "verbs", "return_reasons", "outcomes", "services_given", "phases",
             "urgencies", "ages", "legal_bases")  # fmt: skip
    for name in names:
        assert said[name], name
        assert all(one["label"] and one["label_en"] for one in said[name]), name
    codes: list[tuple[str, type[StrEnum]]] = [
        ("statuses", ReferralStatus),
        ("return_reasons", ReturnReason),
        ("outcomes", Outcome),
        ("urgencies", Urgency),
        ("legal_bases", LegalBasis),
    ]
    for name, every in codes:
        assert {one["code"] for one in said[name]} == set(every)
    assert {one["code"]: one["clocks"] for one in said["verbs"]} == {
        verb: row.clocks for verb, row in TRANSITIONS.items()
    }
