"""What cases can do."""

from services.cases.use_cases.accept_referral import accept_referral
from services.cases.use_cases.complete_referral import complete_referral
from services.cases.use_cases.note_referral import note_referral
from services.cases.use_cases.plan_referral import plan_referral
from services.cases.use_cases.read_case import read_case
from services.cases.use_cases.read_referral import read_referral
from services.cases.use_cases.remember_beneficiary import remember_beneficiary
from services.cases.use_cases.remember_worker import remember_worker
from services.cases.use_cases.resend_referral import resend_referral
from services.cases.use_cases.return_referral import return_referral
from services.cases.use_cases.see_referral import see_referral
from services.cases.use_cases.send_referral import send_referral
from services.cases.use_cases.start_referral import start_referral

__all__ = [
    "accept_referral",
    "complete_referral",
    "note_referral",
    "plan_referral",
    "read_case",
    "read_referral",
    "remember_beneficiary",
    "remember_worker",
    "resend_referral",
    "return_referral",
    "see_referral",
    "send_referral",
    "start_referral",
]
