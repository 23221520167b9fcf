"""Any order of verbs by anybody: the referral and a plain dictionary stay in step."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.cases.domain.errors import AlreadyAccepted, TransitionNotAllowed
from services.cases.domain.referral import By
from services.cases.domain.referral_status import Relation, Verb
from tests.unit.cases.story import ACT, CLOSE, NOON, REPLY, by, do, people, referral

WORKERS = ("sender", "receiver", "other_receiver", "coordinator", "stranger")
worker_names = st.sampled_from(WORKERS)
verbs = st.sampled_from([verb for verb in Verb if verb is not Verb.SEND])
pauses = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2))


class ReferralMachine(RuleBasedStateMachine):
    """`self.model` is what a clerk would keep on paper."""

    @initialize()
    def send(self) -> None:
        self.who = people()
        self.ids = {
            "sender": self.who.sender,
            "receiver": self.who.receiver,
            "other_receiver": self.who.other_receiver,
            "coordinator": UUID(int=1),
            "stranger": UUID(int=2),
        }
        self.now: datetime = NOON
        self.referral = referral(self.who)
        do(Verb.SEND, self.referral, by(self.who.sender, Relation.SENDER), self.now)
        self.model: dict[str, Any] = {
            "status": "sent",
            "holder": None,
            "seen": False,
            "version": 1,
            "events": ["referral.sent"],
            "reply": NOON + REPLY,
            "act": NOON + ACT,
            "close": NOON + CLOSE,
            "paused": None,
        }

    @rule(name=worker_names, verb=verbs, later=pauses)
    def attempt(self, name: str, verb: Verb, later: timedelta) -> None:
        self.now += later
        open_now = self.open_to(name)
        actor = self.caller(name)
        if verb is Verb.SEE and (self.model["seen"] or self.model["status"] != "sent"):
            assert self.referral.see(actor, now=self.now) is False
        elif verb.value in open_now:
            do(verb, self.referral, actor, self.now)
            self.write_down(verb, name)
        elif (
            verb is Verb.ACCEPT
            and self.model["holder"] not in {None, name}
            and name in {"receiver", "other_receiver"}
        ):
            with pytest.raises(AlreadyAccepted) as taken:
                do(verb, self.referral, actor, self.now)
            assert taken.value.holder_id == self.ids[self.model["holder"]]
        else:
            with pytest.raises(TransitionNotAllowed) as refused:
                do(verb, self.referral, actor, self.now)
            assert refused.value.extra == {
                "status_now": self.model["status"],
                "allowed": refused.value.extra["allowed"],
            }
            assert set(refused.value.extra["allowed"]) == open_now

    def caller(self, name: str) -> By:
        """How this worker stands to the referral, as the access module would find out."""
        relations = {
            "sender": {Relation.SENDER},
            "receiver": {Relation.RECEIVER},
            "other_receiver": {Relation.RECEIVER},
            "coordinator": {Relation.COORDINATOR},
            "stranger": set(),
        }[name]
        if self.model["holder"] == name:
            relations = relations | {Relation.HOLDER}
        return by(self.ids[name], *relations)

    def open_to(self, name: str) -> set[str]:
        status, holds = self.model["status"], self.model["holder"] == name
        if status == "completed":
            return set()
        found = set()
        if holds or name in {"sender", "coordinator"}:
            found.add("note")
        if status == "sent" and name in {"receiver", "other_receiver"}:
            found |= {"accept", "return"} | (set() if self.model["seen"] else {"see"})
        if status in {"accepted", "in_progress"} and holds:
            found |= {"complete", "return"}
        if status == "accepted" and holds:
            found.add("start")
        if status == "returned" and name == "sender":
            found.add("resend")
        return found

    def write_down(self, verb: Verb, name: str) -> None:
        paper = self.model
        paper["version"] += 1
        match verb.value:
            case "see":
                paper.update(seen=True)
            case "accept":
                paper.update(status="accepted", holder=name, seen=True, reply=None)
            case "start":
                paper.update(status="in_progress", act=None)
            case "complete":
                paper.update(status="completed", reply=None, act=None, close=None)
            case "return":
                paper.update(status="returned", holder=None, reply=None, paused=self.now)
            case "resend":
                stood = self.now - paper["paused"]
                paper.update(
                    status="sent",
                    seen=False,
                    reply=self.now + REPLY,
                    act=paper["act"] + stood if paper["act"] else self.now + ACT,
                    close=paper["close"] + stood,
                    paused=None,
                )
        past = {
            "see": "seen", "accept": "accepted", "start": "started", "note": "noted",
            "complete": "completed", "return": "returned", "resend": "resent",
        }  # fmt: skip
        paper["events"].append(f"referral.{past[verb.value]}")

    @invariant()
    def the_paper_is_right(self) -> None:
        one, paper = self.referral, self.model
        assert one.status.value == paper["status"]
        assert one.holder_id == (self.ids[paper["holder"]] if paper["holder"] else None)
        assert (one.seen_at is not None) == paper["seen"]
        assert one.version == paper["version"]
        assert (one.clocks.reply_by, one.clocks.act_by, one.clocks.close_by) == (
            paper["reply"],
            paper["act"],
            paper["close"],
        )
        assert one.clocks.paused_at == paper["paused"]

    @invariant()
    def one_fact_a_step_and_versions_without_a_gap(self) -> None:
        one = self.referral
        assert [step.version for step in one.steps] == list(range(1, one.version + 1))
        assert [fact.name for fact in one.facts] == self.model["events"]
        for step, fact in zip(one.steps, one.facts, strict=True):
            assert (step.status, step.actor_id) == (fact.status, fact.actor_id)

    @invariant()
    def whoever_is_due_is_due_at_the_earliest_open_deadline(self) -> None:
        paper = self.model
        open_ends = [paper[name] for name in ("reply", "act", "close") if paper[name]]
        expected = None if paper["paused"] or not open_ends else min(open_ends)
        assert self.referral.clocks.due_at == expected


TestReferral = ReferralMachine.TestCase
TestReferral.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
