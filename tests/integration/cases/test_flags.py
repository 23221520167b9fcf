"""Each flag of the routing rules binds in code: one test by name for what it forbids or hides."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from services.cases.domain.flags import ADVISORY, FLAGS, OF_INTAKE, Flag
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.reference.tables import rows
from tests.integration.cases.conftest import Api, Employ, Need, Owner
from tests.integration.cases.telling import Telling
from tests.integration.cases.test_bad_input import refusal

Make = Callable[..., Actor]
# A need whose rule carries the flag: category, situation, and the grounds it may be sent on.
NEEDS = """
NO_PILLAR_BROADCAST                AKTK  VIOLENCE                   public_task
REDACT_IDENTITY                    AKTK  VIOLENCE                   public_task
SAFE_CONTACT_ONLY                  KTK   VIOLENCE                   public_task
NO_MEDIATION                       AKTK  SEXUAL_VIOLENCE            public_task
NO_PERSON_NAMES                    KBS   SOCIAL_CONFLICT_RISK       public_task
NO_GROUP_LABEL_IN_NOTIFICATION     KBS   SOCIAL_CONFLICT            public_task
NO_DIAGNOSIS_IN_EVENT              ODHA  HIV_SUPPORT                consent
NO_ORIENTATION_FIELD               KM    DISCRIMINATION             public_task
PROTECT_REPORTER                   FM    AID_COMPLAINT              public_task
CONSENT_EXPLICIT                   ODHA  HIV_SUPPORT                consent
CONSENT_GUARDIAN_OR_BEST_INTEREST  ABT   NEGLECT                    consent
CONSENT_DISABILITY_FORMAT          PD    NEGLECT                    consent
VOLUNTARY_REPORT                   NAPZA SUBSTANCE_ABUSE            public_task
CALL_FIRST_THEN_RECORD             FM    SELF_HARM_OR_LIFE_THREAT   vital_interest
HEALTH_TEAM_FIRST                  PD    MENTAL_NEGLECT_OR_SHACKLING public_task
FAMILY_TRACING                     GLD   HOMELESS                   public_task
BIOMETRIC_ID_BY_DUKCAPIL           GLD   HOMELESS                   public_task
SCREEN_FOR_VIOLENCE                KBSP  FAMILY_DISTRESS            public_task
SCREEN_FOR_TRAFFICKING             PMBS  REINTEGRATION              public_task
CHECK_DTSEN_DESIL                  -     -                          public_task
MANUAL_TRIAGE                      -     -                          public_task
BULK_INTAKE                        KBA   NATURAL_DISASTER           public_task
OFFLINE_FORM                       KBA   NATURAL_DISASTER           public_task
SITE_HEADCOUNT                     KBA   NATURAL_DISASTER           public_task
"""


def body_for(flag: Flag) -> dict[str, Any]:
    """A need under a rule with this flag, by the table or, where it says `-`, by the rules."""
    for line in NEEDS.strip().splitlines():
        name, category, situation, basis = line.split()
        if name != flag:
            continue
        if category == "-":
            rule = next(row for row in rows("routing_rules.csv") if name in row["mandatory_flags"])
            category, situation = rule["ppks_code"], rule["situation_code"]
            category = "FM" if category == "*" else category
            situation = "OTHER" if situation == "*" else situation
        return {"category": category, "situation": situation, "legal_basis": basis}
    raise LookupError(flag)


@pytest.fixture
async def field(psm: Actor, tksk: Actor, make_actor: Make, employ: Employ) -> dict[str, Actor]:
    """Somebody of every pillar the rules may choose."""
    found = {
        "psm": psm,
        "tksk": tksk,
        "tagana": make_actor("TAGANA", "35.08"),
        "pensosmas": make_actor("PENSOSMAS", "35.08.03.2005"),
        "dinsos": make_actor("DINSOS", "35.08", Role.DINSOS),
    }
    await employ(*found.values())
    return found


async def send(api: Api, actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    answer = await api(actor).post("/referrals", json=body)
    assert answer.status_code == 201, answer.text
    sent: dict[str, Any] = answer.json()["referrals"][0]
    return sent


def test_every_flag_of_the_rules_is_known_and_says_something() -> None:
    carried = {
        flag for row in rows("routing_rules.csv") for flag in row["mandatory_flags"].split("|")
    } - {""}
    assert carried == set(Flag) == set(FLAGS)
    assert all(info.advice.endswith(".") for info in FLAGS.values())


@pytest.mark.parametrize("flag", Flag)
async def test_a_plan_says_what_the_flag_asks(
    flag: Flag, api: Api, field: dict[str, Actor], need: Need
) -> None:
    plan = (await api(field["psm"]).post("/referrals/plan", json=need(**body_for(flag)))).json()
    assert flag in plan["legs"][0]["flags"]
    assert FLAGS[flag].advice in plan["advice"]


# What the flags that bind nothing must say, to the sender and to whoever works on it.
SAID = {
    Flag.CONSENT_DISABILITY_FORMAT: "cara komunikasi yang sesuai disabilitasnya",
    Flag.VOLUNTARY_REPORT: "tidak untuk penuntutan",
    Flag.CALL_FIRST_THEN_RECORD: "Telepon dulu 119 atau 110",
    Flag.HEALTH_TEAM_FIRST: "bersama tim kesehatan Puskesmas",
    Flag.FAMILY_TRACING: "Telusuri keluarganya",
    Flag.BIOMETRIC_ID_BY_DUKCAPIL: "Dukcapil memeriksa biometriknya",
    Flag.SCREEN_FOR_VIOLENCE: "Periksa tanda kekerasan",
    Flag.SCREEN_FOR_TRAFFICKING: "Periksa tanda perdagangan orang",
    Flag.CHECK_DTSEN_DESIL: "Periksa desil DTSEN",
    Flag.MANUAL_TRIAGE: "telaah sendiri lalu alihkan bila perlu",
}


def test_a_flag_binds_in_code_belongs_to_the_intake_or_is_declared_advice() -> None:
    binding = {flag for flag, info in FLAGS.items() if info.binds}
    assert {*binding, *ADVISORY, *OF_INTAKE} == set(Flag)
    assert not binding & ADVISORY
    assert set(SAID) == ADVISORY


@pytest.mark.parametrize("flag", sorted(ADVISORY))
async def test_advice_reaches_the_sender_before_and_the_receiver_after_sending(
    flag: Flag, api: Api, field: dict[str, Actor], need: Need
) -> None:
    body = need(**body_for(flag))
    plan = (await api(field["psm"]).post("/referrals/plan", json=body)).json()
    assert SAID[flag] in " ".join(plan["advice"])
    sent = await send(api, field["psm"], body)
    seen = [
        (await api(actor).get(f"/referrals/{sent['id']}")).json().get("advice", [])
        for name, actor in field.items()
        if name != "psm" or actor.id == sent["worker_id"]
    ]
    assert any(SAID[flag] in " ".join(words) for words in seen)


@pytest.mark.parametrize(
    "flag", [Flag.NO_PILLAR_BROADCAST, Flag.VOLUNTARY_REPORT, Flag.NO_ORIENTATION_FIELD]
)
async def test_no_pillar_broadcast_reaches_one_named_person(
    flag: Flag, api: Api, field: dict[str, Actor], need: Need, owner: Owner
) -> None:
    sent = await send(api, field["psm"], need(**body_for(flag)))
    assert sent["worker_id"] is not None
    assert len(await owner.fetchval("select pool from referrals")) == 1
    wanted = need(**body_for(flag), legs=[{"pillar": "PSM"}])
    refusal(await api(field["psm"]).post("/referrals", json=wanted), 422, "named-only")


@pytest.mark.parametrize("flag", [Flag.REDACT_IDENTITY, Flag.NO_PERSON_NAMES])
async def test_redact_identity_keeps_the_person_out_of_lists(
    flag: Flag, api: Api, field: dict[str, Actor], need: Need
) -> None:
    await send(api, field["psm"], need(**body_for(flag)))
    lists = [
        item
        for actor in field.values()
        for path in ("/worklist", "/referrals")
        for item in (await api(actor).get(path)).json()["items"]
    ]
    assert lists
    assert {item["beneficiary_id"] for item in lists} == {None}


async def test_no_person_names_refuses_numbers_of_persons(
    api: Api, field: dict[str, Actor], need: Need
) -> None:
    psm, words = api(field["psm"]), "Dipicu oleh 3508 0312 0190 0001."
    body = need(**body_for(Flag.NO_PERSON_NAMES))
    refusal(await psm.post("/referrals", json={**body, "need": words}), 422, "flag-not-kept")
    sent = await send(api, field["psm"], body)
    path = f"/referrals/{sent['id']}"
    for verb, said in (("note", {"text": words}), ("recall", {"reason": words})):
        refusal(await psm.post(f"{path}/{verb}", json=said), 422, "flag-not-kept")
    assert (await psm.get(path)).json()["status"] == "sent"
    recalled = await psm.post(f"{path}/recall", json={"reason": "Sudah reda."})
    assert recalled.is_success, recalled.text


async def test_safe_contact_only_says_that_no_other_contact_may_be_used(
    api: Api, field: dict[str, Actor], need: Need
) -> None:
    await send(api, field["psm"], need(**body_for(Flag.SAFE_CONTACT_ONLY)))
    waiting = (await api(field["tksk"]).get("/worklist")).json()["items"][0]
    path = f"/referrals/{waiting['referral_id']}"
    assert (await api(field["tksk"]).get(path)).json()["safe_contact_only"] is True


async def test_safe_contact_only_is_told_to_registry_which_withholds_the_others(
    api: Api, field: dict[str, Actor], need: Need, owner: Owner
) -> None:
    await send(api, field["psm"], need(**body_for(Flag.SAFE_CONTACT_ONLY)))
    data = await owner.fetchval("select data from event_log where type like '%referral.sent%'")
    assert orjson.loads(data)["data"]["safe_contact_only"] is True


async def test_no_mediation_cannot_be_completed_by_mediation(
    api: Api, field: dict[str, Actor], need: Need
) -> None:
    sent = await send(api, field["psm"], need(**body_for(Flag.NO_MEDIATION)))
    path = f"/referrals/{sent['id']}"
    await api(field["tksk"]).post(f"{path}/accept", json={})
    body = {"outcome": "need_met", "service": "MEDIASI_KELUARGA"}
    refusal(await api(field["tksk"]).post(f"{path}/complete", json=body), 422, "flag-not-kept")
    body["service"] = "PENDAMPINGAN"
    assert (await api(field["tksk"]).post(f"{path}/complete", json=body)).is_success


@pytest.mark.parametrize(
    "flag",
    [Flag.NO_DIAGNOSIS_IN_EVENT, Flag.NO_GROUP_LABEL_IN_NOTIFICATION, Flag.NO_ORIENTATION_FIELD],
)
async def test_no_category_and_no_service_leave_in_events(
    flag: Flag, api: Api, field: dict[str, Actor], need: Need, owner: Owner
) -> None:
    sent = await send(api, field["psm"], need(**body_for(flag)))
    path = f"/referrals/{sent['id']}"
    await api(field["tksk"]).post(f"{path}/accept", json={})
    body = {"outcome": "need_met", "service": "TERAPI"}
    assert (await api(field["tksk"]).post(f"{path}/complete", json=body)).is_success
    written = [bytes(row["data"]) for row in await owner.fetch("select data from event_log")]
    events = [orjson.loads(one)["data"] for one in written]
    assert all(event.get("category") is None for event in events)
    assert all(event.get("service") is None for event in events)
    assert body_for(flag)["category"].encode() not in b"".join(written)


async def test_protect_reporter_hides_who_reported_it_from_the_receivers(
    api: Api, field: dict[str, Actor], need: Need
) -> None:
    sent = await send(api, field["psm"], need(**body_for(Flag.PROTECT_REPORTER)))
    path = f"/referrals/{sent['id']}"
    receiver = field["pensosmas"]
    seen = (await api(receiver).get(path)).json()
    assert seen["sender_id"] is None
    assert [step["actor_id"] for step in seen["history"]] == [None]
    assert (await api(receiver).get("/worklist")).json()["items"][0]["sender_id"] is None
    for knowing in (field["psm"], field["dinsos"]):
        assert (await api(knowing).get(path)).json()["sender_id"] == str(field["psm"].id)


async def test_protect_reporter_hides_in_the_case_who_opened_it(
    api: Api, field: dict[str, Actor], need: Need
) -> None:
    sent = await send(api, field["psm"], need(**body_for(Flag.PROTECT_REPORTER)))
    path = f"/cases/{sent['case']['id']}"
    reporter = str(field["psm"].id)
    hidden = await api(field["pensosmas"]).get(path)
    assert [step["actor_id"] for step in hidden.json()["history"]] == [None]
    assert reporter not in hidden.text
    for knowing in (field["psm"], field["dinsos"]):
        history = (await api(knowing).get(path)).json()["history"]
        assert [step["actor_id"] for step in history] == [reporter]


async def test_protect_reporter_holds_on_the_live_stream(
    api: Api, field: dict[str, Actor], need: Need, telling: Telling, owner: Owner
) -> None:
    await send(api, field["psm"], need(**body_for(Flag.PROTECT_REPORTER)))
    await telling.hear()
    live = await owner.fetch(
        "select data::text from notifications.stream_rows where worker_id = $1",
        field["pensosmas"].id,
    )
    assert live
    assert all(str(field["psm"].id) not in row["data"] for row in live)


@pytest.mark.parametrize(
    ("basis", "status"),
    [("consent", 201), ("vital_interest", 201), ("public_task", 422), ("contract", 422)],
)
async def test_consent_explicit_goes_only_with_consent_or_to_save_a_life(
    basis: str, status: int, api: Api, field: dict[str, Actor], need: Need
) -> None:
    body = need(**body_for(Flag.CONSENT_EXPLICIT) | {"legal_basis": basis})
    answer = await api(field["psm"]).post("/referrals", json=body)
    assert answer.status_code == status
    if status == 422:
        refusal(answer, 422, "flag-not-kept")


@pytest.mark.parametrize(
    ("suspect", "consent_by", "basis", "status"),
    [
        (True, "guardian", "consent", 422),
        (True, "guardian", "public_task", 422),
        (True, None, "consent", 422),
        (True, None, "vital_interest", 201),
        (True, "person", "consent", 201),
        (True, "best_interest", "consent", 201),
        (False, "guardian", "consent", 201),
        (None, None, "consent", 201),
    ],
)
async def test_a_guardian_who_is_the_suspect_is_never_asked(
    *,
    suspect: bool | None,
    consent_by: str | None,
    basis: str,
    status: int,
    api: Api,
    field: dict[str, Actor],
    need: Need,
) -> None:
    rule = body_for(Flag.CONSENT_GUARDIAN_OR_BEST_INTEREST) | {"legal_basis": basis}
    body = need(**rule, attributes={"guardian_is_suspect": suspect, "consent_by": consent_by})
    plan = await api(field["psm"]).post("/referrals/plan", json=body)
    assert plan.json()["asks_about_guardian"] is True
    answer = await api(field["psm"]).post("/referrals", json=body)
    assert answer.status_code == status, answer.text
    if status == 422:
        fault = refusal(answer, 422, "flag-not-kept")["errors"][0]
        assert fault["pointer"] == "/attributes/consent_by"


async def test_a_suspect_guardian_is_never_asked_whatever_the_rule_says(
    api: Api, field: dict[str, Actor], need: Need
) -> None:
    said = {"attributes": {"guardian_is_suspect": True, "consent_by": "guardian"}}
    body = need(category="GLD", situation="HOMELESS", legal_basis="consent", **said)
    plan = (await api(field["psm"]).post("/referrals/plan", json=body)).json()
    assert plan["asks_about_guardian"] is False
    refusal(await api(field["psm"]).post("/referrals", json=body), 422, "flag-not-kept")


async def test_call_first_then_record_is_the_first_thing_the_sender_reads(
    api: Api, field: dict[str, Actor], need: Need
) -> None:
    body = need(**body_for(Flag.CALL_FIRST_THEN_RECORD))
    plan = (await api(field["psm"]).post("/referrals/plan", json=body)).json()
    assert plan["advice"][0].startswith("Telepon dulu 119")
