"""Forget a person whose record registry has anonymised."""

from services.cases.storage import forgetting
from services.cases.use_cases.remember_beneficiary import remember_beneficiary
from shared.contracts.envelope import Event
from shared.contracts.registry import BeneficiaryState
from shared.database import Tx


async def forget_beneficiary(event: Event, tx: Tx) -> None:
    """Keep where help was needed and what became of it, and no word about whom."""
    state = event.data
    assert isinstance(state, BeneficiaryState)
    await remember_beneficiary(event, tx)
    await forgetting.forget(tx, state.beneficiary_id, event.subjectversion)
