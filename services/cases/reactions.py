"""What cases does when others speak."""

from typing import Final

from services.cases.use_cases.remember_beneficiary import remember_beneficiary
from services.cases.use_cases.remember_worker import remember_worker
from shared.contracts.directory import WorkerAbsent, WorkerChanged, WorkerJoined, WorkerLeft
from shared.contracts.registry import (
    BeneficiaryChanged,
    BeneficiaryMerged,
    BeneficiaryRegistered,
    BeneficiaryUnmerged,
)
from shared.messaging.inbox import Reactions

REACTIONS: Final[Reactions] = {
    WorkerJoined: remember_worker,
    WorkerChanged: remember_worker,
    WorkerAbsent: remember_worker,
    WorkerLeft: remember_worker,
    BeneficiaryRegistered: remember_beneficiary,
    BeneficiaryChanged: remember_beneficiary,
    BeneficiaryMerged: remember_beneficiary,
    BeneficiaryUnmerged: remember_beneficiary,
}
