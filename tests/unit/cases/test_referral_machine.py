"""Any order of verbs and alarms: the referral and what a clerk keeps on paper stay in step."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.cases.domain.errors import AlreadyAccepted, TransitionNotAllowed
from services.cases.domain.referral import Above
from services.cases.domain.referral_status import Relation, Verb
from services.cases.domain.steps import By
from tests.unit.cases.story import (
    ACT,
    CLOSE,
    COLLEAGUE,
    DONE,
    NOON,
    PAUSE,
    REPLY,
    by,
    do,
    people,
    referral,
)

COORDINATOR, DINSOS, OVERSEER = UUID(int=1), UUID(int=3), UUID(int=4)
RECEIVERS = {"receiver", "other_receiver"}
WORKERS = ("sender", *sorted(RECEIVERS), "colleague", "coordinator", "overseer", "stranger")
FINAL = {"completed", "rerouted", "recalled", "cancelled", "entered_in_error"}
EVENTS = {
    "see": "seen", "accept": "accepted", "assign": "assigned", "start": "started",
    "hand_over": "assigned",
    "note": "noted", "hold": "held", "resume": "resumed", "complete": "completed",
    "return": "returned", "resend": "resent", "reroute": "rerouted", "recall": "recalled",
    "cancel": "cancelled", "correct": "entered_in_error", "break_glass": "glass_broken",
}  # fmt: skip
ENDS = {
    "complete": "completed", "reroute": "rerouted", "recall": "recalled", "cancel": "cancelled",
    "correct": "entered_in_error",
}  # fmt: skip
# When each deadline rings, in minutes before and after it: twice to remind, then to escalate.
BELLS = {
    "reply": (-60, -12, 0, 120, 240),
    "act": (-720, -144, 0, 360),
    "close": (-5040, -1008, 0, 2520),
}
OPEN = {"sent", "accepted", "in_progress", "on_hold", "returned"}
MAY = (
    ("sender", OPEN, {"note", "cancel"}),
    ("sender", {"sent", "accepted"}, {"recall"}),
    ("sender", {"sent", "accepted", "returned"}, {"reroute"}),
    ("sender", {"returned"}, {"resend"}),
    ("receiver", {"sent"}, {"see", "accept", "return"}),
    ("other_receiver", {"sent"}, {"see", "accept", "return"}),
    ("holder", OPEN, {"note"}),
    ("holder", {"accepted"}, {"start"}),
    ("holder", {"accepted", "in_progress"}, {"hold", "complete", "return"}),
    ("holder", {"on_hold"}, {"resume"}),
    ("coordinator", OPEN, {"note", "cancel"}),
    ("coordinator", OPEN | FINAL - {"entered_in_error"}, {"correct"}),
    ("coordinator", {"sent", "accepted", "in_progress"}, {"assign"}),
    ("coordinator", {"on_hold"}, {"hand_over"}),
    ("coordinator", {"sent", "accepted", "returned"}, {"reroute"}),
    ("overseer", OPEN, {"break_glass"}),
)
worker_names = st.sampled_from(WORKERS)
verbs = st.sampled_from([verb for verb in DONE if verb is not Verb.SEND])
pauses = st.one_of(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=3)),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=5)),
)


class ReferralMachine(RuleBasedStateMachine):
    """`self.model` is what a clerk would keep on paper."""

    @initialize()
    def send(self) -> None:
        self.who = people()
        self.ids = {
            "sender": self.who.sender,
            "receiver": self.who.receiver,
            "other_receiver": self.who.other_receiver,
            "colleague": COLLEAGUE,
            "coordinator": COORDINATOR,
            "overseer": OVERSEER,
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
            "level": 0,
            "events": ["referral.sent"],
            "reply": NOON + REPLY,
            "act": NOON + ACT,
            "close": NOON + CLOSE,
            "paused": None,
            "until": None,
            "heard": NOON,
        }

    @rule(name=worker_names, verb=verbs, later=pauses)
    def attempt(self, name: str, verb: Verb, later: timedelta) -> None:
        self.now += later
        open_now = self.open_to(name)
        actor = self.caller(name)
        if verb is Verb.SEE and (self.model["seen"] or self.model["status"] != "sent"):
            do(verb, self.referral, actor, self.now)
        elif verb.value in open_now:
            do(verb, self.referral, actor, self.now)
            self.write_down(verb.value, name)
        elif verb is Verb.ACCEPT and self.model["holder"] not in {None, name} and name in RECEIVERS:
            with pytest.raises(AlreadyAccepted) as taken:
                do(verb, self.referral, actor, self.now)
            assert taken.value.holder_id == self.ids[self.model["holder"]]
        else:
            with pytest.raises(TransitionNotAllowed) as refused:
                do(verb, self.referral, actor, self.now)
            assert refused.value.extra["status_now"] == self.model["status"]
            assert set(refused.value.extra["allowed"]) == open_now

    @rule(later=pauses, somebody_left=st.booleans())
    def sweep(self, later: timedelta, *, somebody_left: bool) -> None:
        """The clock comes by; what it gives up goes elsewhere when there is somebody left."""
        self.now += later
        bells = self.bells()
        given_up = self.referral.ring(self.now, Above([COORDINATOR], [DINSOS]), {})
        assert given_up == self.ring_on_paper(bells)
        self.model["heard"] = self.now
        if given_up and somebody_left:
            self.referral.reroute(By.clock(self.now), UUID(int=8))
            self.write_down("reroute", "clock")
            self.model["level"] = 3
        again = (self.referral.version, self.referral.ring(self.now, Above([], []), {}))
        assert again == (self.model["version"], False), "a second sweep finds nothing more"
        alarm = self.referral.alarm_at
        assert alarm is None or alarm > self.now

    def bells(self) -> list[tuple[datetime, str, int]]:
        """The bells that would ring now, of each deadline the last: when, which, its number."""
        paper = self.model
        running = ["reply"] if paper["paused"] else ["reply", "act", "close"]
        found = []
        for name in running:
            if paper[name] is None:
                continue
            times = [paper[name] + timedelta(minutes=minutes) for minutes in BELLS[name]]
            due = [
                (at, name, number)
                for number, at in enumerate(times)
                if paper["heard"] < at <= self.now
            ]
            found += due[-1:]
        return sorted(found)

    def ring_on_paper(self, bells: list[tuple[datetime, str, int]]) -> bool:
        paper = self.model
        if paper["until"] and paper["until"] <= self.now:
            self.write_down("resume", "clock")
            return False
        gives_up = paper["status"] == "sent" and any(
            (name, number) == ("reply", 4) for _, name, number in bells
        )
        for _, name, number in bells:
            if gives_up and name != "reply":
                continue
            paper["version"] += 1
            paper["events"].append("referral.reminded" if number < 2 else "referral.escalated")
            if number >= 2:
                paper["level"] = max(paper["level"], 1 if number == 2 else 2)
        return gives_up

    def caller(self, name: str) -> By:
        """How this worker stands to the referral, as the access module would find out."""
        relations = {
            "sender": {Relation.SENDER},
            "receiver": {Relation.RECEIVER},
            "other_receiver": {Relation.RECEIVER},
            "coordinator": {Relation.COORDINATOR},
            "overseer": {Relation.OVERSEER},
        }.get(name, set())
        if self.model["holder"] == name:
            relations = relations | {Relation.HOLDER}
        return by(self.ids[name], *relations)

    def open_to(self, name: str) -> set[str]:
        paper = self.model
        standings = {name, *(["holder"] if paper["holder"] == name else [])}
        found = {
            verb
            for standing, statuses, verbs in MAY
            if standing in standings and paper["status"] in statuses
            for verb in verbs
        }
        return found - {"see"} if paper["seen"] else found

    def write_down(self, verb: str, name: str) -> None:
        paper = self.model
        paper["version"] += 1
        paper["events"].append(f"referral.{EVENTS[verb]}")
        if verb in ENDS:
            paper["status"] = ENDS[verb]
            cleared = ("reply", "act", "close", "paused", "until")
            paper.update(dict.fromkeys(cleared))
        elif verb == "see":
            paper["seen"] = True
        elif verb in {"accept", "assign"}:
            holder = name if verb == "accept" else "colleague"
            paper.update(status="accepted", holder=holder, reply=None)
            paper["seen"] = paper["seen"] or verb == "accept"
        elif verb == "hand_over":
            paper["holder"] = "colleague"
        elif verb == "start":
            paper.update(status="in_progress", reply=None, act=None)
        elif verb == "hold":
            until = self.now + PAUSE
            paper.update(status="on_hold", reply=None, until=until, paused=self.now)
            paper["heard"] = self.now
        elif verb == "resume":
            self.go_on()
            paper.update(status="in_progress", until=None)
        elif verb == "return":
            reply = self.now + REPLY
            paper.update(status="returned", holder=None, reply=reply, paused=self.now)
            paper["heard"] = self.now
        elif verb == "resend":
            self.go_on()
            paper.update(status="sent", seen=False, level=0, reply=self.now + REPLY)
            paper["act"] = paper["act"] or self.now + ACT
        if paper["status"] == "in_progress" and paper["holder"] == name:
            paper["act"] = None

    def go_on(self) -> None:
        """Both standing deadlines move by as long as they stood."""
        paper = self.model
        stood = self.now - paper["paused"]
        for name in ("act", "close"):
            if paper[name] is not None:
                paper[name] += stood
        paper.update(paused=None, heard=self.now)

    @invariant()
    def paper_and_referral_say_the_same(self) -> None:
        one, paper = self.referral, self.model
        assert one.status.value == paper["status"]
        assert one.holder_id == (self.ids[paper["holder"]] if paper["holder"] else None)
        assert (one.seen_at is not None) == paper["seen"]
        assert one.version == paper["version"]
        assert one.escalation_level == paper["level"]
        assert (one.clocks.reply_by, one.clocks.act_by, one.clocks.close_by) == (
            paper["reply"],
            paper["act"],
            paper["close"],
        )
        assert (one.clocks.paused_at, one.clocks.hold_until) == (paper["paused"], paper["until"])
        assert (one.ended_at is not None) == (paper["status"] in FINAL)

    @invariant()
    def one_fact_a_step_and_versions_without_a_gap(self) -> None:
        one = self.referral
        assert [step.version for step in one.steps] == list(range(1, one.version + 1))
        assert [fact.name for fact in one.facts] == self.model["events"]
        for step, fact in zip(one.steps, one.facts, strict=True):
            assert (step.status, step.actor_id) == (fact.status, fact.actor_id)

    @invariant()
    def whoever_is_due_is_due_at_the_earliest_running_deadline(self) -> None:
        paper = self.model
        names = ("reply",) if paper["paused"] else ("reply", "act", "close")
        running = [paper[name] for name in names if paper[name]]
        assert self.referral.clocks.due_at == min(running, default=None)

    @invariant()
    def no_bell_of_a_deadline_rings_twice(self) -> None:
        said = [
            (step.verb, str(step.reason), fact.model_dump()["due_at"])
            for step, fact in zip(self.referral.steps, self.referral.facts, strict=True)
            if step.verb in {Verb.REMIND, Verb.ESCALATE}
        ]
        for verb, deadline, due_at in set(said):
            most = 2 if verb is Verb.REMIND else len(BELLS[deadline]) - 2
            assert said.count((verb, deadline, due_at)) <= most


TestReferral = ReferralMachine.TestCase
TestReferral.settings = settings(max_examples=200, stateful_step_count=30)
