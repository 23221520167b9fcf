"""The faults of a short run leave nothing out."""

import pytest

from tests.chaos.faults import KINDS, plan

PROCESSES = ["cases", "cases-worker-0", "portal"]


@pytest.mark.parametrize("seconds", [5.0, 20.0])
@pytest.mark.parametrize("seed", range(20))
def test_every_plan_has_each_kind_of_fault_and_kills_every_process(
    seed: int, seconds: float
) -> None:
    faults = plan(seed, seconds, PROCESSES)
    assert {fault.kind for fault in faults} == set(KINDS)
    assert {fault.target for fault in faults if fault.kind == "kill"} == set(PROCESSES)
    assert faults == sorted(faults, key=lambda fault: fault.at) == plan(seed, seconds, PROCESSES)
    assert 0 <= faults[0].at <= faults[-1].at <= seconds
