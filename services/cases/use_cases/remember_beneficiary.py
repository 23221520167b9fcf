"""Remember what registry said of a beneficiary."""

from services.cases.storage import known
from shared.contracts.envelope import Event
from shared.contracts.registry import BeneficiaryState
from shared.database import Tx


async def remember_beneficiary(event: Event, tx: Tx) -> None:
    """Keep the newest place and sensitivity; a late older event changes nothing."""
    state = event.data
    assert isinstance(state, BeneficiaryState)
    await known.remember_beneficiary(
        tx,
        beneficiary_id=state.beneficiary_id,
        version=event.subjectversion,
        area=state.area,
        confidentiality=state.confidentiality,
        merged_into=state.merged_into,
    )
