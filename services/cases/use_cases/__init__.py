"""What cases can do."""

from services.cases.use_cases.accept_referral import accept_referral
from services.cases.use_cases.add_disaster_site import add_disaster_site
from services.cases.use_cases.assign_referral import assign_referral
from services.cases.use_cases.attach_file import attach_file
from services.cases.use_cases.break_glass import break_glass
from services.cases.use_cases.cancel_referral import cancel_referral
from services.cases.use_cases.change_rule import change_rule
from services.cases.use_cases.close_case import close_case
from services.cases.use_cases.close_disaster import close_disaster
from services.cases.use_cases.complete_referral import complete_referral
from services.cases.use_cases.correct_referral import correct_referral
from services.cases.use_cases.count_heads import count_heads
from services.cases.use_cases.declare_disaster import declare_disaster
from services.cases.use_cases.dry_run_rules import dry_run_rules
from services.cases.use_cases.find_case import find_case
from services.cases.use_cases.hand_over import hand_over
from services.cases.use_cases.hold_referral import hold_referral
from services.cases.use_cases.keep_outside_service import keep_outside_service
from services.cases.use_cases.move_case import move_case
from services.cases.use_cases.move_legs import move_legs
from services.cases.use_cases.note_referral import note_referral
from services.cases.use_cases.plan_referral import plan_referral
from services.cases.use_cases.rank_candidates import rank_candidates
from services.cases.use_cases.read_attachment import read_attachment
from services.cases.use_cases.read_case import read_case
from services.cases.use_cases.read_referral import read_referral
from services.cases.use_cases.recall_referral import recall_referral
from services.cases.use_cases.remember_beneficiary import remember_beneficiary
from services.cases.use_cases.remember_worker import remember_worker
from services.cases.use_cases.reopen_case import reopen_case
from services.cases.use_cases.reroute_referral import reroute_referral
from services.cases.use_cases.resend_referral import resend_referral
from services.cases.use_cases.resume_referral import resume_referral
from services.cases.use_cases.return_referral import return_referral
from services.cases.use_cases.ring_alarms import ring_alarms
from services.cases.use_cases.see_referral import see_referral
from services.cases.use_cases.send_referral import send_referral
from services.cases.use_cases.start_referral import start_referral
from services.cases.use_cases.sweep_attachments import sweep_attachments
from services.cases.use_cases.take_in_families import take_in_families
from services.cases.use_cases.write_letter import write_letter

__all__ = [
    "accept_referral",
    "add_disaster_site",
    "assign_referral",
    "attach_file",
    "break_glass",
    "cancel_referral",
    "change_rule",
    "close_case",
    "close_disaster",
    "complete_referral",
    "correct_referral",
    "count_heads",
    "declare_disaster",
    "dry_run_rules",
    "find_case",
    "hand_over",
    "hold_referral",
    "keep_outside_service",
    "move_case",
    "move_legs",
    "note_referral",
    "plan_referral",
    "rank_candidates",
    "read_attachment",
    "read_case",
    "read_referral",
    "recall_referral",
    "remember_beneficiary",
    "remember_worker",
    "reopen_case",
    "reroute_referral",
    "resend_referral",
    "resume_referral",
    "return_referral",
    "ring_alarms",
    "see_referral",
    "send_referral",
    "start_referral",
    "sweep_attachments",
    "take_in_families",
    "write_letter",
]
